import type { Draft } from '../scenarios/drafts.js';
import type { Handler } from '../scenarios/handlers.js';
import type { Keep } from '../scenarios/scenario.js';

/** What an adapter has to know for setting up its library in the best way. */
export interface Setup {
  readonly port: number;
  readonly queue: string;
  /** More than one only for Millrace: queues called after it, with a number. */
  readonly queues: number;
  readonly keep: Keep;
  /** How many jobs are on their way into the queue at a time. */
  readonly inFlight: number;
  /** Whether jobs have a moment before which they must not run. */
  readonly hasDelays: boolean;
  /** Whether handlers fail; such jobs run again at once. */
  readonly hasRetries: boolean;
}

/** A queue library under measurement. Every figure comes from the same calls; its process ends with the measurement. */
export interface Peer {
  /** How it is configured, for the report. */
  readonly settings: string;
  /** Connects, and prepares an empty queue. */
  open(setup: Setup): Promise<void>;
  /** Adds one job; resolves when it is stored. */
  add(draft: Draft): Promise<unknown>;
  /** Adds jobs in whichever way is fastest for many; resolves when all are stored. */
  addMany(drafts: readonly Draft[]): Promise<unknown>;
  /** Starts a worker; resolves when it takes jobs. */
  work(concurrency: number, handler: Handler): Promise<void>;
}
