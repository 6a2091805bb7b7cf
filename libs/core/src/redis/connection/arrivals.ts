/** Returns whether it asks for jobs now. */
type Listener = () => boolean;

/**
 * Tells workers of a process that it is adding jobs to their queues. A call that is made at once, on the same connection,
 * runs after the one that adds: so a job starts one way to Redis and back after it was added, and not two.
 */
export class Arrivals {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** @param base the base key of the queue */
  on(base: string, listener: Listener): void {
    const listeners = this.#listeners.get(base) ?? new Set();
    this.#listeners.set(base, listeners.add(listener));
  }

  off(base: string, listener: Listener): void {
    const listeners = this.#listeners.get(base);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#listeners.delete(base);
  }

  /** Jobs are on their way to the queue: the first who asks for them does, and nobody else. */
  tell(base: string): void {
    for (const listener of this.#listeners.get(base) ?? []) if (listener()) return;
  }
}
