import { ANY_NAME, type ResolvedHandler } from '../options/index.js';
import { membersOf, type Hold } from './hold.js';

/**
 * Whether a job that stalled before runs in this worker. Such jobs may have killed their process: they run one at a time, so
 * that a killer is found alone and its neighbours are not charged with it.
 */
export class StalledRun {
  isOn = false;
}

/**
 * Jobs that are held and have not started, in the order in which they were leased. One that may not start yet (its
 * handler is at its bound, or another job that stalled before runs) steps aside and lets others pass.
 */
export class HoldBuffer {
  readonly #handlers: ReadonlyMap<string, ResolvedHandler>;
  readonly #stalledRun: StalledRun;
  readonly #isBounded: boolean;
  readonly #running = new Map<ResolvedHandler, number>();
  readonly #aside = new Map<ResolvedHandler | 'stalled', Hold[]>();
  #queue: Hold[] = [];
  #head = 0;
  #asideCount = 0;

  /** @param stalledRun shared by the queues of the worker */
  constructor(handlers: ReadonlyMap<string, ResolvedHandler>, stalledRun: StalledRun) {
    this.#handlers = handlers;
    this.#stalledRun = stalledRun;
    this.#isBounded = [...handlers.values()].some(({ concurrency }) => concurrency !== undefined);
  }

  get size(): number {
    return this.#queue.length - this.#head + this.#asideCount;
  }

  handlerOf(name: string): ResolvedHandler | undefined {
    return this.#handlers.get(name) ?? this.#handlers.get(ANY_NAME);
  }

  push(hold: Hold): void {
    this.#queue.push(hold);
  }

  /** The next job that may start now; it counts as running until {@link ended}. */
  next(): Hold | undefined {
    for (;;) {
      const hold = this.#fromAside() ?? this.#fromQueue();
      if (hold === undefined) return undefined;
      const obstacle = this.#obstacle(hold);
      if (obstacle === undefined) {
        this.#started(hold);
        return hold;
      }
      this.#stepAside(obstacle, hold);
    }
  }

  /** A job that `next` gave has ended, or one of its batch. */
  ended(hold: Hold): void {
    if (hold.unit !== undefined && !hold.unit.ended()) return;
    if (isStalled(hold)) this.#stalledRun.isOn = false;
    if (!this.#isBounded) return;
    const handler = this.handlerOf(hold.envelope.name);
    if (handler !== undefined) this.#running.set(handler, (this.#running.get(handler) ?? 1) - 1);
  }

  /** When the oldest of them was leased, by the clock of the process; `Infinity` if there is none. */
  get oldestAt(): number {
    let oldest = this.#queue[this.#head]?.leasedAt ?? Infinity;
    for (const [first] of this.#aside.values()) oldest = Math.min(oldest, first?.leasedAt ?? Infinity);
    return oldest;
  }

  /** Takes out everything, the jobs of batches one by one. */
  drain(): Hold[] {
    return this.#drain().flatMap(membersOf);
  }

  #drain(): Hold[] {
    const all = [...this.#aside.values()].flat().concat(this.#queue.slice(this.#head));
    this.#aside.clear();
    this.#asideCount = 0;
    this.#queue = [];
    this.#head = 0;
    return all;
  }

  /** Takes out those that match. */
  remove(matches: (hold: Hold) => boolean): Hold[] {
    const removed: Hold[] = [];
    for (const hold of this.#drain()) {
      const left = membersOf(hold).filter((member) => !matches(member));
      removed.push(...membersOf(hold).filter(matches));
      if (hold.unit !== undefined) hold.unit.members = left;
      // Of a batch, the first that is left stands for it.
      if (left[0] !== undefined) this.push(left[0]);
    }
    return removed;
  }

  /** Everything that waits, the jobs of batches one by one. */
  *[Symbol.iterator](): Generator<Hold> {
    for (const holds of this.#aside.values()) for (const hold of holds) yield* membersOf(hold);
    for (let i = this.#head; i < this.#queue.length; i++) yield* membersOf(this.#queue[i]!);
  }

  #fromQueue(): Hold | undefined {
    if (this.#head === this.#queue.length) return undefined;
    const hold = this.#queue[this.#head++]!;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    return hold;
  }

  #fromAside(): Hold | undefined {
    if (this.#asideCount === 0) return undefined;
    for (const [key, holds] of this.#aside) {
      if (holds.length === 0 || this.#isBlocked(key)) continue;
      this.#asideCount--;
      return holds.shift();
    }
    return undefined;
  }

  #obstacle(hold: Hold): ResolvedHandler | 'stalled' | undefined {
    if (isStalled(hold) && this.#isBlocked('stalled')) return 'stalled';
    if (!this.#isBounded) return undefined;
    const handler = this.handlerOf(hold.envelope.name);
    return handler !== undefined && this.#isBlocked(handler) ? handler : undefined;
  }

  #isBlocked(key: ResolvedHandler | 'stalled'): boolean {
    if (key === 'stalled') return this.#stalledRun.isOn;
    return (this.#running.get(key) ?? 0) >= (key.concurrency ?? Infinity);
  }

  #started(hold: Hold): void {
    if (isStalled(hold)) this.#stalledRun.isOn = true;
    if (!this.#isBounded) return;
    const handler = this.handlerOf(hold.envelope.name);
    if (handler !== undefined) this.#running.set(handler, (this.#running.get(handler) ?? 0) + 1);
  }

  #stepAside(key: ResolvedHandler | 'stalled', hold: Hold): void {
    const holds = this.#aside.get(key) ?? [];
    this.#aside.set(key, holds);
    holds.push(hold);
    this.#asideCount++;
  }
}

function isStalled(hold: Hold): boolean {
  return hold.header.stalls > 0;
}
