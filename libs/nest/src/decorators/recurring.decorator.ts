import type { ScheduledJob, ScheduleOptions } from '@millrace/core';

import type { RecurringMetadata } from '../interfaces/metadata.interface.js';
import { RECURRING_METADATA } from '../jobs.constants.js';
import type { Method } from './on-job.types.js';

/** When a handler runs by itself: `cron` (with `tz`) or `everyMs`, and the other options of a schedule. */
export type RecurringOptions = ScheduleOptions & {
  /** Of the schedule, where a handler has several. @default '<queue>/<job name>' */
  readonly id?: string | undefined;
  /** Of each job. @default none */
  readonly data?: unknown;
  /** Of each job, as of `add()`; those of `@OnJob()` hold as well. */
  readonly options?: ScheduledJob['options'];
  readonly owner?: undefined;
};

/**
 * Beside `@OnJob()`: a schedule adds a job for this handler at each of its times, once, however many processes run. It is
 * declared when the workers of a process start, and stays when they stop. `job.scheduledFor` is the time that a job is for.
 *
 * @example @OnJob() @Recurring({ cron: '0 3 * * *', tz: 'Europe/Berlin' }) async digest(job: ActiveJob) {}
 */
export function Recurring(
  options: RecurringOptions,
): <F extends Method>(target: object, method: string | symbol, descriptor: TypedPropertyDescriptor<F>) => void {
  return (_target, _method, descriptor) => {
    const method = descriptor.value;
    if (method === undefined) return;
    const { id, data, options: ofJobs, ...timing } = options;
    const said = (Reflect.getOwnMetadata(RECURRING_METADATA, method) ?? []) as RecurringMetadata[];
    // Decorators run from below upwards.
    const own: RecurringMetadata = { id, timing, data, options: ofJobs };
    Reflect.defineMetadata(RECURRING_METADATA, [own, ...said], method);
  };
}
