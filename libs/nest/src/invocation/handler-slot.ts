import type { ContextId } from '@nestjs/core';
import { CancelError, SnoozeError, type RunningBatch } from '@millrace/core';

import { JOB_CONTEXT_TYPE, JOB_PARAMETERS_METADATA } from '../jobs.constants.js';
import type { EnhancerContexts } from './enhancer-contexts.js';
import { isBatch, type JobSubject } from './job-subject.js';
import type { ResultObserver } from './result-observer.js';
import { payloadReader, wasPayloadRead } from './payload-reader.js';
import { judge } from './refusal.js';

type Method = (...parameters: unknown[]) => unknown;
type RunsJob = (subject: JobSubject, batch?: RunningBatch) => Promise<unknown>;

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
  #subject: JobSubject | undefined;
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
   * Runs the job, or the jobs of a batch; rejects with what decides their fate. One async function from the worker to Nest:
   * every job pays for each more, and for its garbage.
   *
   * @param idle where the slot is put when it is free again
   */
  async run(subject: JobSubject, batch?: RunningBatch, idle?: HandlerSlot[]): Promise<unknown> {
    this.#subject = subject;
    this.#entered = false;
    try {
      return await (batch === undefined ? this.#call(subject) : this.#call(subject, batch));
    } catch (error) {
      return await this.#recover(error, subject);
    } finally {
      this.#subject = undefined;
      this.#thrown = undefined;
      idle?.push(this);
    }
  }

  #enter(method: Method, self: unknown, parameters: unknown[], observer: ResultObserver): unknown {
    this.#entered = true;
    // An interceptor may end the run before the handler does: the slot has another job then.
    const subject = this.#subject as JobSubject;
    const result = method.apply(self, parameters);
    // Values of a batch are the progress of no job.
    if (isBatch(subject)) return result;
    return isPromise(result)
      ? result.then((value) => observer.observe(value, subject))
      : observer.observe(result, subject);
  }

  /** A filter that returns a value completes the job with it; one that returns nothing only looked on. */
  async #recover(error: unknown, subject: JobSubject): Promise<unknown> {
    const stage = { entered: this.#entered, payloadRead: wasPayloadRead(subject) };
    const isSettled = SnoozeError.is(error) || CancelError.is(error);
    if (this.#filter !== undefined && !isSettled) {
      this.#thrown = error;
      try {
        const value = await this.#filter(subject);
        if (value !== undefined) return value;
      } catch (thrown) {
        if (thrown !== error) throw withCause(thrown, error);
      }
    }
    if (!isBatch(subject)) throw judge(error, subject, stage);
    return subject.map((job) => ({ status: 'rejected', reason: judge(error, job, stage) }));
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
