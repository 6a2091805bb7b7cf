/** What a worker process runs: a `Worker`, or anything that starts, stops and pauses as one. */
export interface Runnable {
  /** Resolves when it runs. */
  start(): Promise<unknown>;
  /** Resolves when nothing runs any more; a `timeoutMs` of a later call shortens the wait of the first. */
  stop(options?: { readonly timeoutMs?: number }): Promise<unknown>;
  pause(): void;
  resume(): void;
  /** What it says of itself, for `millrace-worker status`. */
  health?(): unknown;
}

/** Several workers as one: they start, stop and pause together. */
export function together(...runnables: readonly Runnable[]): Runnable {
  const each = <T>(act: (one: Runnable) => T): T[] => runnables.map(act);
  return {
    start: () => Promise.all(each((one) => one.start())),
    stop: (options) => Promise.all(each((one) => one.stop(options))),
    pause: () => void each((one) => one.pause()),
    resume: () => void each((one) => one.resume()),
    health: () => each((one) => one.health?.()),
  };
}

const METHODS = ['start', 'stop', 'pause', 'resume'] as const satisfies readonly (keyof Runnable)[];

/** Whether a value can be run as a worker. */
export function isRunnable(value: unknown): value is Runnable {
  const candidate = Object(value) as Partial<Record<string, unknown>>;
  return METHODS.every((method) => typeof candidate[method] === 'function');
}
