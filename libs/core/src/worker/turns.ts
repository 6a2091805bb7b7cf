/** One queue of a worker, as its sharing of slots sees it. */
export interface Sharer {
  /** Free slots that it has asked jobs for, which are not here yet. */
  readonly claims: number;
  /** Whether it would ask for jobs if slots were left to it. */
  readonly isHungry: boolean;
  /** Starts the next job that may start; false if there is none. */
  startNext(): boolean;
  /** Sends what there is to send. */
  schedule(): void;
}

/**
 * Shares the slots of a worker among its queues: who started a job last is the last to start or to ask for another, and
 * nobody asks for slots that another has asked for already. So no queue starves, and the worker holds no more than it runs.
 */
export class Turns {
  /** Who has waited longest comes first. */
  #sharers: Sharer[] = [];
  #isPumping = false;

  add(sharer: Sharer): void {
    this.#sharers.push(sharer);
  }

  /** How many of the free slots are for others. */
  reservedFrom(sharer: Sharer): number {
    let reserved = 0;
    let isBefore = true;
    for (const other of this.#sharers) {
      if (other === sharer) isBefore = false;
      else if (other.claims > 0) reserved += other.claims;
      else if (isBefore && other.isHungry) reserved++;
    }
    return reserved;
  }

  /** Starts what can be started, a job of each queue in turn; then each asks for what it can use. */
  pump(): void {
    // A handler that ends at once frees its slot in the middle of this: the loop goes on, and is not entered again.
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#startOne());
    } finally {
      this.#isPumping = false;
    }
    for (const sharer of this.#sharers) sharer.schedule();
  }

  #startOne(): boolean {
    const starter = this.#sharers.find((sharer) => sharer.startNext());
    if (starter === undefined) return false;
    if (this.#sharers.length > 1) this.#sharers = [...this.#sharers.filter((sharer) => sharer !== starter), starter];
    return true;
  }
}
