import { connect as dial, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { afterEach, describe, expect, it } from '@jest/globals';
import { connect } from '../../libs/core/src/redis/index.js';
import { redisUrl, uniquePrefix } from '../support/redis.ts';
import { ConnectionLog } from './connection-log.ts';

describe('the version of the server', () => {
  const sockets: Socket[] = [];
  let server: Server;

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  /** A real server behind a wire that changes what it says of its version. */
  async function claiming(change: (answer: string) => string): Promise<string> {
    server = createServer((client) => {
      const redis = dial(Number(new URL(redisUrl()).port), '127.0.0.1');
      sockets.push(client, redis);
      client.pipe(redis);
      redis.on('data', (chunk: Buffer) => client.write(change(chunk.toString('latin1')), 'latin1'));
      for (const socket of [client, redis]) socket.on('error', () => undefined).on('close', () => client.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Of a Valkey too: what it says of itself as one is left out. */
  function version(text: string): (answer: string) => string {
    return (answer) => {
      const said = answer.replace(/redis_version:[\d.]+/, `redis_version:${text}`).replace('valkey_version:', 'other:');
      const longer = said.length - answer.length;
      return said.replace(/(?<=[$=])\d+(?=\r\n(txt:)?# Server)/, (length) => String(Number(length) + longer));
    };
  }

  it.each(['6.2.6', '6.99.9', '5.0.1'])('is refused at once when it is Redis %s [case:R35]', async (old) => {
    const opening = connect(await claiming(version(old)), { prefix: uniquePrefix(), logger: new ConnectionLog() });
    await expect(opening).rejects.toMatchObject({
      code: 'SERVER_TOO_OLD',
      message: expect.stringMatching(/^Redis \d.* is too old: Millrace needs Redis ≥ 7\.0 or Valkey ≥ 7\.2,/),
    });
  });

  it.each(['7.0.0', '8.2.1', '10.0.1'])('is taken when it is Redis %s [case:R35]', async (recent) => {
    const connection = await connect(await claiming(version(recent)), { prefix: uniquePrefix() });
    await connection.close();
  });

  it('goes to the log where nobody waits', async () => {
    const log = new ConnectionLog();
    const url = await claiming(version('6.2.6'));
    const connection = await connect(url, { prefix: uniquePrefix(), logger: log, waitUntilReady: false });
    await connection.link.whenReady(5_000);
    while (log.lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await connection.close();
    expect(log.lines).toEqual([expect.stringMatching(/^error: Redis 6\.2\.6.* is too old/)]);
  });
});
