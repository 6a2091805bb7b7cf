import { UnrecoverableError } from '../errors/index.js';
import type { ActiveJob } from '../job/active-job.js';
import { encodeFollowingToo, Onward } from '../job/onward.js';
import type { IntoJob, ResolvedBatch, ResolvedHandler, RunningBatch } from '../options/index.js';
import type { Hold } from './hold.js';
import type { Run } from './run.js';
import type { Runner } from './runner.js';

/** What the runner of batches asks of its consumer. */
export interface BatchRunnerHost {
  readonly runner: Runner;
  /** Makes a call that starts a handler, as soon as the lease surely holds. */
  launch(start: () => void): void;
}

/** Calls a handler once for several jobs, each of which has an attempt and an end of its own. */
export class BatchRunner {
  readonly #host: BatchRunnerHost;

  constructor(host: BatchRunnerHost) {
    this.#host = host;
  }

  /** Starts the handler with the jobs that can run; one that cannot ends by itself. */
  async start(holds: readonly Hold[], handler: ResolvedHandler, batch: ResolvedBatch): Promise<void> {
    const { runner } = this.#host;
    const runs = holds.flatMap((hold) => runner.enter(hold, handler) ?? []);
    const areReady = await Promise.all(runs.map((run) => runner.prepare(run)));
    this.#host.launch(() => {
      const left = runs.filter((run, i) => areReady[i] && !runner.isLate(run));
      const problem = left[0]?.hold.unit?.problem;
      if (problem !== undefined) this.#threw(left, problem.thrown);
      else if (left.length > 0) this.#call(left, batch);
    });
  }

  #call(runs: readonly Run[], { run: handler, into }: ResolvedBatch): void {
    const batch = new BatchOfRuns(runs);
    // Not in this tick: a handler that throws at once is one that rejects.
    const returned = new Promise((resolve) => resolve(handler(jobsOf(runs), batch)));
    returned.then(
      (result) =>
        into === undefined || result === undefined ? this.#returned(runs, result) : this.#became(runs, into, result),
      (error: unknown) => this.#threw(runs, error),
    );
  }

  #returned(runs: readonly Run[], result: unknown): void {
    const { runner } = this.#host;
    const outcomes = outcomesIn(result);
    if (outcomes === undefined) return runs.forEach((run) => runner.returned(run, undefined));
    if (outcomes.length !== runs.length) return this.#threw(runs, wrongNumber(outcomes.length, runs.length));
    outcomes.forEach((outcome, i) => {
      if (outcome.status === 'fulfilled') runner.returned(runs[i]!, outcome.value);
      else runner.threw(runs[i]!, outcome.reason);
    });
  }

  /** All of them complete, and one job follows: each brings it along, so that it comes although some do not count any more. */
  async #became(runs: readonly Run[], into: IntoJob, data: unknown): Promise<void> {
    let next: Onward;
    try {
      next = await runs[0]!.job.completeWith(undefined, { ...into, data });
    } catch (error) {
      return this.#threw(runs, error);
    }
    const { runner } = this.#host;
    const left = runs.filter((run) => !runner.isLate(run));
    const too = new Onward('q', next.queue, encodeFollowingToo(next.body));
    left.forEach((run, i) => runner.returned(run, i === 0 ? next : too));
  }

  #threw(runs: readonly Run[], error: unknown): void {
    for (const run of runs) this.#host.runner.threw(run, error);
  }
}

function jobsOf(runs: readonly Run[]): readonly ActiveJob[] {
  return Object.freeze(runs.map(({ job }) => job));
}

/** What a handler says of each of its jobs; `undefined` if it says nothing of the kind. */
function outcomesIn(result: unknown): readonly PromiseSettledResult<unknown>[] | undefined {
  return Array.isArray(result) && result.length > 0 && result.every(isOutcome) ? result : undefined;
}

function isOutcome(value: unknown): value is PromiseSettledResult<unknown> {
  const status = (value as { readonly status?: unknown } | null | undefined)?.status;
  return status === 'fulfilled' || status === 'rejected';
}

/** Nobody can tell which outcome is whose, and another attempt would be the same. */
function wrongNumber(outcomes: number, jobs: number): UnrecoverableError {
  return new UnrecoverableError(
    `The handler of a batch of ${jobs} jobs returned ${outcomes} outcomes. Return one for each job, in their order, or nothing.`,
  );
}

/** The batch as its handler sees it. */
class BatchOfRuns implements RunningBatch {
  readonly #runs: readonly Run[];
  #signal: AbortSignal | undefined;

  constructor(runs: readonly Run[]) {
    this.#runs = runs;
  }

  get signal(): AbortSignal {
    this.#signal ??= allAborted(this.#runs.map(({ attempt }) => attempt.signal));
    return this.#signal;
  }
}

/** Aborts when the last of the signals does, for the same reason. */
function allAborted(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  const look = (): void => {
    if (signals.every(({ aborted }) => aborted)) controller.abort(signals.at(-1)?.reason);
  };
  for (const signal of signals) signal.addEventListener('abort', look, { once: true });
  look();
  return controller.signal;
}
