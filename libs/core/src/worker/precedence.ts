/** One queue of a worker, as its sharing of slots sees it. */
export interface Sharer {
  /** Free slots that it has asked jobs for, which are not here yet. */
  readonly claims: number;
  /** Whether it would ask for jobs if slots were left to it. */
  readonly isHungry: boolean;
  /** Jobs that it asked for may come any moment, or it is about to ask. */
  readonly isAwaited: boolean;
  /** It has nothing to start, and nothing is on its way. */
  readonly isIdle: boolean;
  /** Starts the next job that may start; false if there is none. */
  startNext(): boolean;
  /** Sends what there is to send, now. */
  ask(): void;
  /** The same at the end of this tick. */
  schedule(): void;
}

/** Says which queue of a worker comes first. */
export interface Precedence {
  /** Who comes first is first. */
  readonly sharers: readonly Sharer[];
  add(sharer: Sharer, weight: number): void;
  /** A job of it was started. */
  started(sharer: Sharer): void;
  /** It was passed by, for it has no jobs: it earns nothing by that. */
  idled(sharer: Sharer): void;
  /** Whether it may start a job although one that comes before it waits for an answer. */
  mayPass(sharer: Sharer, awaited: Sharer): boolean;
  /** How many of so many free slots it has to leave to others. */
  reservedFrom(sharer: Sharer, free: number): number;
  /** Slots were taken or freed, or jobs asked for have come. */
  changed(): void;
}

/** A fixed order: who is behind gets what those before it do not want. */
export class ByRank implements Precedence {
  readonly sharers: Sharer[] = [];

  add(sharer: Sharer): void {
    this.sharers.push(sharer);
  }

  started(): void {}

  idled(): void {}

  mayPass(): boolean {
    return false;
  }

  changed(): void {}

  reservedFrom(sharer: Sharer, _free: number): number {
    let reserved = 0;
    for (const other of this.sharers) {
      if (other === sharer) break;
      // What it would take ahead would only wait behind the other's jobs.
      if (other.isHungry) return Infinity;
      reserved += other.claims;
    }
    return reserved;
  }
}
