import type { KeeperConnection } from '../../redis/index.js';

/** What a lease keeper's thread is started with. */
export interface KeeperStart {
  readonly connection: KeeperConnection;
  /** Where the main thread counts its heartbeats. */
  readonly heartbeat: SharedArrayBuffer;
}

/** An epoch to keep. Everything shared is in memory that both threads see. */
export interface KeptEpoch {
  readonly number: number;
  readonly id: string;
  readonly base: string;
  readonly permit: SharedArrayBuffer;
  readonly table: SharedArrayBuffer;
  readonly blockedLimitMs: number;
}

/** A deadline that the keeper enforces where the main thread cannot. */
export interface KeptDeadline {
  readonly epoch: number;
  readonly place: number;
  /** The word of the hold: a later hold in the same place has another. */
  readonly word: number;
  readonly inMs: number;
  /** How the attempt ends then, as the exchange takes it. */
  readonly code: string;
}

/** What the main thread tells the keeper. */
export type ToKeeper =
  | ({ readonly type: 'keep' } & KeptEpoch)
  | { readonly type: 'forget'; readonly number: number }
  | ({ readonly type: 'deadline' } & KeptDeadline)
  | { readonly type: 'close' };

/** What the keeper tells the main thread. */
export type FromKeeper =
  | {
      readonly type: 'renewed';
      readonly epoch: number;
      readonly leaseMs: number;
      readonly pause: number;
      readonly bits: string;
      readonly taken: string;
    }
  | { readonly type: 'gone'; readonly epoch: number }
  | { readonly type: 'gaveBack'; readonly epoch: number; readonly count: number }
  | { readonly type: 'timedOut'; readonly epoch: number; readonly id: string; readonly token: string }
  | { readonly type: 'letGo'; readonly epoch: number; readonly blockedMs: number };
