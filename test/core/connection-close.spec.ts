import { connect as dial, type Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { baseKey, CallUnknownError, connect, scripts, type Connection } from '../../libs/core/src/redis/index.js';
import { Child } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { Proxy } from '../support/proxy.ts';
import { RedisServer } from '../support/redis-server.ts';
import { redisUrl, uniquePrefix } from '../support/redis.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { ConnectionLog } from './connection-log.ts';

const CLOSE_WITHIN_MS = 1_500;

describe('close', () => {
  let log: ConnectionLog;
  let proxy: Proxy;
  let prefix: string;

  beforeEach(async () => {
    log = new ConnectionLog();
    prefix = uniquePrefix();
    proxy = await Proxy.start(redisUrl());
  });

  afterEach(() => proxy.close());

  function open(url: string, waitUntilReady = false): Promise<Connection> {
    return connect(url, { prefix, logger: log, waitUntilReady, closeTimeoutMs: 300 });
  }

  function subscribed(connection: Connection): Promise<unknown> {
    return connection.subscriber.subscribe(`${prefix}:{q}:w`, () => undefined);
  }

  /** What the leak check then finds nothing of: sockets, timers. */
  async function closes(connection: Connection): Promise<void> {
    await within('the close', connection.close(), CLOSE_WITHIN_MS);
    expect(connection.state).toBe('closed');
    await within('a second close', connection.close(), 10);
  }

  it('settles when it is ready, and leaves no connection [case:R10]', async () => {
    const connection = await open(redisUrl(), true);
    await subscribed(connection);
    await closes(connection);
  });

  it('settles before it connects at all [case:R10]', async () => {
    await closes(await open(redisUrl()));
  });

  it('settles while it connects to an address that does not answer [case:R10]', async () => {
    const server = await RedisServer.start({ args: ['--tcp-backlog', '1'] });
    server.freeze();
    const fillers = await fillBacklog(server.port);
    try {
      const connection = await open(server.url);
      await waitFor('the try', () => connection.client.status === 'connecting');
      await closes(connection);
    } finally {
      for (const filler of fillers) filler.destroy();
      await server.stop();
    }
  });

  it('settles while a server accepts and says nothing [case:R10]', async () => {
    proxy.blackhole();
    const connection = await open(proxy.url);
    await waitFor('the try', () => connection.client.status === 'connect');
    await closes(connection);
  });

  it('settles while it waits for its next try [case:R10]', async () => {
    const port = await freePort();
    const connection = await open(`redis://127.0.0.1:${port}`);
    await waitFor('the wait', () => connection.client.status === 'reconnecting');
    await closes(connection);
  });

  it('settles when the client has ended [case:R10]', async () => {
    const connection = await open(redisUrl(), true);
    connection.client.disconnect();
    await waitFor('the end', () => connection.client.status === 'end');
    await closes(connection);
  });

  it('settles with a socket that died silently, calls in flight, and a subscriber [case:R10] [case:R9]', async () => {
    const connection = await open(proxy.url, true);
    await subscribed(connection);
    proxy.blackhole();
    const lost = connection.client.ping().catch((error: unknown) => error);
    const late = connection.subscriber
      .subscribe(`${prefix}:{late}:w`, () => undefined)
      .catch((error: unknown) => error);
    await closes(connection);
    expect(await within('the call', lost, 100)).toBeInstanceOf(Error);
    expect(await within('the subscription', late, 100)).toMatchObject({ code: 'CLOSED' });
  });

  it('settles calls that were sent before the connection was lost [case:R10]', async () => {
    const connection = await open(proxy.url, true);
    proxy.half();
    const call = connection.scripts.run(scripts.counts, baseKey(prefix, 'mail'), {}).catch((error: unknown) => error);
    proxy.refuse();
    proxy.reset();
    await waitFor('the wait', () => connection.client.status === 'reconnecting');
    await closes(connection);
    expect(await within('the call', call, 100)).toBeInstanceOf(CallUnknownError);
  });

  it('settles for a Cluster of which no node answers [case:R10]', async () => {
    const nodes = [{ host: '127.0.0.1', port: await freePort() }];
    const connection = await connect(
      { cluster: { nodes } },
      { prefix, logger: log, waitUntilReady: false, closeTimeoutMs: 300 },
    );
    await waitFor('a failure', () => log.lines.length > 0);
    await closes(connection);
  });

  it('settles for Sentinels of which none answers [case:R10]', async () => {
    const sentinels = [{ host: '127.0.0.1', port: await freePort() }];
    const settings = { prefix, logger: log, waitUntilReady: false, closeTimeoutMs: 300 };
    const connection = await connect({ sentinels, name: 'main' }, settings);
    await waitFor('a failure', () => log.lines.length > 0);
    await closes(connection);
  });

  it('logs nothing of its own doing [case:O8]', async () => {
    const connection = await open(redisUrl(), true);
    await subscribed(connection);
    await closes(connection);
    expect(log.lines).toEqual([]);
  });

  it('leaves a client of the application as it was [case:R32]', async () => {
    const client = new Redis(redisUrl());
    const listeners = (): number[] => client.eventNames().map((name) => client.listenerCount(name));
    const before = listeners();
    const connection = await connect(client, { prefix, logger: log });
    await subscribed(connection);
    await closes(connection);
    expect(await client.ping()).toBe('PONG');
    expect(listeners()).toEqual(before);
    client.disconnect();
  });

  it.each(['ready', 'reconnecting', 'connecting', 'connect'])(
    'lets the process end by itself, from the status %s [case:R10]',
    async (status) => {
      if (status === 'connect') proxy.blackhole();
      const url = status === 'reconnecting' ? `redis://127.0.0.1:${await freePort()}` : proxy.url;
      const program = new URL('./programs/closing.ts', import.meta.url);
      const child = await Child.start(program, { args: [url, status, prefix] });
      const exit = await within('the end of the process', child.exited, 10_000);
      expect({ ...exit, output: child.output }).toEqual({ code: 0, signal: null, output: 'closed\n' });
    },
  );
});

/** Opens sockets until one is not answered any more: the next one waits as it would behind a firewall. */
async function fillBacklog(port: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  for (;;) {
    const socket = dial({ host: '127.0.0.1', port });
    sockets.push(socket);
    const answered = new Promise((resolve) => socket.once('connect', () => resolve(true)));
    if (!(await within('an answer', answered, 200).catch(() => false))) return sockets;
  }
}
