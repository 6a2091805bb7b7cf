import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, connectAsKeeper, type Connection, type ConnectionInput } from '../../libs/core/src/redis/index.js';
import { Proxy } from '../support/proxy.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { ConnectionLog } from './connection-log.ts';

describe('the subscriber', () => {
  const channel = 'test-sub:{mail}:w:1';
  let redis: RedisServer;
  let proxy: Proxy;
  let connection: Connection;
  let messages: string[];
  let log: ConnectionLog;

  beforeEach(async () => {
    log = new ConnectionLog();
    redis = await RedisServer.start();
    proxy = await Proxy.start(redis.url);
    messages = [];
    connection = await open(proxy.url);
  });

  afterEach(async () => {
    redis.thaw();
    await connection.close();
    await proxy.close();
    await redis.stop();
  });

  function open(input: ConnectionInput, commandTimeoutMs = 300): Promise<Connection> {
    return connect(input, { logger: log, prefix: 'test-sub', commandTimeoutMs });
  }

  function listen(name = channel): Promise<() => void> {
    return connection.subscriber.subscribe(name, (message) => messages.push(message));
  }

  /** How many connections Redis would deliver to. */
  function publish(message: string): Promise<string> {
    return redis.command('PUBLISH', channel, message);
  }

  it('has been confirmed by Redis when it resolves', async () => {
    await listen();
    expect(await publish('hello')).toBe(':1\r\n');
    await waitFor('the message', () => messages.includes('hello'));
  });

  it('subscribes once for many listeners, and ends with the last', async () => {
    const stops = await Promise.all([listen(), listen(), listen()]);
    await publish('one');
    await waitFor('the messages', () => messages.length === 3);
    stops[0]?.();
    stops[0]?.();
    stops[1]?.();
    await publish('two');
    await waitFor('the message', () => messages.length === 4);
    stops[2]?.();
    await waitFor('the end', async () => (await publish('three')) === ':0\r\n');
    expect(messages).toEqual(['one', 'one', 'one', 'two']);
  });

  it('listens when it was ended and begun again at once', async () => {
    const stop = await listen();
    stop();
    await listen();
    expect(await publish('hello')).toBe(':1\r\n');
    await waitFor('the message', () => messages.includes('hello'));
  });

  it('opens no connection before the first subscription', async () => {
    expect(await redis.command('CLIENT', 'LIST')).not.toContain('millrace:subscriber');
    await listen();
    expect(await redis.command('CLIENT', 'LIST')).toContain('millrace:subscriber');
  });

  it('subscribes again after its connection was killed, and then says so [seed:I8]', async () => {
    await listen();
    const other = await listen('test-sub:{mail}:w:2');
    other();
    let isConfirmed: boolean | undefined;
    connection.subscriber.onReady(() => {
      void publish('after').then((receivers) => (isConfirmed = receivers === ':1\r\n'));
    });
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await waitFor('the call', () => isConfirmed !== undefined);
    expect(isConfirmed).toBe(true);
    await waitFor('the message', () => messages.includes('after'));
  });

  it.each([2, 3] as const)('replaces a socket that died silently, over RESP%i [case:R9]', async (protocol) => {
    await connection.close();
    connection = await open({ host: '127.0.0.1', port: proxy.port, protocol });
    await listen();
    let calls = 0;
    connection.subscriber.onReady(() => calls++);
    proxy.blackhole();
    await waitFor('the loss', () => log.matching(/Lost the connection/).length > 0);
    await proxy.pass();
    await waitFor('the subscription', async () => (await publish('after')) === ':1\r\n');
    await waitFor('the message', () => messages.includes('after'));
    await waitFor('the call', () => calls > 0);
  });

  it('keeps a quiet connection that is alive', async () => {
    await listen();
    const id = /id=(\d+) [^\n]*name=millrace:subscriber/;
    const before = id.exec(await redis.command('CLIENT', 'LIST'))?.[1];
    await waitFor('two heartbeats', async () => {
      const stats = await redis.command('INFO', 'commandstats');
      return Number(/cmdstat_ping:calls=(\d+)/.exec(stats)?.[1]) >= 3;
    });
    expect(id.exec(await redis.command('CLIENT', 'LIST'))?.[1]).toBe(before);
  });

  it('rejects in time while Redis is away, and listens to nothing then', async () => {
    await redis.kill();
    await waitFor('the loss', () => connection.state === 'down');
    await expect(within('the answer', listen(), 1_000)).rejects.toMatchObject({ code: 'NO_REDIS' });
    await redis.restart();
    await waitFor('another subscription', () => listen('test-sub:{mail}:w:2'));
    expect(await publish('hello')).toBe(':0\r\n');
  });

  it('subscribes as soon as Redis is back, for those who still wait', async () => {
    await connection.close();
    connection = await open(proxy.url, 10_000);
    await redis.kill();
    await waitFor('the loss', () => connection.state === 'down');
    const listening = listen();
    await redis.restart();
    await within('the confirmation', listening, 10_000);
    expect(await publish('hello')).toBe(':1\r\n');
  });

  it('rejects a channel that the user may not listen to', async () => {
    await redis.command('ACL', 'SETUSER', 'default', 'resetchannels', '&test-sub:*');
    await expect(listen('foreign:{mail}:w')).rejects.toMatchObject({ code: 'STORAGE_REFUSED', reason: 'NOPERM' });
  });

  it('works for the keeper, from what can be posted to another thread', async () => {
    const described = connection.keeperConnection();
    if (!described.possible) throw new Error(described.reason);
    const keeper = connectAsKeeper(structuredClone(described.connection));
    const heard: string[] = [];
    await keeper.subscriber.subscribe(channel, (message) => heard.push(message));
    await publish('to both');
    await waitFor('the message', () => heard.length === 1);
    expect(keeper.prefix).toBe('test-sub');
    await keeper.close();
  });
});
