import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisServer } from '../../scripts/find-redis.ts';
import { freePort } from './free-port.ts';
import { reapWithParent } from './reaper.ts';
import { bulkStrings, rawCommand } from './redis-client.ts';
import type { RedisServer } from './redis-server.ts';
import { waitFor } from './wait-for.ts';

/** How many Sentinels watch, and how fast they act. */
export interface SentinelOptions {
  /** Default 1. */
  readonly count?: number;
  /** After so long without an answer a primary is taken for gone. Default 500. */
  readonly downAfterMs?: number;
}

interface Sentinel {
  readonly port: number;
  readonly id: string;
}

/** Sentinels on loopback that watch one primary, called `main`, and know its replicas and each other from the start. */
export class Sentinels {
  readonly #processes: ChildProcess[] = [];
  readonly #reapers: ChildProcess[] = [];
  readonly #folders: string[] = [];

  private constructor(readonly nodes: readonly { readonly host: string; readonly port: number }[]) {}

  static async start(
    primary: RedisServer,
    replicas: readonly RedisServer[] = [],
    options: SentinelOptions = {},
  ): Promise<Sentinels> {
    const { count = 1, downAfterMs = 500 } = options;
    const watchers: Sentinel[] = [];
    for (let i = 0; i < count; i += 1) watchers.push({ port: await freePort(), id: randomBytes(20).toString('hex') });
    const sentinels = new Sentinels(watchers.map(({ port }) => ({ host: '127.0.0.1', port })));
    try {
      for (const watcher of watchers) {
        const others = watchers.filter((one) => one !== watcher);
        await sentinels.#spawn(watcher, configOf(watcher, { primary, replicas, others, downAfterMs }));
      }
    } catch (error) {
      await sentinels.stop();
      throw error;
    }
    return sentinels;
  }

  /** The port of the server that the Sentinels take for the primary now. */
  async primaryPort(): Promise<number> {
    const port = this.nodes[0]?.port ?? 0;
    const [, primary] = bulkStrings(await rawCommand(port, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main']));
    return Number(primary);
  }

  async stop(): Promise<void> {
    const ended = this.#processes.filter(({ exitCode }) => exitCode === null).map((child) => once(child, 'exit'));
    for (const child of this.#processes) child.kill('SIGKILL');
    await Promise.all(ended);
    for (const reaper of this.#reapers) reaper.kill('SIGKILL');
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }

  async #spawn({ port }: Sentinel, lines: readonly string[]): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-sentinel-'));
    this.#folders.push(folder);
    const file = join(folder, 'sentinel.conf');
    await writeFile(file, [...lines, `dir ${folder}`].join('\n'));
    const child = spawn(await findRedisServer(), [file, '--sentinel'], { stdio: 'ignore' });
    this.#processes.push(child);
    await once(child, 'spawn');
    this.#reapers.push(reapWithParent(child.pid ?? 0, folder));
    await waitFor('the sentinel', async () => (await rawCommand(port, ['PING'])).includes('PONG'));
  }
}

interface Watched {
  readonly primary: RedisServer;
  readonly replicas: readonly RedisServer[];
  readonly others: readonly Sentinel[];
  readonly downAfterMs: number;
}

/** Without what is known, a Sentinel would take seconds to find it out. */
function configOf({ port, id }: Sentinel, { primary, replicas, others, downAfterMs }: Watched): string[] {
  const quorum = Math.floor((others.length + 1) / 2) + 1;
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel myid ${id}`,
    `sentinel monitor main 127.0.0.1 ${primary.port} ${quorum}`,
    `sentinel down-after-milliseconds main ${downAfterMs}`,
    'sentinel failover-timeout main 5000',
    ...replicas.map((replica) => `sentinel known-replica main 127.0.0.1 ${replica.port}`),
    ...others.map((other) => `sentinel known-sentinel main 127.0.0.1 ${other.port} ${other.id}`),
  ];
}
