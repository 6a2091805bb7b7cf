import type { RedisServer } from '../../support/redis.ts';
import type { Seat } from '../crew/seat.ts';
import type { FaultSpan } from '../verdict/evidence.ts';

/** What the nemesis can lay hands on, and what it has done. */
export class Scene {
  readonly faults: FaultSpan[] = [];
  /** The named points that were met, by the name of the fault and theirs. */
  readonly met = new Set<string>();
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(
    readonly redis: RedisServer,
    readonly seats: readonly Seat[],
    readonly leaseMs: number,
  ) {}

  seat(name: string): Seat {
    const found = this.seats.find((seat) => seat.name === name);
    if (found === undefined) throw new Error(`there is no seat ${name}`);
    return found;
  }

  /**
   * Whether a fault of this length can cost a worker its lease, which is renewed at a third of it: what is over before, it has
   * to survive.
   */
  canTakeLease(ms: number): boolean {
    return ms > this.leaseMs / 3;
  }

  /** One fault at a time for each thing that has them: a server that is down cannot be frozen as well. */
  async exclusively<T>(what: string, act: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(what) ?? Promise.resolve();
    const now = before.then(act);
    this.#busy.set(
      what,
      now.catch(() => undefined),
    );
    return now;
  }

  /** Makes a fault and writes it down, from its begin to its end. */
  async make(fault: Omit<FaultSpan, 'from' | 'to'>, act: () => Promise<unknown>): Promise<void> {
    const span = { ...fault, from: Date.now(), to: Infinity };
    this.faults.push(span);
    try {
      await act();
    } finally {
      span.to = Date.now();
    }
  }
}
