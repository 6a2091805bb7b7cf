import type { Ending } from './leaving.js';

/** An exchange as a worker puts it together. */
export interface ExchangeCall {
  readonly slot: string;
  readonly seq: number;
  readonly want: number;
  readonly park: number;
  readonly received: number;
  readonly ends: readonly (readonly [id: string, token: string, end: Ending])[];
}

/** What a worker process knows of one queue: what its calls were answered. */
export interface Client {
  readonly worker: number;
  readonly queue: number;
  readonly epoch: string;
  /** Slot -> number of its last call. */
  readonly seqs: Map<string, number>;
  /** Slot -> number of the last call whose answer came. */
  readonly settled: Map<string, number>;
  /** Slot -> the call that it has to send again, for no answer came. */
  readonly unanswered: Map<string, ExchangeCall>;
  /** Jobs that it was handed and has not given back, by id. */
  readonly knows: Map<string, string>;
  /** The last number of `taken` that it has seen. */
  received: number;
}

/** A worker that has just chosen the name of its epoch. */
export function newClient(worker: number, queue: number, epoch: string): Client {
  return {
    worker,
    queue,
    epoch,
    seqs: new Map(),
    settled: new Map(),
    unanswered: new Map(),
    knows: new Map(),
    received: 0,
  };
}
