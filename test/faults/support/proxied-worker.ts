import { type AnyJobs, type Connection, type ConnectSettings, type Job, type Queue, type Worker } from '@millrace/core';
import { EventReader } from '../../core/support/event-reader.ts';
import { Harness } from '../../core/support/harness.ts';
import { Proxy } from '../../support/proxy.ts';
import { bulkStrings, rawCommand } from '../../support/redis-client.ts';
import { redisUrl } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Witness } from './witness.ts';

type WorkerSettings = Parameters<Harness['worker']>[0];
type Draft = Parameters<Queue<AnyJobs>['addMany']>[0][number];

/** Room for a machine that is busy. */
export const PATIENCE = { timeoutMs: 12_000 };

/** A worker behind a proxy, and a queue beside the proxy by which a test sees what Redis has. */
export class ProxiedWorker {
  readonly witness = new Witness();
  readonly proxy: Proxy;
  readonly harness: Harness;
  readonly queue: Queue<AnyJobs>;
  readonly direct: Connection;
  readonly events: EventReader;
  worker!: Worker;

  private constructor(parts: Pick<ProxiedWorker, 'proxy' | 'harness' | 'queue' | 'direct' | 'events'>) {
    ({ proxy: this.proxy, harness: this.harness, queue: this.queue, direct: this.direct, events: this.events } = parts);
  }

  static async prepare(): Promise<ProxiedWorker> {
    const proxy = await Proxy.start(redisUrl());
    const harness = new Harness();
    const direct = await harness.connection;
    const queue = await harness.queue();
    return new ProxiedWorker({ proxy, harness, queue, direct, events: await EventReader.start(queue) });
  }

  /** A connection through the proxy. */
  connect(settings: ConnectSettings = {}): Promise<Connection> {
    return this.harness.connect(settings, this.proxy.url);
  }

  /** Starts the worker behind the proxy. */
  async start(settings: WorkerSettings, connect: ConnectSettings = {}): Promise<Worker> {
    return this.startOn(await this.connect(connect), settings);
  }

  /** Starts the worker on a connection through the proxy. */
  async startOn(connection: Connection, settings: WorkerSettings): Promise<Worker> {
    this.worker = await this.harness.worker({ hooks: this.witness.hooks, ...settings, connection });
    return this.worker;
  }

  async add(count: number, draft: Partial<Draft> = {}): Promise<Job[]> {
    return this.queue.addMany(Array.from({ length: count }, (_, data) => ({ name: 'any', data, ...draft })));
  }

  /**
   * Resolves when every job has ended. One question for all of them: hundreds of questions at a time took most of the process in
   * which the workers run, too.
   */
  async ended(jobs: readonly { readonly id: string }[]): Promise<Job[]> {
    const ids = jobs.map(({ id }) => id);
    const look = async (): Promise<Job[]> => {
      const found = await this.queue.getMany(ids);
      const left = found
        .filter(({ finishedAt }) => finishedAt === undefined)
        .map(({ id, state }) => `${id} is ${state}`);
      if (left.length > 0 || found.length < ids.length)
        throw new Error(`${found.length} are there: ${left.join(', ')}`);
      return found;
    };
    return waitFor(`${ids.length} jobs to end`, look, { ...PATIENCE, intervalMs: 50 });
  }

  /** The types of the events of a job, in order, once one of `last` was among them. */
  async eventsOf(id: string, last: string): Promise<string[]> {
    const types = (): string[] => this.events.events.filter((event) => event.id === id).map(({ type }) => type);
    await waitFor(`the event ${last} of ${id}`, () => types().includes(last), PATIENCE);
    return types();
  }

  /**
   * Sees that the worker goes on, stops it and all `others`, and names what they left in Redis: nothing.
   */
  async leavesNothing(...others: readonly Worker[]): Promise<string[]> {
    const [job] = await this.add(1, { data: 'after' });
    await this.ended([job!]);
    await waitFor('nothing to be held', async () => (await this.queue.counts()).active === 0, PATIENCE);
    for (const worker of [...others, this.worker]) await worker.stop();
    return this.traces();
  }

  /** The keys in which something is held, or a worker is known. */
  async traces(): Promise<string[]> {
    const port = Number(new URL(redisUrl()).port);
    const keys = bulkStrings(await rawCommand(port, ['KEYS', `${this.harness.prefix}:{mail}:*`]));
    return keys
      .map((key) => key.slice(`${this.harness.prefix}:{mail}:`.length))
      .filter((key) => /^(h:|L$|ws$|i$)/.test(key));
  }

  /** Ends everything, whatever a test that failed has left behind. */
  async close(): Promise<void> {
    // Whoever closes waits for answers.
    await this.proxy.pass();
    try {
      await this.events.stop();
      await this.harness.close();
    } finally {
      await this.proxy.close();
    }
  }
}
