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
  /** It holds nothing, waits for nothing and has nothing to send. Before that changes it is roused; see {@link Turns}. */
  readonly isAsleep: boolean;
  /** It holds jobs that have not started, whether they may start now or not. */
  readonly isReady: boolean;
  /** Starts the next job that may start; false if there is none. */
  startNext(): boolean;
  /** Sends what there is to send, now. */
  ask(): void;
  /** The same at the end of this tick. */
  schedule(): void;
}

/** Says which queue of a worker comes first. */
export interface Precedence {
  /** All that are not asleep, in one array that changes. Who comes first is first. */
  readonly sharers: readonly Sharer[];
  add(sharer: Sharer, weight: number): void;
  /** It falls asleep: nothing is asked of it until it is roused. */
  asleep(sharer: Sharer): void;
  /** It is in its place again, if it was asleep. */
  roused(sharer: Sharer): void;
  /** A job of it was started. */
  started(sharer: Sharer): void;
  /** It was passed by, for it has no jobs: it earns nothing by that. */
  idled(sharer: Sharer): void;
  /** Of two that are not asleep; false of those that are equal. */
  isBefore(sharer: Sharer, other: Sharer): boolean;
  /** Whether it may start a job although one that comes before it waits for an answer. */
  mayPass(sharer: Sharer, awaited: Sharer): boolean;
  /**
   * How many of so many free slots it has to leave to others.
   *
   * @param front how many of those that are hungry share them at most: the first
   */
  reservedFrom(sharer: Sharer, free: number, front: number): number;
  /** Slots were taken or freed, or jobs asked for have come. */
  changed(): void;
}

/** A fixed order: who is behind gets what those before it do not want. */
export class ByRank implements Precedence {
  readonly sharers: Sharer[] = [];
  readonly #rankOf = new Map<Sharer, number>();
  readonly #sleepers = new Set<Sharer>();

  add(sharer: Sharer): void {
    this.#rankOf.set(sharer, this.#rankOf.size);
    this.sharers.push(sharer);
  }

  asleep(sharer: Sharer): void {
    this.#sleepers.add(sharer);
    this.sharers.splice(this.sharers.indexOf(sharer), 1);
  }

  roused(sharer: Sharer): void {
    if (!this.#sleepers.delete(sharer)) return;
    const before = this.sharers.findLastIndex((other) => this.isBefore(other, sharer));
    this.sharers.splice(before + 1, 0, sharer);
  }

  started(): void {}

  idled(): void {}

  isBefore(sharer: Sharer, other: Sharer): boolean {
    return this.#rankOf.get(sharer)! < this.#rankOf.get(other)!;
  }

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
