import { InvalidOptionError, type AddMiddleware, type RunMiddleware } from '@millrace/core';
import { fieldTable, readFields, type Check } from '@millrace/core/internal';
import type { Type } from '@nestjs/common';

import type { JobsMiddleware } from '../interfaces/middleware.interface.js';

type Kind = 'run' | 'add';
type Around = (subject: never, next: never) => unknown;

/** Finds the one instance of a provider's class; `undefined` where there is none, or not one for all. */
export type FindProvider = (type: Type) => object | undefined;

const TABLE = fieldTable<JobsMiddleware>({ run: listFor('run'), add: listFor('add') } as never);

/** Checks `forRoot({ middleware })`. */
export const checkMiddleware: Check<JobsMiddleware> = (value, path, where) =>
  Object.freeze(readFields(value, TABLE, where, path));

/** The classes that must be providers. */
export function middlewareTypes({ run = [], add = [] }: JobsMiddleware): Type[] {
  return [...run.filter((one) => isClass(one, 'run')), ...add.filter((one) => isClass(one, 'add'))] as Type[];
}

/** As the core takes them. A class is looked for when it is first needed: by then all providers were made. */
export function runMiddleware({ run = [] }: JobsMiddleware, find: FindProvider): RunMiddleware[] {
  return run.map((one) => toFunction(one, 'run', find) as RunMiddleware);
}

/** As {@link runMiddleware}. */
export function addMiddleware({ add = [] }: JobsMiddleware, find: FindProvider): AddMiddleware[] {
  return add.map((one) => toFunction(one, 'add', find) as AddMiddleware);
}

function toFunction(one: unknown, kind: Kind, find: FindProvider): Around {
  if (typeof one === 'function' && !isClass(one, kind)) return one as Around;
  let instance = isClass(one, kind) ? undefined : (one as Record<Kind, Around>);
  return (subject, next) => {
    instance ??= find(one as Type) as Record<Kind, Around>;
    return instance[kind](subject, next);
  };
}

function isClass(one: unknown, kind: Kind): boolean {
  if (typeof one !== 'function') return false;
  const prototype = one.prototype as Partial<Record<Kind, unknown>> | undefined;
  return typeof prototype?.[kind] === 'function';
}

function listFor(kind: Kind): Check<readonly unknown[]> {
  return (value, path, where) => {
    const isOne = (item: unknown): boolean =>
      typeof item === 'function' || typeof (Object(item) as Partial<Record<Kind, unknown>>)[kind] === 'function';
    if (Array.isArray(value) && value.every(isOne)) return Object.freeze([...value] as unknown[]);
    const expected = `a list of functions, or of providers with the method ${kind}(…, next)`;
    throw new InvalidOptionError({ where, path, value, expected });
  };
}
