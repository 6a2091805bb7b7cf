import { InvalidOptionError } from '@millrace/core';
import type { Check } from '@millrace/core/internal';

/** `true` or `false`. */
export const flag: Check<boolean> = (value, path, where) => {
  if (typeof value === 'boolean') return value;
  throw new InvalidOptionError({ where, path, value, expected: 'true or false' });
};

/** A list whose items pass a check. */
export function listOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value, path, where) => {
    if (!Array.isArray(value)) throw new InvalidOptionError({ where, path, value, expected: 'a list' });
    return Object.freeze(value.map((item: unknown, index) => check(item, `${path}[${index}]`, where)));
  };
}

/** An object whose members pass a check, whatever their names. */
export function recordOf<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value, path, where) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InvalidOptionError({ where, path, value, expected: 'an object' });
    }
    const members = Object.entries(value as Record<string, unknown>);
    return Object.freeze(
      Object.fromEntries(members.map(([name, member]) => [name, check(member, `${path}.${name}`, where)])),
    );
  };
}
