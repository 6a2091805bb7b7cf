import type { JobRun, Logger } from '@millrace/core';
import { describeError } from '@millrace/core/internal';

import type { HookName, JobsHooks } from '../interfaces/hooks.interface.js';
import { cancelled, failedForGood, leaseLost, timedOut, willRunAgain } from '../jobs.messages.js';

/** Writes what became of runs: one line for one failure, with a stack only when it was the last. */
export class OutcomeLog implements JobsHooks {
  /** The ends that leave a line. */
  static readonly HOOKS: readonly HookName[] = ['onFailure', 'onTimeout', 'onPermanentFailure', 'onCancel'];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  onFailure(...[run, error, { willRetry, nextRunAt }]: Parameters<NonNullable<JobsHooks['onFailure']>>): void {
    if (willRetry)
      this.#logger.warn(willRunAgain(labelOf(run), describeError(error).message, nextRunAt), fieldsOf(run));
  }

  onTimeout(...[run, { kind, willRetry }]: Parameters<NonNullable<JobsHooks['onTimeout']>>): void {
    if (kind === 'lease') this.#logger.warn(leaseLost(labelOf(run)), fieldsOf(run));
    else if (willRetry) this.#logger.warn(timedOut(labelOf(run)), fieldsOf(run));
  }

  onPermanentFailure(...[run, error, { state }]: Parameters<NonNullable<JobsHooks['onPermanentFailure']>>): void {
    const { message, stack } = describeError(error);
    this.#logger.error(failedForGood(labelOf(run), state, message), { ...fieldsOf(run), stack });
  }

  onCancel(run: JobRun): void {
    this.#logger.debug(cancelled(labelOf(run)), fieldsOf(run));
  }
}

function labelOf({ queue, id, name, attempt, maxAttempts }: JobRun): string {
  return `${queue}/${id} (${name}, attempt ${attempt} of ${maxAttempts})`;
}

function fieldsOf({ queue, id, attempt }: JobRun): object {
  return { queue, job: id, attempt };
}
