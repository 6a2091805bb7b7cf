import { once } from 'node:events';
import { Worker as Thread } from 'node:worker_threads';

import { connect, Queue, silentLogger, Worker, type Connection, type WorkerOptions } from '@millrace/core';
import { Redis } from 'ioredis';

import { beginSlowLog, readSlowLog } from '../million/slow-log.js';
import { BenchServer } from '../server.js';

/** Below this, Redis does not note a command. */
const NOTED_FROM_MS = 1;
const PATIENCE_MS = 120_000;

/** A Redis for one case, and what is connected to it; `close` ends all of it. */
export class Scene {
  readonly #connections: Connection[] = [];
  readonly #queues: Queue[] = [];
  readonly #workers: Worker[] = [];
  readonly #threads: Thread[] = [];

  private constructor(
    readonly server: BenchServer,
    readonly redis: Redis,
    /** Whether the server runs before all other processes. */
    readonly isFavoured: boolean,
  ) {}

  static async open(): Promise<Scene> {
    const server = await BenchServer.start('off');
    return new Scene(server, new Redis({ port: server.port, host: '127.0.0.1' }), server.favour());
  }

  async connect(): Promise<Connection> {
    const connection = await connect(`redis://127.0.0.1:${this.server.port}`, { logger: silentLogger });
    this.#connections.push(connection);
    return connection;
  }

  queue(name: string, connection: Connection): Queue {
    const queue = new Queue(name, { connection });
    this.#queues.push(queue);
    return queue;
  }

  /** A worker that has started. */
  async worker(options: WorkerOptions<Connection>): Promise<Worker> {
    const worker = new Worker({ shutdownTimeoutMs: 1_000, ...options });
    this.#workers.push(worker);
    await worker.start();
    return worker;
  }

  /** How long the longest command held Redis since `beginSlow`; 0 where none took a millisecond. */
  async longestMs(): Promise<number> {
    return (await readSlowLog(this.redis))?.worstMs ?? 0;
  }

  async beginSlow(): Promise<void> {
    await beginSlowLog(this.redis, NOTED_FROM_MS);
  }

  /** Connections of Millrace that Redis has. */
  async clients(): Promise<number> {
    const list = String(await this.redis.client('LIST'));
    return list.split('\n').filter((line) => line.includes(' name=millrace')).length;
  }

  /** Seconds of CPU that Redis has used. */
  async cpuSeconds(): Promise<number> {
    const info = await this.redis.info('cpu');
    const of = (field: string): number => Number(new RegExp(`^${field}:(.+)`, 'm').exec(info)?.[1]);
    return of('used_cpu_sys') + of('used_cpu_user');
  }

  /** Bytes of data that Redis holds. */
  async dataBytes(): Promise<number> {
    return Number(/^used_memory_dataset:(\d+)/m.exec(await this.redis.info('memory'))?.[1]);
  }

  /** Pings Redis again and again from a thread that does nothing else, until it is told to stop; answers how long each took. */
  async pinging(): Promise<() => Promise<readonly number[]>> {
    const thread = new Thread(new URL('pinger.js', import.meta.url), { workerData: this.server.port });
    this.#threads.push(thread);
    await once(thread, 'message');
    return async () => {
      thread.postMessage('stop');
      const [took] = (await once(thread, 'message')) as [readonly number[]];
      return took;
    };
  }

  /** Ends everything, workers first. */
  async close(): Promise<void> {
    try {
      await Promise.all(this.#workers.map((worker) => worker.stop()));
      await Promise.all(this.#queues.map((queue) => queue.close()));
      await Promise.all(this.#connections.map((connection) => connection.close()));
    } finally {
      this.redis.disconnect();
      await Promise.all(this.#threads.map((thread) => thread.terminate()));
      await this.server.stop();
    }
  }
}

/** Waits until a condition holds. @throws Error when it does not in two minutes */
export async function until(what: string, condition: () => boolean | Promise<boolean>, everyMs = 20): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not within ${PATIENCE_MS / 1_000} s: ${what}.`);
    await pause(everyMs);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Calls again and again until it is told to stop; answers how long each call took. */
export function probe(call: () => Promise<unknown>): () => Promise<readonly number[]> {
  let isOver = false;
  const took: number[] = [];
  const calling = (async () => {
    while (!isOver) {
      const from = performance.now();
      await call();
      took.push(performance.now() - from);
      await pause(5);
    }
  })();
  // A case that is given up never asks for them.
  calling.catch(() => undefined);
  return async () => {
    isOver = true;
    await calling;
    return took;
  };
}
