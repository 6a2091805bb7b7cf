import type { ModulesContainer } from '@nestjs/core';

import type { BootProblem } from '../../errors/jobs-boot.error.js';
import * as messages from '../../jobs.messages.js';
import { middlewareTypes } from '../../registration/middleware.js';
import type { Application } from '../application.js';
import { singletonOf } from '../module-map.js';

/** Middleware that is a class, and no provider or one that belongs to a request. Only known once every provider was made. */
export function* checkMiddlewareProviders(
  { roots, isComplete }: Application,
  modules: ModulesContainer,
): Generator<BootProblem> {
  if (!isComplete) return;
  for (const { name, options } of roots.values()) {
    for (const type of middlewareTypes(options.middleware)) {
      if (singletonOf(modules, type) === undefined)
        yield { code: 'INVALID_OPTION', message: messages.middlewareIsNoProvider(type.name, name) };
    }
  }
}
