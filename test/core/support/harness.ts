import {
  connect,
  Queue,
  silentLogger,
  VirtualClock,
  Worker,
  type AnyJobs,
  type Connection,
  type ConnectSettings,
  type QueueOptions,
  type WorkerOptions,
} from '@millrace/core';
import { redisUrl, uniquePrefix } from '../../support/redis.ts';

type WorkerSettings = Omit<WorkerOptions<Connection>, 'connection' | 'queues'> & {
  readonly connection?: Connection;
  readonly queues?: WorkerOptions<Connection>['queues'];
};

/** What the tests of queues use: connections, queues and workers under one prefix, all of which `close` ends. */
export class Harness {
  readonly prefix = uniquePrefix('core-');
  readonly url: string;
  readonly #ends: (() => Promise<unknown>)[] = [];
  readonly #connections: Connection[] = [];
  #connection: Promise<Connection> | undefined;

  /** @param url of a Redis or a proxy; the run's own Redis by default */
  constructor(url = redisUrl()) {
    this.url = url;
  }

  /** One connection for all that does not ask for its own. */
  get connection(): Promise<Connection> {
    this.#connection ??= this.connect();
    return this.#connection;
  }

  /** A connection of its own. */
  async connect(settings: ConnectSettings = {}, url = this.url): Promise<Connection> {
    const connection = await connect(url, { logger: silentLogger, prefix: this.prefix, ...settings });
    this.#ends.push(() => connection.close());
    this.#connections.push(connection);
    return connection;
  }

  /** A clock that the test moves. Before time goes on, all is quiet: Redis is asked nothing any more. */
  virtualClock(): VirtualClock {
    return new VirtualClock({ settle: () => this.#quiet() });
  }

  /** A queue, called `mail` where the name does not matter. */
  async queue(name = 'mail', options: Partial<QueueOptions<Connection>> = {}): Promise<Queue<AnyJobs>> {
    const queue = new Queue(name, { connection: await this.connection, ...options });
    this.#ends.push(() => queue.close());
    return queue;
  }

  /** A clock that the test moves, a connection that goes by it, and a queue on that. */
  async timed(): Promise<{ clock: VirtualClock; connection: Connection; queue: Queue<AnyJobs> }> {
    const clock = this.virtualClock();
    const connection = await this.connect({ clock });
    return { clock, connection, queue: await this.queue('mail', { connection }) };
  }

  /** A worker that runs. Its lease is kept on the main thread: none of these tests blocks it. */
  async worker(settings: WorkerSettings): Promise<Worker> {
    const connection = settings.connection ?? (await this.connection);
    const lease = { keeper: 'main', ...settings.lease } as const;
    const worker = new Worker({ queues: 'mail', shutdownTimeoutMs: 200, ...settings, connection, lease });
    this.#ends.push(() => worker.stop());
    await worker.start();
    return worker;
  }

  /** Asks Redis until it has run nothing between two questions but these, twice. */
  async #quiet(): Promise<void> {
    let last = NaN;
    for (let quietRounds = 0; quietRounds < 2;) {
      const questions = this.#connections.map(({ client }) => client.info('stats'));
      const stats = await Promise.all(questions);
      await new Promise((resolve) => setImmediate(resolve));
      const total = Math.max(...stats.map((text) => Number(/total_commands_processed:(\d+)/.exec(text)?.[1])));
      quietRounds = total - last === questions.length ? quietRounds + 1 : 0;
      last = total;
    }
  }

  /** Ends everything, the youngest first. */
  async close(): Promise<void> {
    this.#connection = undefined;
    this.#connections.length = 0;
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}
