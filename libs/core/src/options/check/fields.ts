import { InvalidOptionError, UnknownOptionError, type Where } from '../../errors/index.js';

/** Checks the value of one option and returns what inner code works with. */
export type Check<T> = (value: unknown, path: string, where: Where) => T;

/** The options of one kind: their names and checks, and what to say of names that other queues use. */
export interface FieldTable<T> {
  readonly checks: ReadonlyMap<string, Check<unknown>>;
  readonly names: readonly string[];
  readonly hints: ReadonlyMap<string, string>;
  /** Never present: carries the type of the result. */
  readonly result?: T;
}

/** Makes a table of a check for each option of `T`. */
export function fieldTable<T>(
  checks: { readonly [K in keyof T]-?: Check<Exclude<T[K], undefined>> },
  hints: ReadonlyMap<string, string> = new Map(),
): FieldTable<T> {
  return Object.freeze({ checks: new Map(Object.entries<Check<unknown>>(checks)), names: Object.keys(checks), hints });
}

/**
 * Reads the options that `input` has. Those that are `undefined` count as left out; only own properties are looked at.
 *
 * @throws UnknownOptionError, InvalidOptionError, and what the checks throw
 */
export function readFields<T>(input: unknown, table: FieldTable<T>, where: Where, path = ''): Partial<T> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InvalidOptionError({ where, path, value: input, expected: 'an object' });
  }
  const output: Record<string, unknown> = {};
  for (const name of Object.keys(input)) {
    const value = (input as Record<string, unknown>)[name];
    const fieldPath = path === '' ? name : `${path}.${name}`;
    const check = table.checks.get(name);
    if (check === undefined) {
      throw new UnknownOptionError({ where, path: fieldPath, value, known: table.names, hint: table.hints.get(name) });
    }
    if (value !== undefined) output[name] = check(value, fieldPath, where);
  }
  return output as Partial<T>;
}

/** A check for an object of options within options. */
export function nested<T>(table: FieldTable<T>): Check<Readonly<Partial<T>>> {
  return (value, path, where) => Object.freeze(readFields(value, table, where, path));
}

/** Refuses a value that was left out where there must be one. */
export function requireField(value: unknown, path: string, expected: string, where: Where): void {
  if (value === undefined) throw new InvalidOptionError({ where, path, value, expected });
}
