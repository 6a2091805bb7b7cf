import type { Persistence } from '../result.js';

/** Scenarios of one group stand together in a report. */
export type Group =
  | 'Adding'
  | 'Working off'
  | 'With options'
  | 'Latency'
  | 'Memory'
  | 'Many jobs waiting'
  | 'Processes'
  | 'Growth'
  | 'NestJS'
  | 'Append-only file';

/** What not every library can do. */
export type Feature = 'priorities' | 'delays' | 'retries' | 'ids' | 'NestJS';

/** What a job is made of; see `drafts.ts`. */
export type JobKind = 'small' | 'large' | 'prioritised' | 'unique' | 'numbered' | 'delayed';

/** What a handler does; see `handlers.ts`. */
export type HandlerKind = 'nothing' | '1 ms' | '0–5 ms' | 'fails once';

/** Which completed jobs are kept: the newest 1,000 (Millrace's default), none, or all. */
export type Keep = 'default' | 'none' | 'all';

/** Adds jobs: jobs a second. */
export interface AddScenario {
  readonly method: 'add';
  /** Jobs that are measured, of Millrace and of each other: about a second's worth. */
  readonly jobs: number;
  readonly peerJobs: number;
  readonly kind: JobKind;
  /** Calls in flight. */
  readonly inFlight: number;
  /** Jobs a call: 1 for `add`. */
  readonly jobsPerCall: number;
}

/** Works off what was added before: jobs a second. */
export interface DrainScenario {
  readonly method: 'drain';
  readonly jobs: number;
  readonly peerJobs: number;
  readonly kind: JobKind;
  readonly handler: HandlerKind;
  readonly concurrency: number;
  readonly keep: Keep;
  /** Whether the handler is a method of a NestJS application. */
  readonly inNest: boolean;
  /** Among how many queues the jobs are spread; one worker serves all. */
  readonly queues: number;
  /** 0: in the process that measures. */
  readonly workerProcesses: number;
}

/** Jobs that are all due at the same moment: jobs a second, from then until the last has run. */
export interface DueScenario {
  readonly method: 'due';
  readonly jobs: number;
  readonly concurrency: number;
}

/** Adds at a fixed rate, or one now and then, and measures until the handler starts: p50 and p99 in ms. */
export interface LatencyScenario {
  readonly method: 'latency';
  /** `undefined`: the next one a while after the last has started. */
  readonly perSecond: number | undefined;
  readonly jobs: number;
  readonly concurrency: number;
}

/** How much memory a job takes in Redis: bytes. */
export interface MemoryScenario {
  readonly method: 'memory';
  readonly jobs: number;
  readonly kind: JobKind;
  /** Whether the jobs have run when the memory is looked at. */
  readonly completed: boolean;
}

/** Adds and works off at once, so that as many wait all the time: jobs a second. */
export interface BacklogScenario {
  readonly method: 'backlog';
  readonly waiting: number;
  readonly jobs: number;
  readonly concurrency: number;
}

export type Method = AddScenario | DrainScenario | DueScenario | LatencyScenario | MemoryScenario | BacklogScenario;

/** One thing to measure. */
export type Scenario = Method & {
  readonly title: string;
  readonly group: Group;
  readonly persistence: Persistence;
  /** What a peer has to be able to for taking part. */
  readonly needs: readonly Feature[];
  /** Whether a quick run has it. */
  readonly isQuick: boolean;
  /** Rounds of a full run, where it needs fewer than the others. */
  readonly rounds?: number;
  /** Whether it is about Millrace alone. */
  readonly isOwn?: boolean;
  /** Millrace itself, otherwise: measured as one more peer. */
  readonly against?: { readonly name: string; readonly change: Partial<BacklogScenario> | Partial<DrainScenario> };
};
