import { Dice } from '../../faults/support/fleet/dice.ts';
import type { Role } from '../crew/seat.ts';
import { disturb, cutAt, reset, type NetworkState } from './network-faults.ts';
import { commandPoints, CUT_POINTS, killPoints, nameOf, type NamedPoint } from './operations.ts';
import { block, kill, killAt, stop, stopAt, terminate } from './process-faults.ts';
import { afflict, MOMENTARY, REDIS_FAULTS, type RedisFault } from './redis-faults.ts';
import type { Scene } from './scene.ts';

/** A fault that is going to be made, in words and as an act. */
export interface PlannedFault {
  readonly text: string;
  /** After the one before has begun. */
  readonly afterMs: number;
  readonly make: (scene: Scene) => Promise<void>;
}

type Drawn = Omit<PlannedFault, 'afterMs'>;

/** The names of the processes that there are, by what they do. */
export type Seats = Readonly<Record<Role, readonly string[]>>;

const STORM = { least: 2, most: 5 };
const GAP_MS = { least: 200, most: 1_500 };

/**
 * What happens in a run, storm by storm, without end. It comes from the seed alone: the same seed is the same plan, however
 * the run goes. Points with names are taken in turn, so that long runs meet all of them.
 */
export class Plan {
  readonly #dice: Dice;
  readonly #decks = new Map<string, NamedPoint[]>();
  readonly #kinds: readonly { readonly weight: number; readonly draw: () => Drawn }[];

  constructor(
    seed: number,
    private readonly seats: Seats,
    private readonly leaseMs: number,
  ) {
    this.#dice = Dice.of('the seed of a plan', seed);
    this.#kinds = [
      { weight: 10, draw: () => this.#process('kill', kill) },
      { weight: 26, draw: () => this.#killAt() },
      { weight: 6, draw: () => this.#stop() },
      { weight: 5, draw: () => this.#stopAt() },
      { weight: 5, draw: () => this.#block() },
      { weight: 6, draw: () => this.#process('terminate', terminate) },
      { weight: 14, draw: () => this.#cutAt() },
      { weight: 4, draw: () => this.#process('reset', reset) },
      { weight: 14, draw: () => this.#disturb() },
      { weight: 20, draw: () => this.#redis() },
    ];
  }

  /** The next storm. */
  storm(): PlannedFault[] {
    const count = this.#dice.between(STORM.least, STORM.most);
    return Array.from({ length: count }, () => ({
      afterMs: this.#dice.between(GAP_MS.least, GAP_MS.most),
      ...this.#draw(),
    }));
  }

  #draw(): Drawn {
    const total = this.#kinds.reduce((sum, { weight }) => sum + weight, 0);
    let at = this.#dice.below(total);
    const kind = this.#kinds.find(({ weight }) => (at -= weight) < 0);
    if (kind === undefined) throw new Error('the weights do not add up');
    return kind.draw();
  }

  /** Workers are hit more often than producers: they have more to lose. */
  #anyone(): string {
    return this.#dice.isIn(75) ? this.#dice.oneOf(this.seats.worker) : this.#dice.oneOf(this.seats.producer);
  }

  /** The next of all points of a kind, in an order of their own; all of them before one comes again. */
  #point(deck: string, all: () => NamedPoint[]): { readonly seat: string; readonly point: NamedPoint } {
    const left = this.#decks.get(deck) ?? [];
    if (left.length === 0) left.push(...this.#dice.shuffled(all()));
    this.#decks.set(deck, left);
    const point = left.pop();
    if (point === undefined) throw new Error(`there are no points of ${deck}`);
    return { seat: this.#dice.oneOf(this.seats[point.role]), point };
  }

  #process(text: string, make: (scene: Scene, seat: string) => Promise<void>): Drawn {
    const seat = this.#anyone();
    return { text: `${text} ${seat}`, make: (scene) => make(scene, seat) };
  }

  #killAt(): Drawn {
    const { seat, point } = this.#point('killAt', killPoints);
    return { text: `kill ${seat} at ${nameOf(point)}`, make: (scene) => killAt(scene, seat, point) };
  }

  #stopAt(): Drawn {
    const { seat, point } = this.#point('stopAt', () => commandPoints(['answered', 'sent', 'told']));
    const ms = this.#dice.between(this.leaseMs / 4, this.leaseMs * 2);
    return { text: `stop ${seat} at ${nameOf(point)} for ${ms} ms`, make: (scene) => stopAt(scene, seat, point, ms) };
  }

  #cutAt(): Drawn {
    const { seat, point } = this.#point('cutAt', () => commandPoints(CUT_POINTS));
    return { text: `cut ${seat} off at ${nameOf(point)}`, make: (scene) => cutAt(scene, seat, point) };
  }

  #stop(): Drawn {
    const [seat, ms] = [this.#anyone(), this.#dice.between(this.leaseMs / 8, this.leaseMs * 3)];
    return { text: `stop ${seat} for ${ms} ms`, make: (scene) => stop(scene, seat, ms) };
  }

  #block(): Drawn {
    const [seat, ms] = [this.#dice.oneOf(this.seats.worker), this.#dice.between(200, this.leaseMs * 2)];
    return { text: `block ${seat} for ${ms} ms`, make: (scene) => block(scene, seat, ms) };
  }

  #disturb(): Drawn {
    const [seat, ms] = [this.#anyone(), this.#dice.between(200, this.leaseMs * 2)];
    const state = this.#networkState();
    const text = `${Object.values(state).join(' ')} ${seat} for ${ms} ms`;
    return { text, make: (scene) => disturb(scene, seat, state, ms) };
  }

  #networkState(): NetworkState {
    const how = this.#dice.oneOf(['refuse', 'blackhole', 'half', 'silence', 'delay', 'chunk'] as const);
    if (how === 'delay') return { how, delayMs: this.#dice.between(5, 150), jitterMs: this.#dice.between(0, 150) };
    if (how === 'chunk') return { how, bytes: this.#dice.between(16, 128) };
    return { how };
  }

  #redis(): Drawn {
    const kind = this.#dice.oneOf(Object.keys(REDIS_FAULTS) as RedisFault[]);
    const ms = this.#dice.between(100, this.leaseMs * 1.5);
    const text = MOMENTARY.has(kind) ? `redis: ${kind}` : `redis: ${kind} for ${ms} ms`;
    return { text, make: (scene) => afflict(scene, kind, ms) };
  }
}
