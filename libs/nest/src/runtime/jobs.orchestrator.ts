import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

import { JobsRegistry } from '../registration/jobs-registry.js';
import type { JobsRoot } from '../registration/jobs-root.js';
import { bootLines } from './boot-log.js';
import { EventListeners } from './event-listeners.js';
import { loggerOf } from './jobs.logger.js';
import type { JobsRunner } from './jobs.runner.js';
import { drainOnTermination } from './termination-signal.js';

/** Ties a root to the lifecycle of the application: workers and listeners start last and stop first. */
export class JobsOrchestrator implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #root: JobsRoot;
  readonly #runner: JobsRunner;
  readonly #modules: ModulesContainer;
  #listeners: EventListeners | undefined;
  #forgetSignal: (() => void) | undefined;

  constructor(root: JobsRoot, runner: JobsRunner, modules: ModulesContainer) {
    this.#root = root;
    this.#runner = runner;
    this.#modules = modules;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { signals, autoStart } = this.#root.options;
    const { listeners, plans } = await JobsRegistry.of(this.#modules).check();
    const lines = plans.filter(({ root }) => root === this.#root.name).flatMap(bootLines);
    for (const line of lines) loggerOf(this.#root).debug(line);
    this.#listeners = new EventListeners(
      this.#root,
      listeners.filter(({ root }) => root === this.#root.name),
    );
    this.#listeners.start();
    if (signals) this.#forgetSignal = drainOnTermination(() => this.#runner.drain());
    if (autoStart) await this.#runner.start();
  }

  /** Also called when the application never came to start. */
  async onModuleDestroy(): Promise<void> {
    this.#forgetSignal?.();
    await this.#runner.drain();
    await this.#listeners?.stop();
  }
}
