import { BrokenPayloadError, describeError, JobsError, PayloadError, UnrecoverableError } from '../errors/index.js';
import { MAX_RESULT_BYTES } from '../job/limits.js';
import { Onward } from '../job/onward.js';
import { encodePayload } from '../job/payload.js';
import { JOB_DEFAULTS, type Logger, type ResolvedWorkerOptions } from '../options/index.js';
import type { Redaction } from '../redaction/index.js';
import { backoffMs, chooseBackoffMs, decide, ruleFor, type Decision } from '../retry/index.js';
import type { Attempt } from './attempt.js';
import { endWith, type Ending, type EndLetter, type ErrorEnd } from './ending.js';
import type { Run } from './run.js';

/** What of a worker's options says how attempts end. */
export type VerdictOptions = Pick<ResolvedWorkerOptions, 'isFailure' | 'backoffs'>;

/** Says how attempts end: what a result, an error or a deadline means for the job. */
export class Verdict {
  readonly #options: VerdictOptions;
  readonly #logger: Logger;
  readonly #redaction: Redaction;

  constructor(options: VerdictOptions, logger: Logger, redaction: Redaction) {
    this.#options = options;
    this.#logger = logger;
    this.#redaction = redaction;
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
      return this.#endWith('f', cause, { durationMs });
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
    if (BrokenPayloadError.is(thrown)) return this.onBroken(thrown, durationMs);
    if (JobsError.is(thrown, 'FORBIDDEN')) return this.#endWith('f', thrown, { durationMs, kind: 'forbidden' });
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
        return this.#endWith('r', decision.error, { durationMs, delayMs: decision.delayMs });
      case 'uncounted':
        return this.#endWith('u', decision.error, { durationMs, delayMs: decision.delayMs });
      case 'snooze':
        return { letter: 'z', durationMs, delayMs: decision.delayMs, body: '', error: decision.error };
      case 'cancel':
        return this.#endWith('x', decision.error, { durationMs, kind: 'cancelled' });
      case 'fail':
        return this.#endWith('f', decision.error, { durationMs });
    }
  }

  /** The attempt passed its deadline: tried again while attempts are left, else `timed_out`. */
  onDeadline(run: Run): Ending {
    const { attempt, hold } = run;
    const error = attempt.timeoutError();
    const failures = hold.header.failures + 1;
    const durationMs = Math.round(attempt.elapsedMs);
    const ended = { durationMs, kind: 'timeout', isTimeout: true };
    if (failures >= attempt.policy.maxAttempts) return this.#endWith('t', error, ended);
    return this.#endWith('r', error, { ...ended, delayMs: this.#backoffMs(run, failures, error) });
  }

  /** What is stored for the job cannot be used. */
  onBroken(error: BrokenPayloadError, durationMs: number): Ending {
    return this.#endWith('b', error, { durationMs });
  }

  #endWith(letter: EndLetter, error: Error, end: Omit<ErrorEnd, 'redaction'>): Ending {
    return endWith(letter, error, { ...end, redaction: this.#redaction });
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
