import { Onward, type ActiveJob, type Clock, type Logger } from '@millrace/core';
import { defaultIfEmpty, isObservable, Observable } from 'rxjs';

import { progressFailed } from '../jobs.messages.js';
import { ProgressThrottle } from './progress-throttle.js';

/** At most one write of progress in this time, however many values there are. */
const PROGRESS_INTERVAL_MS = 500;

/**
 * Makes each value of an Observable that a handler returned the job's progress. The last one stays its result; one
 * without values has the result `undefined`. An abort of the job unsubscribes.
 */
export class ResultObserver {
  readonly #logger: Logger;
  readonly #clock: Clock;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Returns anything but an Observable as it is. */
  observe(result: unknown, job: ActiveJob): unknown {
    return isObservable(result) ? this.#watch(result, job).pipe(defaultIfEmpty(undefined)) : result;
  }

  #watch(source: Observable<unknown>, job: ActiveJob): Observable<unknown> {
    return new Observable((subscriber) => {
      const progress = new ProgressThrottle((value) => this.#report(value, job), PROGRESS_INTERVAL_MS, this.#clock);
      const abort = (): void => subscriber.error(job.signal.reason);
      job.signal.addEventListener('abort', abort, { once: true });
      subscriber.add(() => {
        job.signal.removeEventListener('abort', abort);
        progress.stop();
      });
      if (job.signal.aborted) return abort();
      const next = (value: unknown): void => {
        if (!(value instanceof Onward)) progress.offer(value);
        subscriber.next(value);
      };
      subscriber.add(
        source.subscribe({ next, error: (e) => subscriber.error(e), complete: () => subscriber.complete() }),
      );
    });
  }

  /** Progress is a courtesy: a value that cannot be stored does not end the job. */
  async #report(value: unknown, job: ActiveJob): Promise<void> {
    try {
      await job.progress(value);
    } catch (error) {
      this.#logger.warn(progressFailed(`${job.queue}/${job.id}`), { error: (error as Error).message });
    }
  }
}
