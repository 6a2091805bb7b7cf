import type { Content, Dump } from './dump.js';

const FIXED = [
  'q',
  'j',
  'm',
  'o',
  'e',
  'r',
  'rf',
  'pp',
  'pn',
  'd',
  't',
  'b',
  'dq',
  'L',
  'i',
  'ws',
  'wk',
  'un',
  'aw',
  'ids',
  'l',
  'lz',
  'ev',
  'fc',
  'x',
  'tc',
  'tk',
  'uk',
  'uz',
  'sc',
  'sn',
  'sp',
  'si',
  'rl',
  'rm',
  'ru',
  'rn',
  'wr',
  'sd',
  'sm',
  'mi',
  'fg',
  'fk',
  'ag',
  'af',
  'ao',
  'ad',
  'gl',
  'gn',
  'gw',
  'gd',
  'gc',
  'gz',
];
const PREFIXED = [
  'h',
  'u',
  'f',
  'y',
  's',
  'tg',
  'dl',
  'dd',
  'df',
  'dr',
  'dx',
  'rw',
  'g',
  'gs',
  'gr',
  'sh',
  'st',
  'fe',
  'hs',
  'ab',
];

/** The keys of a queue, read by their suffixes; a key that is not there is empty. */
export class Keyspace {
  readonly #dump: Dump;

  constructor(dump: Dump) {
    this.#dump = dump;
  }

  hash(suffix: string): Record<string, string> {
    return (this.#dump[suffix] ?? {}) as Record<string, string>;
  }

  /** Member -> score. */
  sorted(suffix: string): Record<string, number> {
    return (this.#dump[suffix] ?? {}) as Record<string, number>;
  }

  members(suffix: string): readonly string[] {
    return (this.#dump[suffix] ?? []) as readonly string[];
  }

  has(suffix: string): boolean {
    return this.#dump[suffix] !== undefined;
  }

  /** What follows `h:` in `h:<epoch>`, and so on. */
  namesUnder(prefix: string): string[] {
    return Object.keys(this.#dump)
      .filter((key) => key.startsWith(`${prefix}:`))
      .map((key) => key.slice(prefix.length + 1));
  }

  get meta(): Record<string, string> {
    return this.hash('q');
  }

  unknownKeys(): string[] {
    const isKnown = (key: string): boolean => FIXED.includes(key) || PREFIXED.includes(key.split(':', 1)[0] ?? '');
    return Object.keys(this.#dump)
      .filter((key) => !isKnown(key))
      .map((key) => `the key ${key} belongs to nothing`);
  }

  entries(): [string, Content | undefined][] {
    return Object.entries(this.#dump);
  }
}
