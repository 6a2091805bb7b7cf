import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findRedisServer } from '../../scripts/find-redis.ts';
import { baseKey, connect, scripts, type Connection } from '../../libs/core/src/redis/index.js';
import { freePort } from '../support/free-port.ts';
import { rawCommand } from '../support/redis-client.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { ConnectionLog } from './connection-log.ts';

describe('Sentinel', () => {
  let folder: string;
  let port: number;
  let sentinel: ChildProcess;
  let redis: RedisServer;
  let connection: Connection | undefined;

  beforeEach(async () => {
    redis = await RedisServer.start();
    port = await freePort();
    folder = await mkdtemp(join(tmpdir(), 'millrace-sentinel-'));
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor main 127.0.0.1 ${redis.port} 1`,
    ];
    await writeFile(join(folder, 'sentinel.conf'), lines.join('\n'));
    sentinel = spawn(await findRedisServer(), [join(folder, 'sentinel.conf'), '--sentinel'], { stdio: 'ignore' });
    await waitFor('the sentinel', async () => (await rawCommand(port, ['PING'])).includes('PONG'));
  });

  afterEach(async () => {
    await connection?.close();
    const ended = once(sentinel, 'exit');
    sentinel.kill('SIGKILL');
    await ended;
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('leads to its primary, for commands and for messages [seed:A31]', async () => {
    const log = new ConnectionLog();
    connection = await connect(
      { sentinels: [{ host: '127.0.0.1', port }], name: 'main' },
      { prefix: 'test-sen', logger: log },
    );
    expect(connection.description).toBe(`Sentinel "main" (127.0.0.1:${port})`);
    await connection.scripts.run(scripts.counts, baseKey('test-sen', 'mail'), {});
    const messages: string[] = [];
    await connection.subscriber.subscribe('test-sen:{mail}:w:1', (message) => messages.push(message));
    await redis.command('PUBLISH', 'test-sen:{mail}:w:1', 'hello');
    await waitFor('the message', () => messages.length === 1);
    expect(log.lines).toEqual([]);
  });

  it('says so when it knows no primary of that name', async () => {
    const settings = { prefix: 'test-sen', logger: new ConnectionLog(), connectTimeoutMs: 500 };
    const opening = connect({ sentinels: [{ host: '127.0.0.1', port }], name: 'other' }, settings);
    await expect(opening).rejects.toMatchObject({
      code: 'NO_REDIS',
      message: expect.stringContaining('Sentinel "other"'),
    });
  });
});
