import type { BatchSettings } from '@millrace/core';

import type { HandlerMetadata } from '../interfaces/metadata.interface.js';
import { HANDLER_METADATA } from '../jobs.constants.js';
import type { BatchData, FitsBatchContract, FitsBatchMethodName, FitsBatchName } from './on-job-batch.types.js';
import type { JobContract, Method } from './on-job.types.js';

/** For `@OnJobBatch()`: the jobs are named by the method. */
type ByMethodName<D> = <Name extends string, F extends Method>(
  target: object,
  method: Name,
  descriptor: TypedPropertyDescriptor<F> & FitsBatchMethodName<F, Name, D>,
) => void;

/** For `@OnJobBatch('notify')`: the jobs are named by the decorator; where the method has another name, the parameter says so too. */
type ByName<Name extends string, D> = <MethodName extends string, F extends Method>(
  target: object,
  method: MethodName,
  descriptor: TypedPropertyDescriptor<F> & FitsBatchName<F, Name, MethodName, D>,
) => void;

/** For `@OnJobBatch(Mail.jobs.x)`: name, data and result are the contract's. */
type ByContract<C extends JobContract> = <F extends Method>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<F> & FitsBatchContract<F, C>,
) => void;

/**
 * Marks the method that runs the jobs of one name in batches: they wait until there are `maxSize`, or none has come for
 * `graceMs`, or the first has waited for `maxDelayMs`; `key` says which belong together. The method takes the list,
 * `notify(jobs: ActiveJob<Note>[])`, or parameters decorated with `@JobData()` (the list of data), `@JobRef()` (the list of
 * jobs), `@JobSignal()` (the batch's). It returns nothing, or an outcome for each job as `Promise.allSettled` gives them;
 * what it throws is a failure of every job.
 *
 * @example @OnJobBatch('notify', { maxSize: 50, graceMs: 2_000, key: (note: Note) => note.userId })
 */
export function OnJobBatch<D = never>(settings?: BatchSettings<D>): ByMethodName<D>;
export function OnJobBatch<C extends JobContract>(contract: C, settings?: BatchSettings<BatchData<C>>): ByContract<C>;
export function OnJobBatch<const Name extends string, D = never>(
  name: Name,
  settings?: BatchSettings<D>,
): ByName<Name, D>;
export function OnJobBatch(input?: string | JobContract | BatchSettings, more?: BatchSettings): MethodDecorator {
  const isNamed = typeof input === 'string' || (typeof input === 'object' && 'name' in input);
  const contract = isNamed && typeof input !== 'string' ? input : undefined;
  const { maxSize, graceMs, maxDelayMs, key, into, ...settings } = (isNamed ? more : (input as BatchSettings)) ?? {};
  const agreed = contract === undefined ? {} : { schema: contract.schema as BatchSettings['schema'] };
  const metadata: HandlerMetadata = {
    jobName: typeof input === 'string' ? input : contract?.name,
    settings: { ...agreed, ...settings, batch: { maxSize, graceMs, maxDelayMs, key, into } },
    isBatch: true,
  };
  return (_target, _method, descriptor) => {
    if (typeof descriptor.value === 'function') Reflect.defineMetadata(HANDLER_METADATA, metadata, descriptor.value);
  };
}
