import type { KeeperConnection } from '../../redis/index.js';

/** What a lease keeper's thread is started with. */
export interface KeeperStart {
  readonly connection: KeeperConnection;
  /** Where the main thread shows that it lives. */
  readonly heartbeat: SharedArrayBuffer;
}

/** An epoch to keep. Everything shared is in memory that both threads see. */
export interface KeptEpoch {
  readonly number: number;
  readonly id: string;
  /** The name of the queue. */
  readonly queue: string;
  readonly base: string;
  /** What the worker asked for; holds where the queue's configuration says nothing. */
  readonly leaseMs: number;
  readonly permit: SharedArrayBuffer;
  readonly calls: SharedArrayBuffer;
  readonly table: SharedArrayBuffer;
  readonly blockedLimitMs: number;
}

/** What the main thread tells the keeper. */
export type ToKeeper =
  | ({ readonly type: 'keep' } & KeptEpoch)
  | { readonly type: 'forget'; readonly number: number }
  /** Renew now: the answer tells of a pause, or of runs taken away. */
  | { readonly type: 'look'; readonly number: number }
  | { readonly type: 'close' };

/** What the keeper's thread says first: from now on it hears. */
export interface KeeperReady {
  readonly type: 'ready';
}

/** What the keeper tells the main thread. */
export type FromKeeper =
  | Renewed
  | { readonly type: 'gone'; readonly epoch: number }
  | { readonly type: 'gaveBack'; readonly epoch: number; readonly count: number }
  | TimedOut
  /** Redis refuses to renew the lease; told once, until it does again. */
  | { readonly type: 'refused'; readonly epoch: number; readonly reason: string }
  | { readonly type: 'letGo'; readonly epoch: number; readonly blockedMs: number }
  /** Its thread has died, and another keeper goes on: what it had not told yet nobody tells. */
  | { readonly type: 'died'; readonly epoch: number };

/** The lease was renewed, and Redis told of the queue and of runs taken away. */
export interface Renewed {
  readonly type: 'renewed';
  readonly epoch: number;
  readonly pause: number;
  readonly bits: string;
  readonly taken: string;
}

/** The keeper has ended an attempt at its deadline. */
export interface TimedOut {
  readonly type: 'timedOut';
  readonly epoch: number;
  readonly id: string;
  readonly token: string;
  /** `undefined`: no answer came, and nobody knows. */
  readonly isAccepted: boolean | undefined;
}
