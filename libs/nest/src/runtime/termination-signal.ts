const SIGNAL = 'SIGTERM';

type Drain = () => Promise<unknown>;

const drains = new Set<Drain>();

/**
 * Drains workers when the process is told to end and nobody else listens. Nest does so only after
 * `app.enableShutdownHooks()`; without it a deploy would leave running jobs behind, which counts as a stall.
 *
 * @returns takes the drain back
 */
export function drainOnTermination(drain: Drain): () => void {
  if (drains.size === 0) process.once(SIGNAL, terminate);
  drains.add(drain);
  return () => {
    drains.delete(drain);
    if (drains.size === 0) process.off(SIGNAL, terminate);
  };
}

/** Whether nothing but {@link drainOnTermination} hears the signal. */
export function isAloneWithTermination(): boolean {
  return drains.size > 0 && process.listeners(SIGNAL).every((listener) => listener === terminate);
}

function terminate(): void {
  // Whoever else listens decides how the process ends; Nest then drains through the lifecycle.
  if (process.listenerCount(SIGNAL) > 0) return;
  const drained = Promise.allSettled([...drains].map((drain) => drain()));
  void drained.then(() => process.kill(process.pid, SIGNAL));
}
