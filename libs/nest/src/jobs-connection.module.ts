import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

import { THIS_ROOT } from './jobs.constants.js';
import { JobsRegistry } from './registration/jobs-registry.js';
import { JobsRoot } from './registration/jobs-root.js';

/** The connection and the queues of a root. First to be initialised, last to be closed. */
@Module({})
export class JobsConnectionModule implements OnModuleInit, OnApplicationShutdown {
  readonly #registry: JobsRegistry;
  readonly #root: JobsRoot;

  constructor(modules: ModulesContainer, @Inject(THIS_ROOT) root: JobsRoot) {
    this.#registry = JobsRegistry.of(modules);
    this.#root = root;
  }

  /** Every provider exists, and nothing of the application has run yet: the moment to look at it as a whole. */
  async onModuleInit(): Promise<void> {
    await this.#registry.check();
  }

  /** After the servers are closed: until then a request may still add jobs. */
  async onApplicationShutdown(): Promise<void> {
    await this.#root.close();
  }
}
