import { InvalidOptionError, type Where } from '../../errors/index.js';
import { callable } from '../check/checks.js';
import { fieldTable, readFields } from '../check/fields.js';

/** Makes what all handlers of a worker share, such as a pool of connections; it is `job.context`. */
export type ContextSource<T = unknown> =
  | (() => T | Promise<T>)
  | {
      /** Called once, before the worker takes its first job. */
      readonly open: () => T | Promise<T>;
      /** Called once, when the worker has stopped and nothing runs any more. */
      readonly close?: ((context: T) => unknown) | undefined;
    };

/** {@link ContextSource} as checked. */
export interface ResolvedContext {
  readonly open: () => unknown;
  readonly close: ((context: unknown) => unknown) | undefined;
}

const TABLE = fieldTable<{ open: () => unknown; close: (context: unknown) => unknown }>({
  open: callable(),
  close: callable(),
});

/** Checks what makes a worker's context: a function, or `{ open, close }`. */
export function resolveContext(value: unknown, path: string, where: Where): ResolvedContext {
  if (typeof value === 'function') return Object.freeze({ open: value as () => unknown, close: undefined });
  const { open, close } = readFields(value, TABLE, where, path);
  if (open === undefined) {
    const expected = 'a function that makes the context';
    throw new InvalidOptionError({ where, path: `${path}.open`, value: open, expected });
  }
  return Object.freeze({ open, close });
}
