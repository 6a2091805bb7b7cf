import type { Lab } from './lab.js';

/** What is measured, and how it is called in the report. All but `endedMeanwhile`: the lower the better. */
export const FIGURES = Object.freeze({
  lost: 'acknowledged jobs that had not ended when patience did',
  failed: 'jobs that failed although their handler did not throw',
  twice: 'runs beyond those that the fault made necessary',
  storedTwice: 'jobs stored that nobody asked for',
  acceptedTwice: 'results accepted again',
  overLimit: 'runs at once beyond the limit',
  failures: 'attempts charged to the job',
  stalls: 'lost workers counted against the job',
  errors: 'calls that were refused',
  unanswered: 'calls that had not settled when patience ended',
  endedMeanwhile: 'of 10 jobs, ended while the fault lasted',
  settledMs: 'until the call settled (ms)',
  recoveryMs: 'until work went on (ms)',
  closeMs: 'until close() settled (ms)',
  exitMs: 'from close() until the process had exited by itself (ms)',
  forcedCloseMs: 'told not to wait: until close() settled (ms)',
  forcedExitMs: 'told not to wait: until the process had exited by itself (ms)',
} as const);

export type FigureName = keyof typeof FIGURES;

/** What a round gave; `null`: it did not happen before patience ended. */
export type Figures = Partial<Readonly<Record<FigureName, number | null>>>;

/** A fault, and what is looked at when it happens. The same for both sides. */
export interface FaultCase {
  /** Unique. */
  readonly name: string;
  readonly title: string;
  /** What is set up and which fault is made, in a sentence or two. */
  readonly setup: string;
  /** What documentation promises, or what else a reader must know. */
  readonly remark?: string;
  run(lab: Lab): Promise<Figures>;
}
