import { Inject, Logger, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

import { JobsConnectionModule } from './jobs-connection.module.js';
import { hookOrderIgnored } from './jobs.messages.js';
import { arrangeHooks, isArranged } from './runtime/hook-order.js';

/** The workers of a root. Last to start, first to stop. */
@Module({})
export class JobsRuntimeModule implements OnApplicationBootstrap {
  readonly #modules: ModulesContainer;

  constructor(@Inject(ModulesContainer) modules: ModulesContainer) {
    this.#modules = modules;
    arrangeHooks(modules, JobsRuntimeModule, JobsConnectionModule);
  }

  onApplicationBootstrap(): void {
    if (!isArranged(this.#modules, JobsRuntimeModule)) new Logger('Millrace').warn(hookOrderIgnored());
  }
}
