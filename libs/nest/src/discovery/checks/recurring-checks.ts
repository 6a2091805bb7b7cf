import { checkScheduleId, resolveScheduledJobOptions, resolveScheduleOptions } from '@millrace/core/internal';

import { toProblem, type BootProblem } from '../../errors/jobs-boot.error.js';
import type { DiscoveredHandler, DiscoveredProcessor, Discovery } from '../../interfaces/discovered.interface.js';
import { CATCH_ALL } from '../../jobs.constants.js';
import * as messages from '../../jobs.messages.js';
import { labelOf } from '../jobs.explorer.js';
import { scheduleId } from '../schedule-plans.js';

/** Schedules of handlers that could not be declared, and two that would be one. */
export function* checkRecurring({ processors }: Discovery): Generator<BootProblem> {
  for (const processor of processors) {
    for (const handler of processor.handlers) {
      const label = labelOf(processor, handler.methodName);
      if (handler.jobName === CATCH_ALL && handler.recurring.length > 0)
        yield { code: 'INVALID_OPTION', message: messages.recurringCatchAll(label) };
      yield* badOptions(handler, `@Recurring() ${label}`);
    }
  }
  yield* duplicates(processors);
}

function* badOptions({ recurring }: DiscoveredHandler, where: string): Generator<BootProblem> {
  for (const { id, timing, options } of recurring) {
    try {
      resolveScheduleOptions(timing, where);
      resolveScheduledJobOptions(options, where);
      if (id !== undefined) checkScheduleId(id, where);
    } catch (error) {
      yield toProblem(error);
    }
  }
}

function* duplicates(processors: readonly DiscoveredProcessor[]): Generator<BootProblem> {
  const seen = new Map<string, string>();
  for (const processor of processors) {
    for (const queue of processor.queues) {
      for (const handler of processor.handlers) {
        for (const recurring of handler.recurring) {
          const id = scheduleId(queue, handler.jobName, recurring);
          const key = JSON.stringify([processor.root, queue, id]);
          const label = labelOf(processor, handler.methodName);
          const first = seen.get(key);
          if (first === undefined) seen.set(key, label);
          else yield { code: 'INVALID_OPTION', message: messages.duplicateSchedule(id, queue, first, label) };
        }
      }
    }
  }
}
