import type { Clock } from '../clock/index.js';
import {
  BrokenPayloadError,
  describeError,
  encodeError,
  JobsError,
  type JobTimeoutError,
  PayloadError,
  UnrecoverableError,
} from '../errors/index.js';
import { decodePayload, encodePayload } from '../job/payload.js';
import type { Logger, ResolvedHandler, ResolvedWorkerOptions } from '../options/index.js';
import type { Connection } from '../redis/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { chooseBackoffMs, decide } from '../retry/index.js';
import { Attempt, type AttemptHost } from './attempt.js';
import { endWith, type Ending } from './ending.js';
import type { HookRunner } from './hook-runner.js';
import type { Hold } from './hold.js';
import { RunningJob } from './running-job.js';

/** What the runner tells its consumer. */
export interface RunnerHost {
  readonly context: QueueContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly options: ResolvedWorkerOptions<Connection>;
  readonly hooks: HookRunner;
  /** The attempt has ended by itself or at its deadline; it still has to be handed in. */
  ended(run: Run, ending: Ending): void;
  deadlineSet(run: Run, inMs: number, ending: Ending): void;
}

/** One job that runs: its hold, its attempt and what its handler sees. */
export class Run {
  readonly hold: Hold;
  readonly attempt: Attempt;
  readonly job: RunningJob;
  constructor(hold: Hold, attempt: Attempt, job: RunningJob) {
    this.hold = hold;
    this.attempt = attempt;
    this.job = job;
  }
}

/** Runs handlers, and says how their attempts ended. */
export class Runner {
  readonly #host: RunnerHost;
  readonly #attemptHost: AttemptHost;
  readonly #runs = new Map<Attempt, Run>();
  readonly #zombies = new Set<Run>();

  constructor(host: RunnerHost) {
    this.#host = host;
    this.#attemptHost = {
      context: host.context,
      clock: host.clock,
      defaults: host.options.defaults,
      limits: { maxBytes: MAX_RESULT_BYTES },
      onDeadline: (attempt) => this.#onDeadline(attempt),
      onDeadlineSet: (attempt, inMs) => this.#onDeadlineSet(attempt, inMs),
    };
  }

  /** The attempts under way; those ended from outside are not among them. */
  get runs(): Iterable<Run> {
    return this.#runs.values();
  }

  get count(): number {
    return this.#runs.size;
  }

  /** The run of a hold, if it is under way. */
  find(id: string, token: string): Run | undefined {
    for (const run of this.#runs.values()) if (run.hold.id === id && run.hold.token === token) return run;
    return undefined;
  }

  /** Starts the handler; a job that cannot be decoded ends at once instead. */
  start(hold: Hold, handler: ResolvedHandler): void {
    const decoded = decodePayload(hold.envelope.payload);
    const attempt = new Attempt(hold, handler, this.#attemptHost);
    const run = new Run(hold, attempt, new RunningJob(attempt, decoded.ok ? decoded.value : undefined));
    this.#runs.set(attempt, run);
    if (!decoded.ok) {
      return this.#end(run, endWith('b', 0, new BrokenPayloadError(this.#host.context.name, hold.id, decoded.reason)));
    }
    attempt.start();
    if (this.#host.hooks.has('onStart')) void this.#startWithHook(run);
    else this.#call(run);
  }

  /** Ends an attempt from outside: what its handler does from now on counts no more. */
  abandon(run: Run, reason: Error): void {
    if (!this.#runs.delete(run.attempt)) return;
    this.#zombies.add(run);
    run.attempt.abort(reason);
  }

  /** Handlers that have not settled although their attempts are over. */
  get zombies(): number {
    return this.#zombies.size;
  }

  async #startWithHook(run: Run): Promise<void> {
    await this.#host.hooks.call('onStart', run.job.run);
    if (!this.#settledLate(run)) this.#call(run);
  }

  #call(run: Run): void {
    try {
      const returned = run.attempt.handler.run(run.job);
      if (isThenable(returned)) {
        // Settles once, whatever a thenable of another library does.
        Promise.resolve(returned).then(
          (result) => this.#returned(run, result),
          (error: unknown) => this.#threw(run, error),
        );
      } else this.#returned(run, returned);
    } catch (error) {
      this.#threw(run, error);
    }
  }

  #returned(run: Run, result: unknown): void {
    if (this.#settledLate(run)) return;
    const durationMs = Math.round(run.attempt.elapsedMs);
    try {
      const subject = (): string => `Result of job ${run.job.queue}/${run.job.id}`;
      const body = encodePayload(result, { maxBytes: MAX_RESULT_BYTES, subject, root: 'result' });
      this.#end(run, { letter: 'c', durationMs, body, result });
    } catch (error) {
      // Another attempt would do the same work, and have the same result.
      const cause = PayloadError.is(error) ? error : new UnrecoverableError(describeError(error).message);
      this.#end(run, endWith('f', durationMs, cause));
    }
  }

  #threw(run: Run, thrown: unknown): void {
    if (this.#settledLate(run)) return;
    this.#end(run, this.#endingOf(run, thrown));
  }

  #settledLate(run: Run): boolean {
    return this.#zombies.delete(run);
  }

  #end(run: Run, ending: Ending): void {
    this.#runs.delete(run.attempt);
    run.attempt.end();
    this.#host.ended(run, ending);
  }

  #endingOf(run: Run, thrown: unknown): Ending {
    const { attempt, job, hold } = run;
    const { options, logger } = this.#host;
    const { handler, policy } = attempt;
    const warn = (message: string): void => logger.warn(message, { queue: job.queue, job: job.id });
    const facts = {
      failures: hold.header.failures,
      maxAttempts: policy.maxAttempts,
      uncounted: hold.header.uncounted,
      maxUncounted: policy.maxUncounted,
      failOn: handler.failOn,
      retryOn: handler.retryOn,
      isFailure: handler.isFailure ?? options.isFailure,
    };
    const means = { random: Math.random, custom: options.backoffs, warn };
    const durationMs = Math.round(attempt.elapsedMs);
    if (BrokenPayloadError.is(thrown)) return endWith('b', durationMs, thrown);
    if (JobsError.is(thrown, 'FORBIDDEN')) return endWith('f', durationMs, thrown, undefined, 'forbidden');
    const decision = decide(thrown, facts, {
      backoffMs: (n, error) => chooseBackoffMs(policy.backoff, n, error, job, means),
      warn,
    });
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

  #onDeadline(attempt: Attempt): void {
    const run = this.#runs.get(attempt);
    if (run === undefined) return;
    const ending = this.#timeout(run);
    this.abandon(run, attempt.timeoutError());
    this.#host.ended(run, ending);
  }

  #onDeadlineSet(attempt: Attempt, inMs: number): void {
    const run = this.#runs.get(attempt);
    if (run !== undefined) this.#host.deadlineSet(run, inMs, this.#timeout(run));
  }

  /** How the attempt ends at its deadline: tried again while attempts are left, else `timed_out`. */
  #timeout(run: Run): Ending {
    const { policy, hold } = { policy: run.attempt.policy, hold: run.hold };
    const error: JobTimeoutError = run.attempt.timeoutError();
    const failures = hold.header.failures + 1;
    const durationMs = policy.timeoutMs ?? 0;
    const body = encodeError(error, 'timeout');
    if (failures >= policy.maxAttempts) return { letter: 't', durationMs, body, error };
    const means = { random: Math.random, custom: this.#host.options.backoffs, warn: () => {} };
    const delayMs = chooseBackoffMs(policy.backoff, failures, error, run.job, means);
    return { letter: 'r', durationMs, delayMs, body, error };
  }
}

/** Results are bounded as payloads are. */
const MAX_RESULT_BYTES = 1_048_576;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
