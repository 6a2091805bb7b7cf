import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { baseKey, connect, scripts, type Connection } from '../../libs/core/src/redis/index.js';
import { RedisServer } from '../support/redis-server.ts';
import { Sentinels } from '../support/sentinels.ts';
import { waitFor } from '../support/wait-for.ts';
import { ConnectionLog } from './connection-log.ts';

describe('Sentinel', () => {
  let sentinels: Sentinels;
  let redis: RedisServer;
  let connection: Connection | undefined;

  beforeEach(async () => {
    redis = await RedisServer.start();
    sentinels = await Sentinels.start(redis);
  });

  afterEach(async () => {
    await connection?.close();
    await sentinels.stop();
    await redis.stop();
  });

  it('leads to its primary, for commands and for messages [seed:A31]', async () => {
    const log = new ConnectionLog();
    connection = await connect({ sentinels: [...sentinels.nodes], name: 'main' }, { prefix: 'test-sen', logger: log });
    expect(connection.description).toBe(`Sentinel "main" (127.0.0.1:${sentinels.nodes[0]?.port})`);
    await connection.scripts.run(scripts.counts, baseKey('test-sen', 'mail'), {});
    const messages: string[] = [];
    await connection.subscriber.subscribe('test-sen:{mail}:w:1', (message) => messages.push(message));
    await redis.command('PUBLISH', 'test-sen:{mail}:w:1', 'hello');
    await waitFor('the message', () => messages.length === 1);
    expect(log.lines).toEqual([]);
  });

  it('says so when it knows no primary of that name', async () => {
    const settings = { prefix: 'test-sen', logger: new ConnectionLog(), connectTimeoutMs: 500 };
    const opening = connect({ sentinels: [...sentinels.nodes], name: 'other' }, settings);
    await expect(opening).rejects.toMatchObject({
      code: 'NO_REDIS',
      message: expect.stringContaining('Sentinel "other"'),
    });
  });
});
