import type { Clock, TimerOptions } from './clock.js';

/** How a sleep can be ended. */
export interface SleepOptions extends TimerOptions {
  /** Ends the sleep at once; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Resolves `ms` later by this clock. */
export function sleep(clock: Clock, ms: number, { signal, ...options }: SleepOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = (): void => {
      timer.clear();
      reject(signal?.reason as Error);
    };
    const timer = clock.setTimer(
      ms,
      () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
      options,
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
