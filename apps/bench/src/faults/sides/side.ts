/** A library under faults, as the cases see it. */
export type SideName = 'millrace' | 'bullmq';

/** The data of every job. */
export interface Work {
  /** Unique; a text by which the proxy finds the job's commands. */
  readonly key: string;
  /** How long its handler takes. */
  readonly ms: number;
}

export interface SideSetup {
  readonly port: number;
  /** `undefined`: the library's defaults. */
  readonly leaseMs: number | undefined;
}

/** A job as its library shows it. */
export interface JobLook {
  readonly state: string;
  /** Attempts that count as failed. */
  readonly failures: number;
  /** Lost workers that were charged to it. */
  readonly stalls: number;
}

/** What a child can be asked to do; every argument and result goes through JSON. */
export interface Calls {
  /** Adds a job, by an id of its own where one is given. Resolves with its id when it is stored. */
  add(work: Work, id?: string): Promise<string>;
  /** Starts a worker, and resolves when it takes jobs; with `isLate` at once. */
  work(concurrency: number, isLate?: boolean): Promise<void>;
  /** At most so many jobs at once, over all workers. */
  limit(concurrency: number): Promise<void>;
  /** Counts from now on how often each job is said to have completed. */
  watch(): Promise<void>;
  /** What {@link watch} has counted, by id. */
  completions(): Promise<Readonly<Record<string, number>>>;
  look(id: string): Promise<JobLook | undefined>;
  /** How many jobs are stored, in whichever state. */
  stored(): Promise<number>;
  /** Closes everything, as its documentation says; `isForced`: as it says for not waiting. */
  close(isForced?: boolean): Promise<void>;
}

/** An adapter. Its handler is given once, before anything else. */
export interface Side extends Calls {
  readonly settings: string;
}

export type SideMaker = (setup: SideSetup, handler: (work: Work) => Promise<string>) => Promise<Side>;
