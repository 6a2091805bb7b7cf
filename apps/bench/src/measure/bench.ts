import type { Setup } from '../peers/index.js';
import type { Scenario } from '../scenarios/scenario.js';
import type { Meter } from './meter.js';
import type { Task } from './task.js';

/** What a method of measuring works with. */
export interface Bench {
  readonly task: Task;
  readonly queue: string;
  readonly meter: Meter;
  readonly warmUp: number;
  readonly jobs: number;
  readonly limitMs: number;
  /** Bytes that Redis uses for data. */
  readonly usedMemory: () => Promise<number>;
}

const BULK = 1_000;

/** What the adapter has to know of a task. */
export function setupOf({ scenario, port }: Task, queue: string): Setup {
  return {
    port,
    queue,
    queues: scenario.method === 'drain' ? scenario.queues : 1,
    keep: scenario.method === 'drain' ? scenario.keep : scenario.method === 'memory' ? 'all' : 'default',
    inFlight: inFlightOf(scenario),
    hasDelays: scenario.method === 'due' || (scenario.method === 'memory' && scenario.kind === 'delayed'),
    hasRetries: scenario.method === 'drain' && scenario.handler === 'fails once',
  };
}

/** Calls that are under way together: at a rate, those of a millisecond. */
function inFlightOf(scenario: Scenario): number {
  if (scenario.method === 'add') return scenario.inFlight * scenario.jobsPerCall;
  if (scenario.method === 'latency') return Math.max(1, (scenario.perSecond ?? 0) / 1_000);
  return BULK;
}
