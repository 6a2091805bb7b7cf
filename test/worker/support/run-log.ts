import type { ActiveJob } from '@millrace/core';

/** Which jobs ran, and how many at a time. */
export class RunLog {
  /** Ids in the order in which they started, as often as they did. */
  readonly started: string[] = [];
  readonly ended: string[] = [];
  /** The most that ran at once. */
  peak = 0;
  #running = 0;

  get running(): number {
    return this.#running;
  }

  /** A handler that notes itself around `inner`. */
  handler<R>(inner?: (job: ActiveJob) => R | Promise<R>): (job: ActiveJob) => Promise<R | undefined> {
    return async (job) => {
      this.started.push(job.id);
      this.#running += 1;
      this.peak = Math.max(this.peak, this.#running);
      try {
        return await inner?.(job);
      } finally {
        this.#running -= 1;
        this.ended.push(job.id);
      }
    };
  }

  /** The ids that started more than once. */
  get repeated(): string[] {
    return [...new Set(this.started.filter((id, i) => this.started.indexOf(id) !== i))];
  }
}
