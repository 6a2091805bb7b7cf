import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisServer } from '../../scripts/find-redis.ts';
import { freePort } from './free-port.ts';
import { reapWithParent } from './reaper.ts';
import { rawCommand } from './redis-client.ts';
import { waitFor } from './wait-for.ts';

/** What differs from a server that keeps nothing. */
export interface RedisServerOptions {
  /** Keep data over `kill` and `restart` in an append-only file that is synced at each write. Default false. */
  readonly appendOnly?: boolean;
  /** More arguments of redis-server, such as `['--requirepass', 'secret']`. */
  readonly args?: readonly string[];
}

/** One redis-server of a test's own on a loopback port, in a temporary folder. It dies with this process. */
export class RedisServer {
  #process: ChildProcess | undefined;
  #reaper: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly options: RedisServerOptions,
  ) {}

  /** Starts a server and waits until it answers. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-redis-'));
    // Another process can take the free port first; a few tries make that vanish.
    for (let tries = 5; ; tries -= 1) {
      const server = new RedisServer(await freePort(), folder, options);
      try {
        await server.#spawn();
        return server;
      } catch (error) {
        if (tries > 1) continue;
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    }
  }

  /** `redis://127.0.0.1:<port>`. */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Process id of redis-server itself; undefined while it is down. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Ends the server at once with `signal`; the port and the folder stay, for {@link restart}. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child !== undefined) {
      const exited = once(child, 'exit');
      child.kill(signal);
      // A stopped process does not hear a polite signal.
      child.kill('SIGCONT');
      await exited;
    }
    this.#reaper?.kill('SIGKILL');
    this.#reaper = undefined;
  }

  /** Starts the server again on the same port and data. */
  async restart(): Promise<void> {
    await this.kill();
    await this.#spawn();
  }

  /**
   * Cuts the last bytes off the append-only file of a server that was killed: what a power cut costs that had not reached the
   * disk. Returns how many there were.
   */
  async tearOff(bytes: number): Promise<number> {
    const folder = join(this.folder, 'appendonlydir');
    const file = join(folder, (await readdir(folder)).find((name) => name.endsWith('.incr.aof')) ?? '');
    const { size } = await stat(file);
    await truncate(file, Math.max(0, size - bytes));
    return size;
  }

  /** Stops the server's process as a debugger would (SIGSTOP): connections stay open, nothing answers. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  /** Lets a frozen server go on. */
  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends the server and removes its folder. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What is in the append-only file now, since the last time that Redis wrote it anew. */
  async appendOnlyFile(): Promise<Buffer> {
    const folder = join(this.folder, 'appendonlydir');
    const parts = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof'));
    return Buffer.concat(await Promise.all(parts.sort(byNumber).map((name) => readFile(join(folder, name)))));
  }

  /** Runs one command on a connection of its own and returns the raw reply. */
  command(...args: string[]): Promise<string> {
    return rawCommand(this.port, args);
  }

  async #spawn(): Promise<void> {
    const persistence = this.options.appendOnly ? ['yes', '--appendfsync', 'always'] : ['no'];
    const child = spawn(
      await findRedisServer(),
      [
        ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder],
        ...['--save', '', '--appendonly', ...persistence, '--enable-debug-command', 'local'],
        ...(this.options.args ?? []),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const log: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => log.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => log.push(chunk.toString()));
    await once(child, 'spawn');
    this.#reaper = reapWithParent(child.pid ?? 0, this.folder);
    this.#process = child;
    child.once('exit', () => {
      if (this.#process === child) this.#process = undefined;
    });
    try {
      const isUp = async (): Promise<boolean> => child.exitCode !== null || (await this.#answers(log));
      await waitFor(`redis-server on port ${this.port}`, isUp, { timeoutMs: 10_000 });
      if (child.exitCode !== null) throw new Error(`redis-server ended at once:\n${log.join('')}`);
    } catch (error) {
      await this.kill();
      throw error;
    }
    // Read on, so that the server never blocks on a full pipe; keep nothing.
    log.length = 0;
    for (const stream of [child.stdout, child.stderr]) stream.removeAllListeners('data').resume();
  }

  async #answers(log: readonly string[]): Promise<boolean> {
    // The answer must come from this process: another one may have taken the port.
    const reply = await this.command('PING').catch(() => '');
    if (reply.startsWith('-NOAUTH')) return true;
    return reply.startsWith('+PONG') && log.join('').includes('Ready to accept connections');
  }
}

/** The parts of an append-only file are numbered: `appendonly.aof.12.incr.aof`. */
function byNumber(a: string, b: string): number {
  const numberOf = (name: string): number => Number(/\.(\d+)\.incr\.aof$/.exec(name)?.[1]);
  return numberOf(a) - numberOf(b);
}
