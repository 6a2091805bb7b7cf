import type { RunningBatch } from '@millrace/core';

import type { EnhancerContexts } from './enhancer-contexts.js';
import { HandlerSlot } from './handler-slot.js';
import type { JobSubject } from './job-subject.js';
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
  run(subject: JobSubject, batch?: RunningBatch): Promise<unknown> {
    return this.#host.isStatic ? this.#runShared(subject, batch) : this.#runScoped(subject, batch);
  }

  #runShared(subject: JobSubject, batch: RunningBatch | undefined): Promise<unknown> {
    const slot = this.#idle.pop() ?? this.#slot({ instance: this.#host.instance });
    return slot.run(subject, batch, this.#idle);
  }

  async #runScoped(subject: JobSubject, batch: RunningBatch | undefined): Promise<unknown> {
    return this.#slot(await this.#host.forRuns(subject)).run(subject, batch);
  }

  #slot({ instance, contextId }: Awaited<ReturnType<ProcessorHost['forRun']>>): HandlerSlot {
    const { contexts, observer } = this.#surroundings;
    const hostId = contextId === undefined ? undefined : this.#host.id;
    return new HandlerSlot({ instance, methodName: this.#methodName, contextId, hostId }, contexts, observer);
  }
}
