/** How long a condition may take, and how often it is asked. */
export interface WaitOptions {
  /** Milliseconds until the wait fails. Default 20 000: a deadline is for what never comes, and the machine may be busy. */
  readonly timeoutMs?: number;
  /** Milliseconds between two questions. Default 10. */
  readonly intervalMs?: number;
}

/**
 * Waits until `condition` gives something truthy and returns it. A condition that throws counts as not yet true;
 * its last error is the cause of the error at the deadline. `what` completes the sentence "waited 20000 ms for …".
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  { timeoutMs = 20_000, intervalMs = 10 }: WaitOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** Rejects when `promise` has not settled after `timeoutMs`; `what` completes "waited 20000 ms for …". */
export async function within<T>(what: string, promise: Promise<T>, timeoutMs = 20_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms for ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
