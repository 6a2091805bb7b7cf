import type { ActiveJob } from '@millrace/core';

import type { EnhancerContexts } from './enhancer-contexts.js';
import { HandlerSlot } from './handler-slot.js';
import type { ProcessorHost } from './processor-host.js';
import type { ResultObserver } from './result-observer.js';

/** What every handler of a root is run with. */
export interface Surroundings {
  readonly contexts: EnhancerContexts;
  readonly observer: ResultObserver;
}

/** Runs one handler, any number of jobs at once. */
export class HandlerInvoker {
  readonly #host: ProcessorHost;
  readonly #methodName: string;
  readonly #surroundings: Surroundings;
  /** Slots that no run uses; there are as many in all as ever ran at once. */
  readonly #idle: HandlerSlot[] = [];

  constructor(host: ProcessorHost, methodName: string, surroundings: Surroundings) {
    this.#host = host;
    this.#methodName = methodName;
    this.#surroundings = surroundings;
  }

  /** Resolves to the handler's result; rejects with what decides the fate of the job. */
  run(job: ActiveJob): Promise<unknown> {
    return this.#host.isStatic ? this.#runShared(job) : this.#runScoped(job);
  }

  #runShared(job: ActiveJob): Promise<unknown> {
    const slot = this.#idle.pop() ?? this.#slot({ instance: this.#host.instance });
    return slot.run(job, this.#idle);
  }

  async #runScoped(job: ActiveJob): Promise<unknown> {
    return this.#slot(await this.#host.forRun(job.run, job)).run(job);
  }

  #slot({ instance, contextId }: Awaited<ReturnType<ProcessorHost['forRun']>>): HandlerSlot {
    const { contexts, observer } = this.#surroundings;
    const hostId = contextId === undefined ? undefined : this.#host.id;
    return new HandlerSlot({ instance, methodName: this.#methodName, contextId, hostId }, contexts, observer);
  }
}
