import type { AnyJobs, Connection, Queue } from '@millrace/core';
import { ConnectionLog } from '../../core/connection-log.ts';
import { Harness } from '../../core/support/harness.ts';

/** A queue whose keys a test damages by hand, and what its worker says of that. */
export class DamagedQueue {
  readonly log = new ConnectionLog();

  private constructor(
    readonly harness: Harness,
    /** What the test itself asks and damages with. */
    readonly direct: Connection,
    readonly queue: Queue<AnyJobs>,
  ) {}

  /** @param url of a Redis in which the test may do anything */
  static async open(url: string): Promise<DamagedQueue> {
    const harness = new Harness(url);
    const direct = await harness.connect();
    return new DamagedQueue(harness, direct, await harness.queue('mail', { connection: direct }));
  }

  /** A key of the queue, by its suffix. */
  key(suffix: string): string {
    return `${this.harness.prefix}:{mail}:${suffix}`;
  }

  /** A worker on a connection of its own, which logs to `log` and gives back what jobs are given. */
  async work(durationMs: number): Promise<void> {
    const connection = await this.harness.connect({ logger: this.log });
    await this.harness.worker({ connection, handler: ({ data }) => data, lease: { durationMs } });
  }

  close(): Promise<void> {
    return this.harness.close();
  }
}
