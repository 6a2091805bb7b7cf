import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisOptions } from 'ioredis';
import { baseKey, connect, scripts, type Connection } from '../../libs/core/src/redis/index.js';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { ConnectionLog } from './connection-log.ts';

const PREFIX = 'test-return';
/** After so many tries a client waits as long for the next one as it ever does. */
const MANY_TRIES = 6;
/** That, with its jitter and some time for the connection. */
const NOTICED_MS = 1_200;
const NOT_IN_THIS_TEST_MS = 600_000;

describe('a Redis that is back', () => {
  let redis: RedisServer;
  let connection: Connection;

  beforeEach(async () => {
    redis = await RedisServer.start();
  });

  afterEach(async () => {
    await connection.close();
    await redis.stop();
  });

  async function open(retryStrategy?: () => number): Promise<void> {
    const options = { host: '127.0.0.1', port: redis.port, ...(retryStrategy && { retryStrategy }) };
    connection = await connect(options, { logger: new ConnectionLog(), prefix: PREFIX });
  }

  it('is noticed soon, however often it was tried before, and what was called meanwhile is answered [case:R1]', async () => {
    await open();
    let tries = 0;
    connection.client.on('connecting', () => tries++);
    await redis.kill();
    await waitFor('the loss', () => connection.state === 'down');
    const calls = [0, 1].map(() => connection.scripts.run(scripts.counts, baseKey(PREFIX, 'mail'), {}));
    await waitFor('many tries', () => tries >= MANY_TRIES);
    await redis.restart();
    const from = performance.now();
    await Promise.all(calls);
    expect(performance.now() - from).toBeLessThan(NOTICED_MS);
  });

  it.each(['commands', 'subscriber'])(
    'is noticed by all clients of a connection as soon as by the first, be the last that of the %s [case:R1]',
    async (last) => {
      await open(function (this: RedisOptions) {
        return this.connectionName === `millrace:${last}` ? NOT_IN_THIS_TEST_MS : 20;
      });
      await connection.subscriber.subscribe(`${PREFIX}:{mail}:w`, () => undefined);
      await redis.kill();
      await waitFor('the loss', () => connection.state === 'down');
      await redis.restart();
      await waitFor('the subscription', heard);
      await waitFor('the commands', () => connection.state === 'ready');
    },
  );

  async function heard(): Promise<boolean> {
    return (await redis.command('PUBLISH', `${PREFIX}:{mail}:w`, 'any')) === ':1\r\n';
  }
});
