import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AuthError, ConnectionError, InvalidOptionError, NoRedisError } from '../../libs/core/src/errors/index.js';
import { connect, type Connection, type ConnectionInput } from '../../libs/core/src/redis/index.js';
import type { ConnectSettings } from '../../libs/core/src/options/index.js';
import { freePort } from '../support/free-port.ts';
import { RedisServer } from '../support/redis-server.ts';
import { redisUrl, uniquePrefix } from '../support/redis.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { ConnectionLog } from './connection-log.ts';

describe('connect', () => {
  let log: ConnectionLog;
  let opened: { close(): Promise<void> }[];
  let servers: RedisServer[];

  beforeEach(() => {
    log = new ConnectionLog();
    opened = [];
    servers = [];
  });

  afterEach(async () => {
    await Promise.all(opened.map((connection) => connection.close()));
    await Promise.all(servers.map((server) => server.stop()));
  });

  async function open(input: ConnectionInput, settings: ConnectSettings = {}): Promise<Connection> {
    const connection = await connect(input, { logger: log, prefix: uniquePrefix(), ...settings });
    opened.push(connection);
    return connection;
  }

  async function server(...args: string[]): Promise<RedisServer> {
    const started = await RedisServer.start({ args });
    servers.push(started);
    return started;
  }

  it('resolves when Redis answers, and says nothing [seed:H15]', async () => {
    const connection = await open(redisUrl());
    expect(connection.state).toBe('ready');
    expect(connection.embedded).toBe(false);
    expect(connection.description).toBe(redisUrl());
    expect(log.lines).toEqual([]);
  });

  it('rejects within connectTimeoutMs where nobody listens, with what to do [case:O7]', async () => {
    const port = await freePort();
    const refused = open(`redis://:hunter2@127.0.0.1:${port}`, { connectTimeoutMs: 300 });
    const error = await within(
      'connect to give up',
      refused.catch((reason: unknown) => reason),
      1_000,
    );
    expect(NoRedisError.is(error)).toBe(true);
    expect((error as Error).message).toBe(
      `Redis at redis://127.0.0.1:${port} refused the connection (ECONNREFUSED). ` +
        "Start one (docker run -p 6379:6379 valkey/valkey), or set connection: 'embedded'.",
    );
  });

  it('logs once while Redis is away, however often it tries, and once when it answers [case:O7] [case:O8]', async () => {
    const redis = await server();
    await redis.kill();
    const connection = await open(redis.url, { waitUntilReady: false });
    expect(connection.state).not.toBe('ready');
    await waitFor('the failure to be logged', () => log.lines.length > 0);
    const tries = countTries(connection);
    await waitFor('further tries', () => tries() >= 4);
    await redis.restart();
    await waitFor('the connection', () => connection.state === 'ready');
    await waitFor('the good news', () => log.lines.length > 1);
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^warn: Redis at .* refused the connection \(ECONNREFUSED\)\. Start one .* Trying again\.$/,
      ),
      expect.stringMatching(/^info: Redis at .* answers after \d+\.\d s\.$/),
    ]);
  });

  it('logs a lost connection once, also with a subscriber, and its return [case:O8] [seed:R9]', async () => {
    const redis = await server();
    const connection = await open(redis.url);
    await connection.subscriber.subscribe(`${connection.prefix}:{q}:w`, () => undefined);
    await redis.kill();
    await waitFor('the loss to be noticed', () => connection.state === 'down');
    const tries = countTries(connection);
    await waitFor('some tries', () => tries() >= 3);
    await redis.restart();
    await waitFor('the connection', () => log.matching(/answers again/).length > 0);
    expect(log.matching(/Lost the connection/)).toHaveLength(1);
    expect(log.matching(/ECONNREFUSED/)).toHaveLength(1);
    expect(log.matching(/answers again/)).toHaveLength(1);
  });

  it.each([
    ['a wrong password', 'redis://:wrong@', /WRONGPASS/],
    ['a wrong user', 'redis://nobody:secret@', /WRONGPASS/],
    ['no password', 'redis://', /\(NOAUTH: it asks for a password, and none was given\)/],
  ])('rejects %s at once, without repeating it [case:R27] [case:S12]', async (_, credentials, said) => {
    const redis = await server('--requirepass', 'secret');
    const refused = open(redis.url.replace('redis://', credentials), { connectTimeoutMs: 10_000 });
    const error = await within(
      'the refusal',
      refused.catch((reason: unknown) => reason),
      2_000,
    );
    expect(AuthError.is(error)).toBe(true);
    expect((error as Error).message).toMatch(said);
    expect((error as Error).message).not.toMatch(/:wrong|:secret/);
    expect(log.lines).toEqual([]);
  });

  it('says in the log, and not more than once, that the password is wrong, where nobody waits [case:R27]', async () => {
    const redis = await server('--requirepass', 'secret');
    const connection = await open(redis.url, { waitUntilReady: false });
    const tries = countTries(connection);
    await waitFor('some tries', () => tries() >= 3);
    expect(log.matching(/NOAUTH/)).toHaveLength(1);
  });

  it('says that something else than Redis answers there', async () => {
    const other = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const error = await open(`redis://127.0.0.1:${port}`, { connectTimeoutMs: 2_000 }).catch(
      (reason: unknown) => reason,
    );
    other.closeAllConnections();
    other.close();
    expect(NoRedisError.is(error)).toBe(true);
    expect((error as Error).message).toContain('what answers there is no Redis');
  });

  it('rejects a database that the server does not have, instead of using another one [case:R27]', async () => {
    const error = await open(`${redisUrl()}/99`).catch((reason: unknown) => reason);
    expect(InvalidOptionError.is(error)).toBe(true);
    expect((error as Error).message).toMatch(/DB index is out of range/);
  });

  it.each([
    ['a command of the core', '+@all -zadd', 'ZADD'],
    ['running scripts', '+@all -evalsha', 'EVALSHA'],
    ['loading scripts', '+@all -script', 'SCRIPT'],
    ['subscribing', '+@all -subscribe', 'SUBSCRIBE'],
  ])('rejects a user who lacks %s, and names it [case:R27]', async (_, rules, missing) => {
    const redis = await server();
    await redis.command('ACL', 'SETUSER', 'worker', 'on', '>pw', '~*', '&*', ...rules.split(' '));
    const error = await open(redis.url.replace('//', '//worker:pw@')).catch((reason: unknown) => reason);
    expect(ConnectionError.is(error)).toBe(true);
    expect((error as ConnectionError).code).toBe('AUTH');
    expect((error as Error).message).toContain(missing);
    expect((error as Error).message).toContain('ACL SETUSER');
  });

  it.each([
    ['keys', '~other:* &*'],
    ['channels', '~* resetchannels'],
  ])('rejects a user who may not use its %s [case:R27]', async (_, rules) => {
    const redis = await server();
    await redis.command('ACL', 'SETUSER', 'worker', 'on', '>pw', '+@all', ...rules.split(' '));
    const error = await open(redis.url.replace('//', '//worker:pw@')).catch((reason: unknown) => reason);
    expect(ConnectionError.is(error)).toBe(true);
  });

  it('takes the least user that the message recommends [seed:A31]', async () => {
    const redis = await server();
    const rules = ['~least:*', '&least:*', '+@all', '-@dangerous', '+info'];
    await redis.command('ACL', 'SETUSER', 'worker', 'on', '>pw', ...rules);
    const connection = await open(redis.url.replace('//', '//worker:pw@'), { prefix: 'least' });
    expect(connection.state).toBe('ready');
  });

  it('warns of an evicting server, also where CONFIG is forbidden [case:R15]', async () => {
    const redis = await server('--maxmemory-policy', 'allkeys-lru');
    await redis.command('ACL', 'SETUSER', 'worker', 'on', '>pw', '~*', '&*', '+@all', '-config');
    await open(redis.url.replace('//', '//worker:pw@'));
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^warn: maxmemory-policy of Redis at .* is allkeys-lru: Redis may delete jobs\. Set noeviction/,
      ),
    ]);
  });

  it('skips what it may not ask where INFO is forbidden [case:R15]', async () => {
    const redis = await server('--maxmemory-policy', 'allkeys-lru');
    await redis.command('ACL', 'SETUSER', 'worker', 'on', '>pw', '~*', '&*', '+@all', '-info', '-config');
    await open(redis.url.replace('//', '//worker:pw@'), { connectTimeoutMs: 1_000 });
    expect(log.lines).toEqual([]);
  });

  it('asks a server that loads its data again and again, however long it says that this takes', async () => {
    const redis = await server('--enable-debug-command', 'yes', '--loading-process-events-interval-bytes', '1024');
    await redis.command('DEBUG', 'POPULATE', '20000');
    await redis.command('CONFIG', 'SET', 'key-load-delay', '2000');
    const reloading = redis.command('DEBUG', 'RELOAD');
    const info = () => redis.command('INFO');
    await waitFor('it to load', async () => /loading_eta_seconds:\d\d/.test(await info()));
    const connecting = open(redis.url, { connectTimeoutMs: 6_000 });
    await waitFor('it to be asked', async () => Number(/connected_clients:(\d+)/.exec(await info())?.[1]) > 2);
    await redis.command('CONFIG', 'SET', 'key-load-delay', '0');
    await reloading;
    expect((await connecting).state).toBe('ready');
  });

  it('waits while a server has no room for another client, and then connects [case:R31]', async () => {
    const redis = await server('--maxclients', '4');
    const [first] = await Promise.all([1, 2, 3, 4].map(() => open(redis.url)));
    const late = await open(redis.url, { waitUntilReady: false });
    await waitFor('the refusal', () => log.matching(/maxclients may be reached/).length > 0);
    await first?.close();
    await waitFor('the connection', () => late.state === 'ready');
    expect(log.matching(/maxclients may be reached/)).toHaveLength(1);
  });
});

/** Counts the tries of a connection to connect, from now on. */
function countTries({ client }: Connection): () => number {
  let tries = 0;
  client.on('connecting', () => tries++);
  return () => tries;
}
