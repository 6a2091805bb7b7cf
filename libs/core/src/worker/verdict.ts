import {
  BrokenPayloadError,
  describeError,
  encodeError,
  JobsError,
  PayloadError,
  UnrecoverableError,
} from '../errors/index.js';
import { MAX_RESULT_BYTES } from '../job/limits.js';
import { Onward } from '../job/onward.js';
import { encodePayload } from '../job/payload.js';
import { JOB_DEFAULTS, type Logger, type ResolvedWorkerOptions } from '../options/index.js';
import { backoffMs, chooseBackoffMs, decide, ruleFor, type Decision } from '../retry/index.js';
import type { Attempt } from './attempt.js';
import { endWith, type Ending } from './ending.js';
import type { Run } from './run.js';

/** What of a worker's options says how attempts end. */
export type VerdictOptions = Pick<ResolvedWorkerOptions, 'isFailure' | 'backoffs'>;

/** Says how attempts end: what a result, an error or a deadline means for the job. */
export class Verdict {
  readonly #options: VerdictOptions;
  readonly #logger: Logger;

  constructor(options: VerdictOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
  }

  /** The handler returned. A result that cannot be stored fails the job: another attempt would have the same. */
  onResult({ attempt, job }: Run, result: unknown): Ending {
    const durationMs = Math.round(attempt.elapsedMs);
    if (result instanceof Onward) {
      const { letter, queue, body, value } = result;
      return { letter, durationMs, body, result: value, to: queue };
    }
    try {
      const subject = (): string => `Result of job ${job.queue}/${job.id}`;
      const body = encodePayload(result, {
        maxBytes: MAX_RESULT_BYTES,
        limit: 'the limit of results',
        subject,
        root: 'result',
      });
      return { letter: 'c', durationMs, body, result };
    } catch (error) {
      const cause = PayloadError.is(error) ? error : new UnrecoverableError(describeError(error).message);
      return endWith('f', durationMs, cause);
    }
  }

  /** Whether it must be known how many attempts ended by the same kind of error before it can be said how this one does. */
  needsHistory({ attempt, hold }: Run, thrown: unknown): boolean {
    if (attempt.handler.onError.length === 0 || !hold.header.hasHistory) return false;
    const rule = ruleFor(thrown, attempt.handler.onError);
    return rule?.max !== undefined || rule?.backoff !== undefined;
  }

  /** The handler threw. @param sameKind how many attempts before this one ended by the same kind of error */
  onError(run: Run, thrown: unknown, sameKind = 0): Ending {
    const { attempt, hold } = run;
    const durationMs = Math.round(attempt.elapsedMs);
    if (BrokenPayloadError.is(thrown)) return endWith('b', durationMs, thrown);
    if (JobsError.is(thrown, 'FORBIDDEN')) return endWith('f', durationMs, thrown, undefined, 'forbidden');
    const { handler, policy } = attempt;
    const facts = {
      failures: hold.header.failures,
      maxAttempts: policy.maxAttempts,
      uncounted: hold.header.uncounted,
      maxUncounted: policy.maxUncounted,
      failOn: handler.failOn,
      retryOn: handler.retryOn,
      isFailure: handler.isFailure ?? this.#options.isFailure,
      rule: ruleFor(thrown, handler.onError),
      sameKind,
    };
    const warn = (message: string): void => this.#warn(run, message);
    const decision = decide(thrown, facts, {
      backoffMs: (n, error, backoff) => this.#backoffMs(run, n, error, backoff),
      warn,
    });
    const ending = this.#endingOf(decision, durationMs);
    return facts.rule?.tell === undefined ? ending : { ...ending, tell: facts.rule.tell };
  }

  #endingOf(decision: Decision, durationMs: number): Ending {
    switch (decision.kind) {
      case 'retry':
        return endWith('r', durationMs, decision.error, decision.delayMs);
      case 'uncounted':
        return endWith('u', durationMs, decision.error, decision.delayMs);
      case 'snooze':
        return { letter: 'z', durationMs, delayMs: decision.delayMs, body: '', error: decision.error };
      case 'cancel':
        return endWith('x', durationMs, decision.error, undefined, 'cancelled');
      case 'fail':
        return endWith('f', durationMs, decision.error);
    }
  }

  /** The attempt passed its deadline: tried again while attempts are left, else `timed_out`. */
  onDeadline(run: Run): Ending {
    const { attempt, hold } = run;
    const error = attempt.timeoutError();
    const failures = hold.header.failures + 1;
    const durationMs = Math.round(attempt.elapsedMs);
    const kind = 'timeout';
    const ended = { durationMs, body: encodeError(error, kind), error, kind, isTimeout: true };
    if (failures >= attempt.policy.maxAttempts) return { letter: 't', ...ended };
    return { letter: 'r', delayMs: this.#backoffMs(run, failures, error), ...ended };
  }

  #backoffMs(run: Run, n: number, error: Error, backoff = run.attempt.policy.backoff): number {
    const means = {
      random: Math.random,
      custom: this.#options.backoffs,
      warn: (message: string): void => this.#warn(run, message),
    };
    return chooseBackoffMs(backoff, n, error, run.job, means);
  }

  #warn({ job }: Run, message: string): void {
    this.#logger.warn(message, { queue: job.queue, job: job.id });
  }
}

/**
 * The wait before the next attempt, if the lease keeper has to end this one at its deadline; `undefined` if there is none
 * left. The keeper runs no code of the application, such as a backoff function.
 */
export function keepersDelayMs({ policy, hold }: Attempt): number | undefined {
  const failures = hold.header.failures + 1;
  if (failures >= policy.maxAttempts) return undefined;
  const { backoff } = policy;
  return backoffMs(backoff.type === 'custom' ? JOB_DEFAULTS.backoff : backoff, failures, Math.random);
}
