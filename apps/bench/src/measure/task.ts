import type { PeerName } from '../peers/index.js';
import type { Costs } from '../result.js';
import type { Scenario } from '../scenarios/scenario.js';

/** What a child process is to measure; it travels as JSON. */
export interface Task {
  readonly peer: PeerName;
  readonly scenario: Scenario;
  /** Jobs that count; others are run before. */
  readonly jobs: number;
  readonly port: number;
  /** After so long, what was done by then is what counts. */
  readonly limitMs: number;
}

/** What a child process has measured. */
export interface Measurement {
  readonly settings: string;
  readonly outcome: Outcome;
}

/** What came out of a scenario. */
export interface Outcome {
  /** By the names in `FIGURES`. */
  readonly figures: Readonly<Record<string, number>>;
  readonly costs: Costs;
  /** A sentence about this figure, without the peer's name at its head. */
  readonly note?: string;
}

const WARM_UP_PART = 0.25;
const WARM_UP_JOBS = 3_000;

/**
 * Jobs that are run before what counts: a quarter as many, and where those are few, up to 3,000. Compiled code and grown
 * tables are what a process runs with from its second second on.
 */
export function warmUpOf(jobs: number): number {
  return Math.max(Math.ceil(WARM_UP_PART * jobs), Math.min(jobs, WARM_UP_JOBS));
}
