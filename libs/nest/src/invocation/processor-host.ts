import { ContextIdFactory, ModuleRef, type ContextId } from '@nestjs/core';
import type { ActiveJob, JobRun } from '@millrace/core';

import type { InstanceWrapper } from '../discovery/module-map.js';
import { isBatch, type JobSubject } from './job-subject.js';

/** An instance of a processor, and the context that it was made in, if that is one job's. */
export interface ProcessorInstance {
  readonly instance: object;
  readonly contextId?: ContextId | undefined;
}

/**
 * Gives each run the instance of its processor: always the same one, or one of its own where anything that the processor
 * depends on is request-scoped. The run's hooks get the instance of its handler.
 */
export class ProcessorHost {
  readonly #wrapper: InstanceWrapper;
  readonly #ofRun = new WeakMap<JobRun, Promise<ProcessorInstance>>();

  constructor(wrapper: InstanceWrapper) {
    this.#wrapper = wrapper;
  }

  /** Whether one instance serves all runs. Asked of the wrapper: a request-scoped guard makes its processor scoped too. */
  get isStatic(): boolean {
    return this.#wrapper.isDependencyTreeStatic();
  }

  /** The instance of a static processor. */
  get instance(): object {
    return this.#wrapper.instance as object;
  }

  /** Nest's name for the provider: where it looks up enhancers made for it. */
  get id(): string {
    return this.#wrapper.id;
  }

  /** The instance for a run; `request` is what the `REQUEST` provider gives if it is made now. */
  forRun(run: JobRun, request: ActiveJob | JobRun): ProcessorInstance | Promise<ProcessorInstance> {
    if (this.isStatic) return { instance: this.instance };
    let made = this.#ofRun.get(run);
    if (made === undefined) {
      made = this.#make(request);
      this.#ofRun.set(run, made);
    }
    return made;
  }

  /** The instance for the jobs that a handler runs for: of a batch all have the same one, and `REQUEST` is the list. */
  forRuns(subject: JobSubject): ProcessorInstance | Promise<ProcessorInstance> {
    if (!isBatch(subject)) return this.forRun(subject.run, subject);
    if (this.isStatic) return { instance: this.instance };
    const [first] = subject;
    const made = (first && this.#ofRun.get(first.run)) ?? this.#make(subject);
    for (const { run } of subject) this.#ofRun.set(run, made);
    return made;
  }

  async #make(request: JobSubject | JobRun): Promise<ProcessorInstance> {
    const contextId = ContextIdFactory.getByRequest(request);
    const moduleRef = this.#moduleRef();
    // A durable tree is shared by jobs: it knows what they have in common, and none of them.
    const isDurable = this.#wrapper.isDependencyTreeDurable();
    moduleRef.registerRequestByContextId(isDurable ? contextId.payload : request, contextId);
    const instance = await moduleRef.resolve<object>(this.#wrapper.token as string, contextId, { strict: true });
    return { instance, contextId };
  }

  #moduleRef(): ModuleRef {
    return this.#wrapper.host?.providers.get(ModuleRef)?.instance as ModuleRef;
  }
}
