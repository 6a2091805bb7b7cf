import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import type { Persistence } from './result.js';

const START_TIMEOUT_MS = 10_000;

/** What Redis is told of its data. A rewrite of the log in the middle of a measurement would hit one peer alone. */
const SETTINGS: Readonly<Record<Persistence, readonly string[]>> = Object.freeze({
  off: ['--appendonly', 'no'],
  everysec: ['--appendonly', 'yes', '--appendfsync', 'everysec', '--auto-aof-rewrite-percentage', '0'],
});

/** A Redis of our own: loopback only, in a folder that goes with it. */
export class BenchServer {
  readonly port: number;
  readonly #args: readonly string[];
  readonly #folder: string;
  #process: ChildProcess | undefined;
  #isStopped = false;

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#args = args;
  }

  /** @throws Error with a sentence when there is no `redis-server`, or it does not answer */
  static async start(persistence: Persistence): Promise<BenchServer> {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
    const common = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    const server = new BenchServer(port, folder, [...common, ...SETTINGS[persistence]]);
    try {
      await server.resume();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** What it calls its version. */
  async version(): Promise<string> {
    const redis = new Redis({ port: this.port, host: '127.0.0.1' });
    const info = await redis.info('server');
    redis.disconnect();
    return /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown';
  }

  /** Starts it again after {@link crash}, with the data that it kept. @throws as `start` */
  async resume(): Promise<void> {
    if (this.#isStopped) throw new Error('The Redis of this measurement has been stopped.');
    this.#process = spawn('redis-server', this.#args, { stdio: 'ignore' });
    await Promise.race([answers(this.port), failure(this.#process)]);
  }

  /**
   * Lets the server run before all other processes, so that what it says of its times is not how long it waited for a processor.
   * False where the system does not allow it: root may.
   */
  favour(): boolean {
    try {
      setPriority(this.#process?.pid ?? NaN, constants.priority.PRIORITY_HIGHEST);
      return true;
    } catch {
      return false;
    }
  }

  /** Ends the server at once, as a crash of its process would; its data stay. */
  async crash(): Promise<void> {
    const server = this.#process;
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }

  /** Ends the server and removes its folder. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.crash();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function answers(port: number): Promise<void> {
  const probe = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null, retryStrategy: () => 20 });
  probe.on('error', () => {});
  const timer = setTimeout(() => probe.disconnect(), START_TIMEOUT_MS);
  try {
    await probe.ping();
  } catch (error) {
    throw new Error(`Redis did not answer within ${START_TIMEOUT_MS / 1_000} s.`, { cause: error });
  } finally {
    clearTimeout(timer);
    probe.disconnect();
  }
}

async function failure(child: ChildProcess): Promise<never> {
  const reason = await once(child, 'exit').then(
    () => 'it ended at once',
    (error: Error) => error.message,
  );
  throw new Error(`redis-server could not be started (${reason}). Install redis-server 7.0 or newer.`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port was found.');
  return address.port;
}
