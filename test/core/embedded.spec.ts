import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, type Connection } from '../../libs/core/src/redis/index.js';
import { Child } from '../support/child.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { ConnectionLog } from './connection-log.ts';

interface Report {
  readonly type: 'connected' | 'refused' | 'set' | 'waiting';
  readonly pid: number;
  readonly code: string;
  readonly message: string;
  readonly warnings: readonly string[];
  readonly description: string;
}

const PROGRAM = new URL('./programs/embedded.ts', import.meta.url);

describe('the embedded server', () => {
  let folder: string;
  let log: ConnectionLog;
  let connections: Connection[];
  let children: Child[];

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'millrace-embedded-')));
    log = new ConnectionLog();
    connections = [];
    children = [];
  });

  afterEach(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await Promise.all(children.map((child) => child.kill()));
    await waitFor('the servers to end', async () => !(await isUsed(folder)));
    await rm(folder, { recursive: true, force: true });
  });

  async function open(dir = folder): Promise<Connection> {
    const connection = await connect({ embedded: { dir } }, { logger: log, connectTimeoutMs: 5_000 });
    connections.push(connection);
    return connection;
  }

  async function start(args: readonly string[] = [folder], env: Record<string, string> = {}): Promise<Child> {
    const child = await Child.start(PROGRAM, { args, env });
    children.push(child);
    return child;
  }

  it('serves a connection, says where its data lies, and keeps it', async () => {
    const first = await open();
    expect(first.embedded).toBe(true);
    expect(log.lines).toEqual([`info: Using an embedded Redis for development, which keeps its data in ${folder}.`]);
    await first.client.set('kept', 'over a restart');
    const pid = await serverPid(first);
    await first.close();
    await waitFor('its end', () => !isAlive(pid));
    const second = await open();
    expect(await second.client.get('kept')).toBe('over a restart');
    expect(await serverPid(second)).not.toBe(pid);
  });

  it('listens on a socket that only its user can reach, and on no port', async () => {
    const connection = await open();
    expect(connection.description).toBe(join(folder, 'redis.sock'));
    expect(await connection.client.config('GET', 'port')).toEqual(['port', '0']);
    expect(await connection.client.config('GET', 'unixsocketperm')).toEqual(['unixsocketperm', '700']);
  });

  it('is shared by the connections of a process, and ends with the last', async () => {
    const [first, second] = await Promise.all([open(), open()]);
    const pid = await serverPid(first);
    expect(await serverPid(second)).toBe(pid);
    await first.close();
    expect(await second.client.ping()).toBe('PONG');
    await second.close();
    await waitFor('its end', () => !isAlive(pid));
  });

  it('ends when its process is killed with signal 9, and has kept the data', async () => {
    const child = await start();
    const { pid } = await child.message<Report>({ type: 'connected' });
    child.send({ set: 'before the kill' });
    await child.message<Report>({ type: 'set' });
    await child.kill();
    await waitFor('its end', () => !isAlive(pid), { timeoutMs: 2_000 });
    expect(await (await open()).client.get('kept')).toBe('before the kill');
  });

  it('is not left behind by a process that is killed while it starts', async () => {
    for (const delayMs of [0, 5, 10, 20, 40, 80]) {
      const child = await start();
      await waitFor('its first steps', () => isUsed(folder), { intervalMs: 1 });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await child.kill();
      await waitFor(`the end of a server after ${delayMs} ms`, async () => !(await isUsed(folder)));
    }
  });

  it('is shared by processes, and outlives the one that started it', async () => {
    const owner = await start();
    const { pid } = await owner.message<Report>({ type: 'connected' });
    const guest = await start();
    expect((await guest.message<Report>({ type: 'connected' })).pid).toBe(pid);
    const connection = await open();
    expect(await serverPid(connection)).toBe(pid);
    await owner.kill();
    guest.send({ close: true });
    await guest.exited;
    expect(await within('the answer', connection.client.ping())).toBe('PONG');
    expect(isAlive(pid)).toBe(true);
    await connection.close();
    await waitFor('its end', () => !isAlive(pid));
  });

  it('is started once by processes that start together', async () => {
    const started = await Promise.all([1, 2, 3].map(() => start([folder, '--on-message'])));
    await Promise.all(started.map((child) => child.message<Report>({ type: 'waiting' })));
    for (const child of started) child.send({});
    const reports = await Promise.all(started.map((child) => child.message<Report>({ type: 'connected' })));
    expect(new Set(reports.map((report) => report.pid)).size).toBe(1);
    expect((await commandLines(folder)).filter((line) => /^\S*(redis|valkey)-server /.test(line))).toHaveLength(1);
  });

  it('is started by a process that comes while the last one of before ends', async () => {
    for (let round = 0; round < 3; round++) {
      const connection = await open();
      await connection.client.incr('rounds');
      const closing = connection.close();
      const next = await open();
      expect(Number(await next.client.get('rounds'))).toBe(round + 1);
      await Promise.all([closing, next.close()]);
    }
  });

  it('is started again when it crashed, and the connection goes on with its data', async () => {
    const connection = await open();
    await connection.client.set('kept', 'over a crash');
    process.kill(await serverPid(connection), 'SIGKILL');
    await waitFor('the loss', () => connection.state === 'down');
    await waitFor('the return', () => connection.state === 'ready');
    expect(await connection.client.get('kept')).toBe('over a crash');
  });

  it('runs in a session of its own, so that Ctrl-C reaches the application first', async () => {
    const pid = await serverPid(await open());
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pgid=', '-p', `${pid},${process.pid}`]);
    const [first, second] = stdout.trim().split(/\s+/);
    expect(first).not.toBe(second);
  });

  it('lives in a directory whose path is too long for a socket', async () => {
    const dir = join(folder, 'd'.repeat(120));
    const connection = await open(dir);
    expect(Buffer.byteLength(connection.description)).toBeLessThan(104);
    expect(await connection.client.config('GET', 'dir')).toEqual(['dir', dir]);
    const guest = await start([dir], { TMPDIR: folder });
    expect((await guest.message<Report>({ type: 'connected' })).pid).toBe(await serverPid(connection));
  });

  it('takes over from a process that died while it held the right to start', async () => {
    const dead = await start();
    await dead.message<Report>({ type: 'connected' });
    await dead.kill();
    await writeFile(join(folder, 'starting'), String(dead.pid));
    await expect(open()).resolves.toMatchObject({ state: 'ready' });
  });

  it('says what its program said when that cannot start', async () => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'redis-server'), '#!/bin/sh\nexit 1\n');
    await chmod(join(bin, 'redis-server'), 0o755);
    const child = await start([folder], { PATH: `${bin}:/usr/bin:/bin` });
    const { code, message } = await child.message<Report>({ type: 'refused' });
    expect(code).toBe('NO_EMBEDDED');
    expect(message).toMatch(/redis-server ended at once: it said nothing \(directory .*\)\. Install redis-server or/);
  });

  it('says where it cannot keep its data', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(open(join(folder, 'file', 'inside'))).rejects.toMatchObject({
      code: 'NO_EMBEDDED',
      message: expect.stringMatching(/ENOTDIR/),
    });
  });
});

async function serverPid(connection: Connection): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await connection.client.info('server'))?.[1]);
}

/** Whether a server, or the shell that holds one, runs for a directory. */
async function isUsed(dir: string): Promise<boolean> {
  return (await commandLines(dir)).some((line) => /(redis|valkey)-server|millrace-embedded/.test(line));
}

/** The command lines of all processes that name a directory. */
async function commandLines(dir: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['ax', '-o', 'args']);
  return stdout.split('\n').filter((line) => line.includes(dir));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
