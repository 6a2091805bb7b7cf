/** A worker of this process, as one that could take the jobs which the process adds. */
export interface Taker {
  /** How many jobs it would take; 0 while it has enough. */
  readonly wants: number;
  /** Jobs are on their way, and nobody else is told of as many as it wants: it asks for them now. */
  take(): void;
}

/**
 * Brings jobs that a process adds to the workers of that process. A call that is made at once, on the same connection,
 * runs after the one that adds: so a job starts one way to Redis and back after it was added, and not two.
 */
export class Arrivals {
  readonly #takers = new Map<string, Set<Taker>>();

  /** @param base the base key of the queue */
  on(base: string, taker: Taker): void {
    const takers = this.#takers.get(base) ?? new Set();
    this.#takers.set(base, takers.add(taker));
  }

  off(base: string, taker: Taker): void {
    const takers = this.#takers.get(base);
    takers?.delete(taker);
    if (takers?.size === 0) this.#takers.delete(base);
  }

  /** Who would take jobs of the queue now. */
  taker(base: string): Taker | undefined {
    for (const taker of this.#takers.get(base) ?? []) if (taker.wants > 0) return taker;
    return undefined;
  }
}
