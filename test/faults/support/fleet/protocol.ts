/** What a worker process of a test works with. */
export interface ProcessSettings {
  readonly url: string;
  readonly prefix: string;
  /** The folder of the history. */
  readonly folder: string;
  readonly leaseMs: number;
  /** @default 10 */
  readonly concurrency?: number;
  /** @default adaptive */
  readonly prefetch?: number;
  readonly commandTimeoutMs?: number;
}

/** What a worker process is told. */
export type Order =
  | { readonly type: 'work'; readonly queue: string }
  /** Ends the handlers `hold` that wait, and those that come. */
  | { readonly type: 'release' }
  | { readonly type: 'health' }
  /** Ends the lease keeper's thread: at once, or by a message on which it crashes. */
  | { readonly type: 'end-keeper'; readonly how: 'terminate' | 'crash' };

/** How a worker process is. */
export interface ProcessHealth {
  readonly keeper: string | undefined;
  readonly epoch: string | undefined;
  readonly running: number;
  readonly buffered: number;
}

/** What a worker process says. */
export type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'working'; readonly queue: string }
  | ({ readonly type: 'health' } & ProcessHealth);
