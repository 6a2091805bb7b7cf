import { describe, expect, it } from '@jest/globals';
import { SystemClock } from '../clock/index.js';
import { silentLogger } from '../options/index.js';
import type { Sharer } from './precedence.js';
import { Slots } from './slots.js';
import { Turns } from './turns.js';

const SLOTS = 10;

/** Queues that each have one job, of a worker: how often they are looked at until all have run. */
class World {
  looks = 0;
  ran = 0;
  readonly slots = new Slots({ max: SLOTS, when: undefined }, new SystemClock(), silentLogger, () => {});
  readonly turns = new Turns('weighted', this.slots, new SystemClock());
  readonly #over: () => void;

  constructor(
    readonly size: number,
    over: () => void,
  ) {
    this.#over = over;
    const queues = Array.from({ length: size }, () => new OneJob(this));
    for (const queue of queues) this.turns.add(queue, 1);
    this.turns.pump();
  }

  ended(): void {
    this.slots.release();
    this.turns.pump();
    if (++this.ran === this.size) this.#over();
  }

  close(): void {
    this.turns.close();
    this.slots.close();
  }
}

class OneJob implements Sharer {
  #state: 'waits' | 'asked' | 'here' | 'over' = 'waits';
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  get claims(): number {
    return this.#state === 'asked' ? 1 : 0;
  }

  get isHungry(): boolean {
    return this.#is('waits');
  }

  get isAwaited(): boolean {
    return this.#is('waits', 'asked');
  }

  get isIdle(): boolean {
    return this.#is('over');
  }

  get isAsleep(): boolean {
    return this.#is('over');
  }

  get isReady(): boolean {
    return this.#is('here');
  }

  startNext(): boolean {
    if (!this.#is('here')) return false;
    this.#state = 'over';
    this.#world.slots.take();
    setImmediate(() => this.#world.ended());
    return true;
  }

  ask(): void {
    if (!this.#is('waits')) return;
    const { slots, turns } = this.#world;
    if (slots.free - turns.reservedFrom(this) <= 0) return;
    this.#state = 'asked';
    setImmediate(() => {
      this.#state = 'here';
      turns.pump();
    });
  }

  schedule(): void {}

  #is(...states: string[]): boolean {
    this.#world.looks++;
    return states.includes(this.#state);
  }
}

async function looksPerJob(size: number): Promise<number> {
  let world: World | undefined;
  await new Promise<void>((resolve) => (world = new World(size, resolve)));
  world!.close();
  return world!.looks / size;
}

describe('the turns of many queues', () => {
  it('look at no more of them for a job, however many have some [case:L4]', async () => {
    const [few, many] = [await looksPerJob(500), await looksPerJob(2_000)];
    expect(many).toBeLessThan(1.5 * few);
  });
});
