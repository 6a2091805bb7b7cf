/** What a process of a run is started with, as JSON in its one argument. */
export interface ChaosSettings {
  /** Of the proxy in front of Redis. */
  readonly url: string;
  readonly prefix: string;
  /** The folder of the history. */
  readonly folder: string;
  /** Who it is in its lines. */
  readonly label: string;
  /** Of the jobs that a producer makes. */
  readonly seed: number;
  readonly leaseMs: number;
  readonly commandTimeoutMs: number;
}

/** A place in the program of a worker or a producer at which it can be killed. */
export type ProgramPoint = 'handler-start' | 'after-effect' | 'mid-batch' | 'between-adds';

/** What a process of a run is told. */
export type ChaosOrder =
  /** Blocks the event loop. */
  | { readonly type: 'block'; readonly ms: number }
  /** Kills itself with SIGKILL when it comes to this place the next time. */
  | { readonly type: 'die'; readonly at: ProgramPoint }
  /** Does not die there after all. */
  | { readonly type: 'live' };
