/** What Redis did to jobs, as its append-only file has it: the truth that nobody else was needed to write down. */
interface Entry {
  /** The place in the order of all that was done; what one script did has one place. */
  readonly turn: number;
  /** By the clock of Redis; ms since 1970. Where a write says no time, that of the one before. */
  readonly at: number;
  readonly queue: string;
}

/** An epoch was opened by a worker. */
export interface Opened extends Entry {
  readonly type: 'opened';
  readonly epoch: string;
  /** The name of the worker. */
  readonly by: string;
}

/** An epoch is over: closed, or past its lease. */
export interface Closed extends Entry {
  readonly type: 'closed';
  readonly epoch: string;
}

/** A job was stored. */
export interface Stored extends Entry {
  readonly type: 'stored';
  readonly id: string;
  /** How its producer knows it; from its data. */
  readonly n: string;
  readonly delayMs?: number;
  readonly group?: string;
  /** The key that it holds until it has ended. */
  readonly key?: string;
  /** How much it uses of the one resource. */
  readonly gpus?: number;
  readonly dependsOn?: readonly string[];
}

/** A job was leased to an epoch. */
export interface Leased extends Entry {
  readonly type: 'leased';
  readonly id: string;
  readonly epoch: string;
  readonly token: string;
}

/** A job left an epoch: it ended, or it is to be tried again (with the run that said so), or it went back. */
export interface Left extends Entry {
  readonly type: 'left';
  readonly id: string;
  readonly epoch: string;
  readonly how: 'ended' | 'retry' | 'back';
  readonly run?: string;
  /** When it may be tried again. */
  readonly dueAt?: number;
}

/** A job has a place in its group, or has it no more. */
export interface Placed extends Entry {
  readonly type: 'placed' | 'displaced';
  readonly id: string;
  readonly group: string;
}

/** A job ended, from an epoch or without a run. */
export interface Ended extends Entry {
  readonly type: 'ended';
  readonly id: string;
  readonly letter: string;
  readonly run?: string;
  /** Of an end that the core itself decided: `stalled`, `dependency` … */
  readonly kind?: string;
}

/** A job that had ended was deleted, or lives again. */
export interface Gone extends Entry {
  readonly type: 'deleted' | 'revived';
  readonly id: string;
}

export type LedgerEntry = Opened | Closed | Stored | Leased | Left | Placed | Ended | Gone;
