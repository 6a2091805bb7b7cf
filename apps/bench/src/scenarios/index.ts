import { ADDING } from './adding.js';
import { DRAINING } from './draining.js';
import type { Method, Scenario } from './scenario.js';
import type { Unit } from '../result.js';
import { WAITING } from './waiting.js';

/** All scenarios by name, in the order in which they are run. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = Object.freeze({ ...ADDING, ...DRAINING, ...WAITING });

/** What a measurement of a scenario comes to: one figure, or several. */
export interface Figure {
  /** Appended to the scenario's name and title. */
  readonly suffix: string;
  readonly unit: Unit;
  readonly better: 'higher' | 'lower';
}

const RATE: Readonly<Record<string, Figure>> = { rate: { suffix: '', unit: 'jobs/s', better: 'higher' } };

/** The figures of each method, by the names under which a measurement has them. */
export const FIGURES: Readonly<Record<Method['method'], Readonly<Record<string, Figure>>>> = Object.freeze({
  add: RATE,
  drain: RATE,
  due: RATE,
  backlog: RATE,
  latency: {
    p50: { suffix: 'p50', unit: 'ms', better: 'lower' },
    p99: { suffix: 'p99', unit: 'ms', better: 'lower' },
  },
  memory: { bytes: { suffix: '', unit: 'bytes', better: 'lower' } },
});
