/** A queue library under measurement. Every figure comes from the same calls. */
export interface Peer {
  readonly name: string;
  /** How it was configured, for the report. */
  readonly settings: string;
  /** Connects, and prepares an empty queue. */
  open(port: number, queue: string): Promise<void>;
  /** Adds one job; resolves when it is stored. */
  add(data: object): Promise<unknown>;
  /** Adds jobs in whichever way is fastest for many. */
  addMany(data: object, count: number): Promise<unknown>;
  /** Starts a worker with a handler that does nothing but call `done`. */
  work(concurrency: number, done: () => void): Promise<void>;
  close(): Promise<void>;
}

/** The peers by name; each module is loaded only in the process that measures it. */
export const PEERS = Object.freeze({
  millrace: async (): Promise<Peer> => new (await import('./millrace.js')).Millrace(),
  bullmq: async (): Promise<Peer> => new (await import('./bullmq.js')).BullMq(),
});

export type PeerName = keyof typeof PEERS;
