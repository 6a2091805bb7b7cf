/** What the processes of a run write into their histories, one JSON line each; the words of {@link Line}'s `op`. */

interface Written {
  /** By the machine's clock, which Redis and all processes of a run share; ms since 1970. */
  readonly at: number;
  readonly pid: number;
  /** Who: the seat of the process and its generation, such as `worker-2.5`. No two processes of a run have the same. */
  readonly by: string;
}

/** A producer is about to add a job. */
export interface Intent extends Written {
  readonly op: 'add';
  /** The name under which the producer knows the job; it is in the job's data. */
  readonly n: string;
  readonly queue: string;
  /** How the job shall end, unless one on which it depends fails; one with a deadline may pass it at each attempt. */
  readonly fate: 'completed' | 'failed' | 'late';
  /** It is in store with another job, and is added when that one fails for good. */
  readonly heirOf?: string;
  /** No earlier than this much after it was stored. */
  readonly delayMs?: number;
  /** Before those of a lower one. Default 0. */
  readonly priority?: number;
}

/** Redis has told a producer what became of an add. */
export interface Acknowledged extends Written {
  readonly op: 'added' | 'kept';
  readonly n: string;
  readonly queue: string;
  /** Of the job that was stored, or of that which was kept in its place. */
  readonly id: string;
}

/** An add was rejected: nothing was written (`refused`), or nobody knows (`unknown`). */
export interface Rejected extends Written {
  readonly op: 'refused' | 'unknown';
  readonly n: string;
  readonly queue: string;
  readonly detail: string;
}

/** A schedule was declared: each of its times is to have a job. */
export interface Scheduled extends Written {
  readonly op: 'schedule';
  /** The name in the data of all its jobs; their ids are `<n>@<time>`. */
  readonly n: string;
  readonly queue: string;
  readonly everyMs: number;
}

/** A producer is about to cancel a job, and was told what came of it. */
export interface CancelLine extends Written {
  readonly op: 'cancel' | 'cancelled';
  readonly id: string;
  readonly queue: string;
  readonly detail?: string;
}

/** What a worker did in a run of a job's handler. */
export interface RunLine extends Written {
  /**
   * `start` and `effect` (its side effect) of the handler; what the worker was then told of its end: `success`, `failure` or `lost`
   * (not its job any more).
   */
  readonly op: 'start' | 'effect' | 'success' | 'failure' | 'lost';
  readonly id: string;
  readonly queue: string;
  /** No two runs of a handler have the same. It is in what they return and throw. */
  readonly run: string;
  /** The name in the data of the job; of `start`, with what is wrong with the data. */
  readonly n?: string;
  readonly detail?: string;
}

/** A producer waited for the result of a job, and was told. */
export interface ResultLine extends Written {
  readonly op: 'result';
  readonly id: string;
  readonly queue: string;
  readonly run: string;
}

/**
 * What a process does as a whole: its program begins, it works, it has ended in good order, something was wrong that no test
 * expects.
 */
export interface StateLine extends Written {
  readonly op: 'born' | 'ready' | 'stopped' | 'wrong';
  readonly detail?: string;
}

/** A line of a run's histories. */
export type ChaosLine = Intent | Acknowledged | Rejected | Scheduled | CancelLine | RunLine | ResultLine | StateLine;
