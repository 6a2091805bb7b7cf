import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { sleep } from '@millrace/core/internal';

import type { Inspection } from '../discovery/inspection.js';
import { JobsRegistry } from '../registration/jobs-registry.js';
import type { JobsRoot } from '../registration/jobs-root.js';
import { bootLines } from './boot-log.js';
import { EventListeners } from './event-listeners.js';
import { loggerOf } from './jobs.logger.js';
import type { JobsRunner } from './jobs.runner.js';
import { drainOnTermination } from './termination-signal.js';

/** How often to look whether Redis is there. */
const LOOK_AGAIN_MS = 100;

/** Ties a root to the lifecycle of the application: workers and listeners start last and stop first. */
export class JobsOrchestrator implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #root: JobsRoot;
  readonly #runner: JobsRunner;
  readonly #modules: ModulesContainer;
  #listeners: EventListeners | undefined;
  readonly #ending = new AbortController();
  #forgetSignal: (() => void) | undefined;

  constructor(root: JobsRoot, runner: JobsRunner, modules: ModulesContainer) {
    this.#root = root;
    this.#runner = runner;
    this.#modules = modules;
  }

  async onApplicationBootstrap(): Promise<void> {
    const registry = JobsRegistry.of(this.#modules);
    this.#root.runs(() => this.onModuleDestroy());
    try {
      await this.#start(await registry.check());
    } catch (error) {
      // Nest calls no hook of an application that failed to start, and the workers of another root may run.
      await registry.close();
      throw error;
    }
    this.#root.hold();
  }

  /** Also called when the application never came to start. */
  async onModuleDestroy(): Promise<void> {
    this.#forgetSignal?.();
    this.#ending.abort();
    await this.#runner.drain();
    await this.#listeners?.stop();
  }

  async #start({ listeners, plans }: Inspection): Promise<void> {
    const { signals, autoStart, waitUntilReady } = this.#root.options;
    const lines = plans.filter(({ root }) => root === this.#root.name).flatMap(bootLines);
    for (const line of lines) loggerOf(this.#root).debug(line);
    this.#listeners = new EventListeners(
      this.#root,
      listeners.filter(({ root }) => root === this.#root.name),
    );
    this.#listeners.start();
    if (signals) this.#forgetSignal = drainOnTermination(() => this.#runner.drain());
    if (!autoStart) return;
    if (waitUntilReady === false) void this.#startWhenReady();
    else await this.#runner.start();
  }

  /** The application runs although Redis is away: its workers follow when Redis answers. */
  async #startWhenReady(): Promise<void> {
    const { connection } = this.#root;
    try {
      while (connection.state !== 'ready') await sleep(connection.clock, LOOK_AGAIN_MS, this.#ending);
      await this.#runner.start();
    } catch (error) {
      if (!this.#ending.signal.aborted) loggerOf(this.#root).error((error as Error).message);
    }
  }
}
