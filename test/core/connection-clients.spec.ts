import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis, type RedisOptions } from 'ioredis';
import { baseKey, connect, scripts, type Connection, type ConnectionInput } from '../../libs/core/src/redis/index.js';
import { freePort } from '../support/free-port.ts';
import { redisUrl, uniquePrefix } from '../support/redis.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { ConnectionLog } from './connection-log.ts';

describe('a client or options of the application', () => {
  const { hostname: host, port } = new URL(redisUrl());
  const address: RedisOptions = { host, port: Number(port) };
  let log: ConnectionLog;
  let prefix: string;
  let clients: Redis[];
  let connections: Connection[];

  beforeEach(() => {
    log = new ConnectionLog();
    prefix = uniquePrefix();
    clients = [];
    connections = [];
  });

  afterEach(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    for (const client of clients) client.disconnect();
  });

  function client(options: RedisOptions = {}): Redis {
    const made = new Redis({ ...address, ...options } as RedisOptions & { replyMapping: 'legacy' });
    clients.push(made);
    return made;
  }

  async function open(input: ConnectionInput): Promise<Connection> {
    const connection = await connect(input, { prefix, logger: log, connectTimeoutMs: 1_000 });
    connections.push(connection);
    return connection;
  }

  /** A read, a write and a message get through. */
  async function works(connection: Connection): Promise<void> {
    await connection.scripts.run(scripts.counts, baseKey(prefix, 'mail'), {});
    const messages: string[] = [];
    const channel = `${prefix}:{mail}:w:1`;
    const stop = await connection.subscriber.subscribe(channel, (message) => messages.push(message));
    await connection.client.publish(channel, 'hello');
    await waitFor('the message', () => messages.includes('hello'));
    stop();
  }

  it.each<[string, RedisOptions]>([
    ['as it comes', {}],
    ['with a command timeout', { commandTimeout: 500 }],
    ['without a ready check', { enableReadyCheck: false }],
    ['that is lazy', { lazyConnect: true }],
    ['without an offline queue', { enableOfflineQueue: false }],
    ['that does not resend', { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 }],
    ['on another database', { db: 3 }],
    ['with strings for numbers', { stringNumbers: true }],
    ['with automatic pipelines', { enableAutoPipelining: true }],
    ['over RESP2', { protocol: 2 }],
  ])('works: a client %s, and its options [case:R32]', async (_, options) => {
    const made = client(options);
    if (options.enableOfflineQueue === false) await waitFor('the client', () => made.status === 'ready');
    await works(await open(made));
    await works(await open({ ...address, ...options }));
    expect(log.lines).toEqual([]);
  });

  it('uses the database that was asked for [case:R32]', async () => {
    const connection = await open({ ...address, db: 3 });
    await connection.client.set(`${prefix}:where`, 'here');
    expect(await client({ db: 3 }).get(`${prefix}:where`)).toBe('here');
    expect(connection.description).toBe(`redis://${host}:${port}/3`);
    await connection.client.del(`${prefix}:where`);
  });

  it.each<[string, () => ConnectionInput, RegExp]>([
    ['a client with keyPrefix', () => client({ keyPrefix: 'app:' }), /without keyPrefix.*Set prefix/],
    ['options with keyPrefix', () => ({ ...address, keyPrefix: 'app:' }), /keyPrefix.*Set prefix/],
    ['a read-only client', () => client({ readOnly: true }), /Leave out readOnly/],
    ['a misspelt option', () => ({ hots: 'redis-1' }) as RedisOptions, /Unknown option "hots".*"host"/],
    ['a url among options', () => ({ url: redisUrl() }) as RedisOptions, /Pass the URL itself/],
    ['a Cluster without nodes', () => ({ cluster: { nodes: [] } }), /at least one node/],
    ['a number', () => 6379 as unknown as string, /expected a URL/],
  ])('is refused with what to do: %s [case:R32]', async (_, input, said) => {
    await expect(open(input())).rejects.toThrow(said);
  });

  it('is refused when it was closed, and when it is in subscriber mode [case:R32]', async () => {
    const closed = client();
    await closed.quit();
    await waitFor('the end', () => closed.status === 'end');
    await expect(open(closed)).rejects.toThrow(/It was closed/);
    const listening = client({ protocol: 2 });
    await listening.subscribe(`${prefix}:x`);
    await expect(open(listening)).rejects.toThrow(/subscriber mode/);
  });

  it('is shared by two connections, and outlives both [case:R32] [seed:A31] [seed:H14]', async () => {
    const shared = client();
    const [first, second] = [await open(shared), await open(shared)];
    await first.close();
    await works(second);
    await second.close();
    expect(await shared.ping()).toBe('PONG');
  });

  it('that has ended makes calls wait and then say so, until its owner opens it again', async () => {
    const shared = client();
    const connection = await connect(shared, { prefix, logger: log, commandTimeoutMs: 200 });
    connections.push(connection);
    shared.disconnect();
    await waitFor('the end', () => shared.status === 'end');
    const call = connection.scripts.run(scripts.counts, baseKey(prefix, 'mail'), {});
    await expect(within('the call', call, 500)).rejects.toMatchObject({ code: 'NO_REDIS' });
    await shared.connect();
    await works(connection);
  });

  it('that gives up soon does not end a connection: it tries on [case:R8]', async () => {
    const away = { host: '127.0.0.1', port: await freePort(), retryStrategy: () => null };
    const settings = { prefix, logger: log, waitUntilReady: false };
    const connection = await connect(away, settings);
    connections.push(connection);
    let tries = 0;
    connection.client.on('connecting', () => tries++);
    await waitFor('further tries', () => tries >= 3);
  });

  it('is described for another thread when it can be, and refused with the reason when not', async () => {
    const plain = await open({ ...address, db: 1 });
    expect(plain.keeperConnection()).toEqual({
      possible: true,
      connection: { input: { ...address, db: 1 }, settings: expect.objectContaining({ prefix }) },
    });
    const functional = await open({ ...address, retryStrategy: () => 100 });
    expect(functional.keeperConnection()).toMatchObject({
      possible: false,
      reason: expect.stringContaining('retryStrategy'),
    });
    expect((await open(client())).keeperConnection()).toMatchObject({ possible: false });
  });
});
