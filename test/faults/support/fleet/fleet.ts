import type { AnyJobs, Connection, Job, Queue } from '@millrace/core';
import { Harness } from '../../../core/support/harness.ts';
import { Child } from '../../../support/child.ts';
import { redisUrl } from '../../../support/redis.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { History } from './history.ts';
import type { ProcessSettings } from './protocol.ts';
import { PATIENCE, WorkerProcess } from './worker-process.ts';

/** What one process of a fleet has of its own; `url` of a proxy, where it is not to reach Redis directly. */
export type FleetSettings = Omit<ProcessSettings, 'url' | 'prefix' | 'folder'> & Partial<Pick<ProcessSettings, 'url'>>;

/** Worker processes on one Redis, the history that they write, and a connection by which a test sees what Redis has. */
export class Fleet {
  readonly #processes: { kill(): Promise<unknown> }[] = [];
  readonly #supervisions: Promise<void>[] = [];
  #isOver = false;

  private constructor(
    readonly harness: Harness,
    readonly history: History,
    readonly connection: Connection,
  ) {}

  /** @param url of the Redis; the run's own by default */
  static async prepare(url = redisUrl()): Promise<Fleet> {
    const harness = new Harness(url);
    return new Fleet(harness, await History.create(), await harness.connection);
  }

  queue(name = 'mail'): Promise<Queue<AnyJobs>> {
    return this.harness.queue(name);
  }

  /** A process that works nothing yet. */
  async process(settings: FleetSettings): Promise<WorkerProcess> {
    const { url, prefix } = this.harness;
    const starting = WorkerProcess.start({ url, prefix, folder: this.history.folder, ...settings });
    // Before it is there: a test may end meanwhile.
    this.#processes.push({ kill: async () => (await starting).kill() });
    const started = await starting;
    await started.ready();
    return started;
  }

  /** A process of another program: its argument is `settings` as JSON, with `prefix` and the `folder` of the history. */
  async program(program: URL, settings: object, execArgv: readonly string[] = []): Promise<Child> {
    const { prefix } = this.harness;
    const args = [JSON.stringify({ prefix, folder: this.history.folder, ...settings })];
    const started = await Child.start(program, { args, execArgv });
    this.#processes.push(started);
    return started;
  }

  /** A process that is started ahead, for that takes seconds; nobody has to wait for it. */
  standBy(settings: FleetSettings): Promise<WorkerProcess> {
    const starting = this.process(settings);
    starting.catch(() => undefined);
    return starting;
  }

  /** Has one process work a queue, and another whenever that has died. Returns those that died, in their order. */
  supervise(queue: string, settings: FleetSettings): WorkerProcess[] {
    const dead: WorkerProcess[] = [];
    const run = async (): Promise<void> => {
      for (let next = this.standBy(settings); !this.#isOver;) {
        const process = await next;
        next = this.standBy(settings);
        void process.work(queue).catch(() => undefined);
        await process.exited;
        if (!this.#isOver) dead.push(process);
      }
    };
    // One that is killed at the end of the test may not have begun to work.
    this.#supervisions.push(run().catch(() => undefined));
    return dead;
  }

  /** Resolves when each of these jobs has been started so often, by whichever process. */
  async started(jobs: readonly Job[], times = 1): Promise<void> {
    await waitFor(
      `${jobs.length} jobs to be started ${times} times`,
      async () => {
        const starts = await this.history.of('start');
        return jobs.every(({ id }) => starts.filter((line) => line.id === id).length >= times);
      },
      PATIENCE,
    );
  }

  /** Resolves when all these jobs have ended, with how they are then. */
  async ended(queue: Queue<AnyJobs>, jobs: readonly Job[], { timeoutMs } = PATIENCE): Promise<Job[]> {
    return waitFor(
      `${jobs.length} jobs to end`,
      async () => {
        const found = await Promise.all(jobs.map(({ id }) => queue.get(id)));
        const over = found.filter((job) => job?.finishedAt !== undefined);
        return over.length === jobs.length ? (over as Job[]) : undefined;
      },
      { timeoutMs, intervalMs: 50 },
    );
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#processes.map((one) => one.kill()));
    await Promise.all(this.#supervisions);
    // One more may have been started meanwhile.
    await Promise.all(this.#processes.map((one) => one.kill()));
    await this.harness.close();
    await this.history.remove();
  }
}
