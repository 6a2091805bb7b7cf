import type { ActiveJob, WorkerHooks } from '@millrace/core';

/** Sees what a worker does with jobs: each run of a handler, and each call of a hook. */
export class Witness {
  /** Ids in the order in which their handlers began, as often as they did. */
  readonly runs: string[] = [];
  /** The runs that were aborted from outside. */
  readonly aborted: string[] = [];
  readonly #told = new Map<string, string[]>();

  /** All hooks of a worker. */
  readonly hooks: WorkerHooks = {
    onStart: ({ id }) => this.#tell(id, 'start'),
    onSuccess: ({ id }) => this.#tell(id, 'success'),
    onFailure: ({ id }, _, { willRetry }) => this.#tell(id, willRetry ? 'failure, to be retried' : 'failure'),
    onTimeout: ({ id }, { kind }) => this.#tell(id, `timeout by ${kind}`),
    onPermanentFailure: ({ id }, _, { state }) => this.#tell(id, `permanent: ${state}`),
    onCancel: ({ id }) => this.#tell(id, 'cancel'),
  };

  /** A handler that notes itself before `inner`. */
  handler(inner: (job: ActiveJob) => unknown = () => 'done'): (job: ActiveJob) => unknown {
    return (job) => {
      this.runs.push(job.id);
      job.signal.addEventListener('abort', () => this.aborted.push(job.id));
      return inner(job);
    };
  }

  runsOf(id: string): number {
    return this.runs.filter((run) => run === id).length;
  }

  /** What the hooks were told of a job, in order. */
  toldOf(id: string): readonly string[] {
    return this.#told.get(id) ?? [];
  }

  #tell(id: string, what: string): void {
    this.#told.set(id, [...this.toldOf(id), what]);
  }
}
