import type { InjectionToken, Provider } from '@nestjs/common';
import { UnknownOptionError } from '@millrace/core';

import { toProblem, type BootProblem } from '../errors/jobs-boot.error.js';
import type { AsyncSource } from '../interfaces/module-options.interface.js';
import { noAsyncSource, uselessBesideFactory } from '../jobs.messages.js';

const SOURCE_KEYS = ['imports', 'inject', 'useFactory', 'useClass', 'useExisting'] as const;

/**
 * Providers that give `token` what a factory, a class or an existing provider makes.
 *
 * @param call reads the value off an instance of the class
 */
export function asyncProviders<T, F>(
  token: InjectionToken,
  { inject, useFactory, useClass, useExisting }: AsyncSource<T, F>,
  call: (factory: F) => T | Promise<T>,
): Provider[] {
  if (useFactory !== undefined) return [{ provide: token, inject: inject ?? [], useFactory }];
  const maker = useClass ?? useExisting;
  if (maker === undefined) return [{ provide: token, useValue: {} }];
  const made: Provider = { provide: token, inject: [maker], useFactory: (factory: F) => call(factory) };
  return useClass === undefined ? [made] : [useClass, made];
}

/** What is wrong with an asynchronous registration as it stands: options with no effect there, or no source at all. */
export function sourceProblems(input: object, shape: readonly string[], where: string): BootProblem[] {
  const known = [...shape, ...SOURCE_KEYS];
  const problems = Object.entries(input)
    .filter(([path]) => !known.includes(path))
    .map(([path, value]) => {
      return toProblem(new UnknownOptionError({ where, path, value, known, hint: uselessBesideFactory(path, shape) }));
    });
  const { useFactory, useClass, useExisting } = input as AsyncSource<unknown, unknown>;
  if (useFactory === undefined && useClass === undefined && useExisting === undefined) {
    problems.push({ code: 'INVALID_OPTION', message: noAsyncSource(where) });
  }
  return problems;
}
