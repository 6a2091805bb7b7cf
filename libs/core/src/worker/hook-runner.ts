import type { Clock } from '../clock/index.js';
import { sleep } from '../clock/index.js';
import { describeError } from '../errors/index.js';
import type { JobRun } from '../job/job-run.js';
import type { Logger, WorkerHooks } from '../options/index.js';

/** Calls hooks: one that throws or takes too long is logged, and changes nothing. */
export class HookRunner {
  readonly #hooks: WorkerHooks;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(hooks: WorkerHooks, timeoutMs: number, clock: Clock, logger: Logger) {
    this.#hooks = hooks;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    this.#logger = logger;
  }

  has(name: keyof WorkerHooks): boolean {
    return this.#hooks[name] !== undefined;
  }

  /** Resolves when the hook has ended, or after `hookTimeoutMs`. Never rejects. */
  async call<K extends keyof WorkerHooks>(name: K, run: JobRun, ...rest: HookArguments<K>): Promise<void> {
    const hook = this.#hooks[name] as ((run: JobRun, ...rest: unknown[]) => unknown) | undefined;
    if (hook !== undefined) await this.callOther(name, hook, run, ...rest);
  }

  /** The same with a function that is no hook of the worker. */
  async callOther<R extends readonly unknown[]>(
    name: string,
    hook: (run: JobRun, ...rest: R) => unknown,
    run: JobRun,
    ...rest: R
  ): Promise<void> {
    try {
      const pending = hook(run, ...rest);
      if (isThenable(pending)) await this.#inTime(name, run, Promise.resolve(pending));
    } catch (error) {
      this.#log(name, run, describeError(error).message);
    }
  }

  async #inTime(name: string, run: JobRun, pending: Promise<unknown>): Promise<void> {
    const done = new AbortController();
    const late = sleep(this.#clock, this.#timeoutMs, { signal: done.signal, unref: true }).then(
      () => this.#log(name, run, `still running after ${this.#timeoutMs} ms`),
      () => {},
    );
    const ended = pending.catch((error: unknown) => this.#log(name, run, describeError(error).message));
    await Promise.race([late, ended]);
    done.abort();
  }

  #log(name: string, run: JobRun, problem: string): void {
    this.#logger.error(`Hook ${name} for job ${run.queue}/${run.id} failed: ${problem}. The job is not affected.`, {
      queue: run.queue,
      job: run.id,
      attempt: run.attempt,
    });
  }
}

type HookArguments<K extends keyof WorkerHooks> =
  NonNullable<WorkerHooks[K]> extends (run: JobRun, ...rest: infer R) => unknown ? R : never;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
