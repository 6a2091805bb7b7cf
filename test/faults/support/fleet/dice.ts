/** Random numbers that can be had again: name the seed in the environment variable. */
export class Dice {
  #state: number;

  private constructor(
    private readonly variable: string,
    private readonly seed: number,
  ) {
    this.#state = seed;
  }

  /** With the seed in `variable`, or a new one. */
  static fromEnvironment(variable: string): Dice {
    const given = process.env[variable];
    return new Dice(variable, given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given));
  }

  /** With this seed; `name` tells in a message what it is the seed of. */
  static of(name: string, seed: number): Dice {
    return new Dice(name, seed);
  }

  /** A whole number from 0 to `bound` − 1. */
  below(bound: number): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True in so many of a hundred times. */
  isIn(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** One of them. */
  oneOf<T>(items: readonly T[]): T {
    const found = items[this.below(items.length)];
    if (found === undefined) throw new Error('nothing to choose from');
    return found;
  }

  /** All of them, in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return items.map(() => left.splice(this.below(left.length), 1)[0] as T);
  }

  /** How to have the same again. */
  toString(): string {
    return `${this.variable}=${this.seed}`;
  }
}
