import { BrokenPayloadError, describeError } from '../errors/index.js';
import { MAX_RESULT_BYTES } from '../job/limits.js';
import { decodePayload } from '../job/payload.js';
import { checkBySchema } from '../job/schema-check.js';
import type { ResolvedHandler, ResolvedWorkerOptions } from '../options/index.js';
import { Attempt, type AttemptHost } from './attempt.js';
import { ByPlace } from './by-place.js';
import type { Ending } from './ending.js';
import type { Hold } from './hold.js';
import type { HookRunner } from './hook-runner.js';
import type { JobLog } from './job-log.js';
import { Onwards } from './onwards.js';
import type { Run } from './run.js';
import { countSameKind } from './same-kind.js';
import { RunningJob } from './running-job.js';
import type { Verdict } from './verdict.js';
import type { WorkerContext } from './worker-context.js';

/** What the runner asks of, and tells to, its consumer. */
export interface RunnerHost extends Pick<AttemptHost, 'context' | 'clock'> {
  readonly options: Pick<ResolvedWorkerOptions, 'defaults'>;
  readonly hooks: HookRunner;
  readonly verdict: Verdict;
  readonly workerContext: WorkerContext;
  readonly log: JobLog | undefined;
  /** Makes a call that starts a handler, as soon as the lease surely holds. */
  launch(start: () => void): void;
  /** The attempt has ended by itself or at its deadline; it still has to be handed in. */
  ended(run: Run, ending: Ending): void;
  /** The deadline was set or moved: the lease keeper must know, for a blocked event loop fires no timer. */
  deadlineSet(run: Run, inMs: number): void;
}

/** Runs that a worker tells of. */
const REPORTED = 100;

/** Runs handlers. */
export class Runner {
  readonly #host: RunnerHost;
  readonly #attemptHost: AttemptHost;
  readonly #runs = new ByPlace<Run>();
  readonly #zombies = new Set<Run>();

  constructor(host: RunnerHost) {
    this.#host = host;
    this.#attemptHost = {
      context: host.context,
      clock: host.clock,
      shared: host.workerContext,
      defaults: host.options.defaults,
      onwards: new Onwards(host.context),
      limits: { maxBytes: MAX_RESULT_BYTES, limit: 'the limit' },
      onDeadline: (attempt) => this.#onDeadline(attempt),
      onDeadlineSet: (attempt, inMs) => this.#onDeadlineSet(attempt, inMs),
    };
  }

  /** The attempts under way; those ended from outside are not among them. */
  get runs(): Iterable<Run> {
    return this.#runs;
  }

  get count(): number {
    return this.#runs.size;
  }

  /** What runs, for people. */
  names(): string[] {
    return Array.from(this.#runs, ({ hold, job }) => `${job.queue}/${hold.id} (${job.name})`);
  }

  /** The runs that have been under way longest, as {@link Epoch.report} takes them. */
  report(): string[] {
    const oldest = [...this.#runs].sort((a, b) => a.attempt.startedAt - b.attempt.startedAt).slice(0, REPORTED);
    return oldest.flatMap(({ hold: { id, token, envelope }, attempt, job }) => [
      id,
      token,
      String(Math.round(attempt.elapsedMs)),
      String(job.attempt),
      envelope.name,
    ]);
  }

  /** Handlers that have not settled although their attempts are over. */
  get zombies(): number {
    return this.#zombies.size;
  }

  /** The run of a hold, if it is under way. */
  find(id: string, token: string): Run | undefined {
    for (const run of this.#runs) if (run.hold.id === id && run.hold.token === token) return run;
    return undefined;
  }

  /** Starts the handler; a job that cannot be decoded ends at once instead. */
  start(hold: Hold, handler: ResolvedHandler): void {
    const run = this.enter(hold, handler);
    if (run === undefined) return;
    if (this.#needsTime(run)) void this.#startLater(run);
    else this.#call(run);
  }

  /** Begins an attempt whose handler is yet to be called. `undefined` if it has ended at once, because the job cannot be decoded. */
  enter(hold: Hold, handler: ResolvedHandler): Run | undefined {
    const decoded = decodePayload(hold.envelope.payload);
    const attempt = new Attempt(hold, handler, this.#attemptHost);
    const run = { hold, attempt, job: new RunningJob(attempt, decoded.ok ? decoded.value : undefined) };
    this.#runs.put(hold.place, run);
    this.#host.log?.started(run);
    const problem = decoded.ok ? startAttempt(attempt) : decoded.reason;
    if (problem === undefined) return run;
    this.#end(run, this.#host.verdict.onBroken(this.#broken(hold, problem), 0));
    return undefined;
  }

  #needsTime({ hold, attempt }: Run): boolean {
    return hold.header.hasNotes || attempt.handler.schema !== undefined || this.#host.hooks.has('onStart');
  }

  /** Ends an attempt from outside: what its handler does from now on counts no more. */
  abandon(run: Run, reason: Error): void {
    if (!this.#runs.remove(run.hold.place, run)) return;
    this.#zombies.add(run);
    run.attempt.abort(reason);
  }

  async #startLater(run: Run): Promise<void> {
    if (!(await this.prepare(run))) return;
    this.#host.launch(() => {
      if (!this.isLate(run)) this.#call(run);
    });
  }

  /**
   * What comes before the handler and takes time: the schema, what earlier attempts noted, and the hook. False if that has
   * ended the attempt.
   */
  async prepare(run: Run): Promise<boolean> {
    if (!this.#needsTime(run)) return true;
    const { schema } = run.attempt.handler;
    if (schema !== undefined) {
      const checked = await checkBySchema(schema, run.job.data, 'data');
      if (!checked.ok) {
        this.threw(run, this.#broken(run.hold, `it does not fit its schema: ${checked.problem}`));
        return false;
      }
      run.job.data = checked.value;
    }
    if (run.hold.header.hasNotes) await run.job.recall();
    await this.#host.hooks.call('onStart', run.job.run);
    return true;
  }

  #broken({ id }: Hold, problem: string): BrokenPayloadError {
    return new BrokenPayloadError(this.#host.context.name, id, problem);
  }

  #call(run: Run): void {
    let returned: unknown;
    let isPromise: boolean;
    try {
      returned = run.attempt.handler.run(run.job);
      isPromise = isThenable(returned);
    } catch (error) {
      return this.threw(run, error);
    }
    if (!isPromise) return this.returned(run, returned);
    // A promise comes back as it is; another thenable could settle twice.
    Promise.resolve(returned).then(
      (result) => this.returned(run, result),
      (error: unknown) => this.threw(run, error),
    );
  }

  /** The handler has returned; whatever it does after the end of the attempt counts no more. */
  returned(run: Run, result: unknown): void {
    if (!this.isLate(run)) this.#end(run, this.#host.verdict.onResult(run, result));
  }

  /** The handler has thrown. */
  threw(run: Run, thrown: unknown): void {
    if (this.isLate(run)) return;
    const { verdict, context } = this.#host;
    if (!verdict.needsHistory(run, thrown)) return this.#end(run, verdict.onError(run, thrown));
    void countSameKind(context, run.hold.id, thrown).then((sameKind) => {
      if (!this.isLate(run)) this.#end(run, verdict.onError(run, thrown, sameKind));
    });
  }

  /** Whether the attempt was ended from outside; asked once, when its handler settles. */
  isLate(run: Run): boolean {
    return this.#zombies.size > 0 && this.#zombies.delete(run);
  }

  #end(run: Run, ending: Ending): void {
    this.#runs.remove(run.hold.place, run);
    run.attempt.end();
    this.#host.ended(run, ending);
  }

  #onDeadline(attempt: Attempt): void {
    const run = this.#runOf(attempt);
    if (run === undefined) return;
    const ending = this.#host.verdict.onDeadline(run);
    this.abandon(run, attempt.timeoutError());
    this.#host.ended(run, ending);
  }

  #onDeadlineSet(attempt: Attempt, inMs: number): void {
    const run = this.#runOf(attempt);
    if (run !== undefined) this.#host.deadlineSet(run, inMs);
  }

  #runOf(attempt: Attempt): Run | undefined {
    const run = this.#runs.at(attempt.hold.place);
    return run?.attempt === attempt ? run : undefined;
  }
}

/** Sets the deadline, if there is one; returns what is wrong with it. */
function startAttempt(attempt: Attempt): string | undefined {
  try {
    attempt.start();
    return undefined;
  } catch (error) {
    // Only a record that was damaged by hand has such options.
    return `its options cannot be used (${describeError(error).message})`;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
