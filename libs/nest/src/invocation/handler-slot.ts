import type { ContextId } from '@nestjs/core';
import { CancelError, SnoozeError, type ActiveJob } from '@millrace/core';

import { JOB_CONTEXT_TYPE, JOB_PARAMETERS_METADATA } from '../jobs.constants.js';
import type { EnhancerContexts } from './enhancer-contexts.js';
import type { ResultObserver } from './result-observer.js';
import { payloadReader, wasPayloadRead } from './payload-reader.js';
import { judge } from './refusal.js';

type Method = (...parameters: unknown[]) => unknown;
type RunsJob = (job: ActiveJob) => Promise<unknown>;

/** What a slot calls, and on what. */
export interface SlotTarget {
  readonly instance: object;
  readonly methodName: string;
  /** Set for an instance of one job, with the wrapper's id: where Nest finds enhancers of that job. */
  readonly contextId?: ContextId | undefined;
  readonly hostId?: string | undefined;
}

/**
 * One handler within its enhancers, for one job at a time.
 *
 * Nest's context creator builds a function once and hands the handler nothing but its own parameters, so the wrapper
 * that it calls must know by itself which job it runs: hence a slot, which is used by one run at a time.
 */
export class HandlerSlot {
  #job: ActiveJob | undefined;
  #entered = false;
  #thrown: unknown;
  readonly #call: RunsJob;
  readonly #filter: RunsJob | undefined;

  constructor(target: SlotTarget, contexts: EnhancerContexts, observer: ResultObserver) {
    const method = Reflect.get(target.instance, target.methodName) as Method;
    const enter = standIn(method, (self, parameters) => this.#enter(method, self, parameters, observer));
    this.#call = withinEnhancers(contexts, target, enter);
    if (!contexts.hasFilters(target.instance, method)) return;
    const rethrow = standIn(method, () => {
      throw this.#thrown;
    });
    this.#filter = withinFilters(contexts, target, rethrow);
  }

  /**
   * Runs the job; rejects with what decides its fate. One async function from the worker to Nest: every job pays for each more,
   * and for its garbage.
   *
   * @param idle where the slot is put when it is free again
   */
  async run(job: ActiveJob, idle?: HandlerSlot[]): Promise<unknown> {
    this.#job = job;
    this.#entered = false;
    try {
      return await this.#call(job);
    } catch (error) {
      return await this.#recover(error, job);
    } finally {
      this.#job = undefined;
      this.#thrown = undefined;
      idle?.push(this);
    }
  }

  #enter(method: Method, self: unknown, parameters: unknown[], observer: ResultObserver): unknown {
    this.#entered = true;
    // An interceptor may end the run before the handler does: the slot has another job then.
    const job = this.#job as ActiveJob;
    const result = method.apply(self, parameters);
    return isPromise(result) ? result.then((value) => observer.observe(value, job)) : observer.observe(result, job);
  }

  /** A filter that returns a value completes the job with it; one that returns nothing only looked on. */
  async #recover(error: unknown, job: ActiveJob): Promise<unknown> {
    const verdict = judge(error, job, { entered: this.#entered, payloadRead: wasPayloadRead(job) });
    if (this.#filter === undefined || SnoozeError.is(error) || CancelError.is(error)) throw verdict;
    this.#thrown = error;
    const value = await this.#filter(job).catch((thrown: unknown) => {
      throw thrown === error ? verdict : withCause(thrown, error);
    });
    if (value === undefined) throw verdict;
    return value;
  }
}

/** Guards, interceptors and pipes around `callback`; what is thrown comes out as it is. */
function withinEnhancers({ handlers }: EnhancerContexts, target: SlotTarget, callback: Method): RunsJob {
  const { instance, methodName, contextId, hostId } = target;
  const enhancers = { guards: true, interceptors: true, filters: false };
  return handlers.create(
    instance,
    callback,
    methodName,
    JOB_PARAMETERS_METADATA,
    payloadReader,
    contextId,
    hostId,
    enhancers,
    JOB_CONTEXT_TYPE,
  );
}

/** Filters around `callback`, which only throws. */
function withinFilters({ filters }: EnhancerContexts, target: SlotTarget, callback: Method): RunsJob {
  const { instance, methodName, contextId, hostId } = target;
  const enhancers = { guards: false, interceptors: false, filters: true };
  return filters.create(
    instance,
    callback,
    methodName,
    undefined,
    undefined,
    contextId,
    hostId,
    enhancers,
    JOB_CONTEXT_TYPE,
  );
}

/** A function that passes for `method` where Nest and its `Reflector` look for metadata. */
function standIn(method: Method, run: (self: unknown, parameters: unknown[]) => unknown): Method {
  const stand = function (this: unknown, ...parameters: unknown[]): unknown {
    return run(this, parameters);
  };
  Object.defineProperty(stand, 'name', { value: method.name, configurable: true });
  return Object.setPrototypeOf(stand, method) as Method;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** The error that a filter threw instead decides; the first one stays readable behind it. */
function withCause(thrown: unknown, original: unknown): unknown {
  if (thrown instanceof Error && thrown.cause === undefined && Object.isExtensible(thrown) && original !== thrown) {
    Object.defineProperty(thrown, 'cause', { value: original, configurable: true, writable: true });
  }
  return thrown;
}
