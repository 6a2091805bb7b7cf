import { InvalidOptionError } from '../../errors/index.js';
import { MAX_DELAY_MS } from '../../job/limits.js';
import { validateName } from '../../job/names.js';
import type { NameKind } from '../../errors/index.js';
import type { StandardSchema } from '../../types/standard-schema.js';
import type { Check } from './fields.js';

/** A whole number in a range. */
export function wholeNumber(min: number, max: number, hint?: (value: unknown) => string | undefined): Check<number> {
  const expected = `an integer from ${min} to ${max}`;
  return (value, path, where) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidOptionError({ where, path, value, expected, hint: hint?.(value) });
  };
}

/** A fraction from 0 to 1. */
export const fraction: Check<number> = (value, path, where) => {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new InvalidOptionError({ where, path, value, expected: 'a number from 0 to 1' });
};

/** Bounds of a duration. */
export interface DurationBounds {
  readonly min?: number;
  readonly max?: number;
  /** Whether `Infinity` is taken, for "no bound". */
  readonly infinite?: boolean;
}

/** Milliseconds. A part of one counts as a whole one, so that nothing is ever early. */
export function duration({ min = 0, max = MAX_DELAY_MS, infinite = false }: DurationBounds = {}): Check<number> {
  const upper = max === MAX_DELAY_MS ? 'ten years' : String(max);
  const expected = `milliseconds from ${min} to ${upper}${infinite ? ', or Infinity' : ''}`;
  return (value, path, where) => {
    if (typeof value === 'number') {
      if (value >= min && value <= max) return Math.ceil(value);
      if (infinite && value === Infinity) return value;
    }
    throw new InvalidOptionError({ where, path, value, expected });
  };
}

/** One of some fixed values. */
export function oneOf<T extends string | boolean>(...values: readonly T[]): Check<T> {
  const expected = values.map((value) => JSON.stringify(value)).join(' or ');
  return (value, path, where) => {
    if ((values as readonly unknown[]).includes(value)) return value as T;
    throw new InvalidOptionError({ where, path, value, expected });
  };
}

/** A function; what it takes and gives is the compiler's business. */
export function callable<T>(): Check<T> {
  return (value, path, where) => {
    if (typeof value === 'function') return value as T;
    throw new InvalidOptionError({ where, path, value, expected: 'a function' });
  };
}

/** A name by the rules of all names. */
export function nameOf(kind: NameKind): Check<string> {
  return (value) => validateName(kind, value);
}

/** A schema of any library that follows Standard Schema: in some it is a function. */
export const checkSchema: Check<StandardSchema> = (value, path, where) => {
  const standard = (Object(value) as { '~standard'?: { validate?: unknown } })['~standard'];
  if (typeof standard?.validate === 'function') return value as StandardSchema;
  throw new InvalidOptionError({
    where,
    path,
    value,
    expected: 'a schema that follows Standard Schema (zod, valibot, arktype …)',
  });
};

/** Something that is passed on as it is, such as a connection. */
export function given<T>(expected: string): Check<T> {
  return (value, path, where) => {
    if (typeof value === 'object' && value !== null) return value as T;
    throw new InvalidOptionError({ where, path, value, expected });
  };
}
