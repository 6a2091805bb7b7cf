import type { Clock } from '../clock/index.js';
import type { Permit, Stamp } from './permit.js';

/**
 * The time as it was at the first look in this tick. For what is only weighed, as who of a hundred queues is about to ask
 * for jobs: reading two clocks for each of them at each start took an eighth of the time. Whatever starts or sends
 * something reads the clocks itself.
 */
export class Glance {
  readonly #clock: Clock;
  #stamp: Stamp | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** By the clocks of this permit, which are those of all permits of a process. */
  by(permit: Permit): Stamp {
    if (this.#stamp !== undefined) return this.#stamp;
    this.#clock.tick(() => (this.#stamp = undefined));
    return (this.#stamp = permit.stamp());
  }
}
