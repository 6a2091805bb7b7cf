import { describeError } from '../errors/index.js';
import type { LogEventName, Logger, ResolvedLogEvents } from '../options/index.js';
import type { HousekeepReply } from '../redis/scripts.generated.js';
import type { Ending } from './ending.js';
import type { Answer } from './exchanger.js';
import type { Run } from './run.js';

type Housekept = Pick<Extract<HousekeepReply, { code: 'OK' }>, 'more' | 'stalled' | 'due'>;

/**
 * Writes what happens in a worker as log lines with fields: `event`, the job, and how long it took. Only of what Redis has
 * accepted is it said that it ended. A worker without `logEvents` has none.
 */
export class JobLog {
  readonly #logger: Logger;
  readonly #levels: ResolvedLogEvents;

  constructor(logger: Logger, levels: ResolvedLogEvents) {
    this.#logger = logger;
    this.#levels = levels;
  }

  started(run: Run): void {
    this.#job('job.start', run, 'started', {});
  }

  /** An attempt has ended, and that was accepted. */
  ended(run: Run, { letter, durationMs, delayMs, error, isTimeout, to }: Ending): void {
    const took = { durationMs };
    const reason = error === undefined ? {} : { error: describeError(error).message };
    switch (letter) {
      case 'm':
        return this.#job('job.success', run, `went on in queue "${to}" after ${durationMs} ms`, { ...took, to });
      case 'c':
      case 'q':
        return this.#job('job.success', run, `completed in ${durationMs} ms`, took);
      case 'r':
      case 'u': {
        const fields = { ...took, mode: 'retry', isCounted: letter === 'r', retryInMs: delayMs, ...reason };
        return this.#failed(run, isTimeout, `after ${durationMs} ms; it runs again in ${delayMs} ms`, fields);
      }
      case 'f':
      case 't':
      case 'b': {
        const state = letter === 'f' ? 'failed' : letter === 't' ? 'timed_out' : 'broken';
        const fields = { ...took, mode: 'permanent', ...reason };
        if (letter !== 'b') this.#failed(run, isTimeout, `after ${durationMs} ms, for the last time`, fields);
        const last = { ...took, state, ...reason, stack: error === undefined ? undefined : describeError(error).stack };
        return this.#job('job.permanent-failure', run, `ended as ${state}`, last);
      }
      case 'z':
        return this.#job('job.snooze', run, `asked to run again in ${delayMs} ms`, { ...took, retryInMs: delayMs });
      case 'x':
        return this.killed(run, 'cancelled');
    }
  }

  /** A run was ended by somebody else, or by its own handler's `CancelError`. */
  killed(run: Run, reason: string): void {
    this.#job('job.kill', run, `was ${reason} while it ran`, { durationMs: Math.round(run.attempt.elapsedMs), reason });
  }

  /** What became of a run counts no more: the lease was lost. */
  lost(run: Run): void {
    this.#job('job.lost', run, 'lost its lease', { durationMs: Math.round(run.attempt.elapsedMs) });
  }

  /** An exchange was answered. */
  polled(queue: string, { jobs, dry, due }: Pick<Answer, 'jobs' | 'dry' | 'due'>): void {
    const count = jobs.length / 2;
    const isDry = dry === 1;
    this.note('queue.poll', `Queue "${queue}" gave ${count} jobs${isDry ? ' and has no more' : ''}.`, {
      queue,
      jobs: count,
      isDry,
      dueInMs: isDry && due >= 0 ? due : undefined,
    });
  }

  /** Due jobs, lost workers and old jobs were looked after. */
  housekept(queue: string, { more, stalled, due }: Housekept, took: number): void {
    this.note('queue.housekeeping', `Housekeeping of queue "${queue}" took ${Math.round(took)} ms.`, {
      queue,
      durationMs: Math.round(took),
      stalled: stalled.length,
      hasMore: more === 1,
      dueInMs: due >= 0 ? due : undefined,
    });
  }

  /** Something about a queue, or the worker itself. */
  note(event: LogEventName, message: string, fields: object): void {
    const level = this.#levels[event];
    if (level !== 'off') this.#logger[level](message, { event, ...fields });
  }

  #failed(run: Run, isTimeout: boolean | undefined, message: string, fields: object): void {
    if (isTimeout === true) this.#job('job.timeout', run, `timed out ${message}`, fields);
    else this.#job('job.failure', run, `failed ${message}`, fields);
  }

  #job(event: LogEventName, { job }: Run, message: string, fields: object): void {
    if (this.#levels[event] === 'off') return;
    const { queue, id, name, attempt, maxAttempts } = job;
    this.note(event, `Job ${queue}/${id} (${name}, attempt ${attempt} of ${maxAttempts}) ${message}.`, {
      queue,
      job: id,
      name,
      attempt,
      ...fields,
    });
  }
}
