import type { ScheduleDraft } from '@millrace/core';

import type { RecurringMetadata } from '../interfaces/metadata.interface.js';
import type { WorkerPlan } from '../interfaces/plan.interface.js';
import { RECURRING_OWNER } from '../jobs.constants.js';

/** The id of the schedule that a decorator stands for. */
export function scheduleId(queue: string, jobName: string, { id }: RecurringMetadata): string {
  return id ?? `${queue}/${jobName}`;
}

/** The schedules that the handlers of a queue ask for. */
export function schedulesOf({ queue, handlers }: Pick<WorkerPlan, 'queue' | 'handlers'>): ScheduleDraft[] {
  return handlers.flatMap(({ jobName, recurring }) =>
    recurring.map((one) => ({
      id: scheduleId(queue, jobName, one),
      timing: { ...one.timing, owner: RECURRING_OWNER },
      job: { name: jobName, data: one.data, options: one.options },
    })),
  );
}
