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
