import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Cluster, type ClusterOptions } from 'ioredis';
import {
  baseKey,
  connect,
  connectAsKeeper,
  scripts,
  type Connection,
  type ConnectionInput,
} from '../../libs/core/src/redis/index.js';
import type { ConnectSettings } from '../../libs/core/src/options/index.js';
import { freePort } from '../support/free-port.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { ConnectionLog } from './connection-log.ts';
import { RedisCluster } from '../support/redis-cluster.ts';

const QUEUES = ['mail', 'reports', 'images', 'audit', 'a', 'b', 'c', 'd'];

describe('a Cluster', () => {
  let cluster: RedisCluster;
  let log: ConnectionLog;
  let connections: Connection[];

  beforeAll(async () => {
    cluster = await RedisCluster.start();
  }, 30_000);

  afterAll(() => cluster.stop());

  beforeEach(() => {
    log = new ConnectionLog();
    connections = [];
  });

  afterEach(() => Promise.all(connections.map((connection) => connection.close())));

  async function open(input: ConnectionInput, settings: ConnectSettings = {}): Promise<Connection> {
    const connection = await connect(input, { prefix: 'test-cluster', logger: log, ...settings });
    connections.push(connection);
    return connection;
  }

  /** The counts of queues that lie on all nodes. */
  function callsAll(connection: Connection): Promise<unknown> {
    return Promise.all(
      QUEUES.map((queue) => connection.scripts.run(scripts.counts, baseKey('test-cluster', queue), {})),
    );
  }

  it('runs scripts on the node of each queue [seed:A31]', async () => {
    const connection = await open({ cluster: { nodes: cluster.nodes.slice(0, 1) } });
    expect(connection.description).toBe(`cluster 127.0.0.1:${cluster.servers[0]?.port}`);
    await callsAll(connection);
    expect(log.lines).toEqual([]);
  });

  it('has a call sent elsewhere as often as its time allows, or as the application says', async () => {
    const redirections = async (options: ClusterOptions): Promise<number | undefined> => {
      const { client } = await open({ cluster: { nodes: cluster.nodes, options } });
      return (client as Cluster).options.maxRedirections;
    };
    // One each 50 ms, for the 10 s that a command may take.
    expect(await redirections({})).toBeGreaterThanOrEqual(200);
    expect(await redirections({ maxRedirections: 5 })).toBe(5);
  });

  it('loads scripts on every node when their caches were emptied [case:R20]', async () => {
    const connection = await open({ cluster: { nodes: cluster.nodes } });
    // What the connection loads ahead must not fill a cache again that was emptied here.
    await connection.scripts.loadAll(Object.values(scripts).filter((script) => 'sha1' in script));
    await Promise.all(cluster.servers.map((server) => server.command('SCRIPT', 'FLUSH')));
    const reply = await connection.scripts.run(scripts.counts, baseKey('test-cluster', 'mail'), {});
    expect(reply.code).toBe('OK');
    for (const server of cluster.servers)
      expect(await server.command('SCRIPT', 'EXISTS', scripts.counts.sha1)).toContain(':1');
    await callsAll(connection);
  });

  it('takes a Cluster client of the application, and does not close it [case:R32]', async () => {
    const client = new Cluster(cluster.nodes);
    const connection = await open(client);
    await callsAll(connection);
    await connection.close();
    expect(await client.ping()).toBe('PONG');
    await client.quit();
  });

  it('hears messages from every node', async () => {
    const connection = await open({ cluster: { nodes: cluster.nodes } });
    const messages: string[] = [];
    await connection.subscriber.subscribe('test-cluster:{mail}:w:1', (message) => messages.push(message));
    for (const [index, server] of cluster.servers.entries()) {
      await server.command('PUBLISH', 'test-cluster:{mail}:w:1', `from ${index}`);
    }
    await waitFor('the messages', () => messages.length === 3);
  });

  it('listens again when the node of its subscription kills it, and says that it was away and is back [case:O8]', async () => {
    const connection = await open({ cluster: { nodes: cluster.nodes } });
    const messages: string[] = [];
    let calls = 0;
    await connection.subscriber.subscribe('test-cluster:{mail}:w:1', (message) => messages.push(message));
    connection.subscriber.onReady(() => calls++);
    for (const server of cluster.servers) await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await waitFor('the call', () => calls > 0);
    await cluster.servers[0]?.command('PUBLISH', 'test-cluster:{mail}:w:1', 'after');
    await waitFor('the message', () => messages.includes('after'));
    expect(log.lines).toEqual([
      expect.stringMatching(/^warn: Lost the connection to Redis at cluster /),
      expect.stringMatching(/^info: Redis at cluster .* answers again after \d+\.\d s\.$/),
    ]);
  });

  it('is recognised where only one of its nodes was given, and said so', async () => {
    const one = `redis://127.0.0.1:${cluster.servers[0]?.port}`;
    await expect(open(one)).rejects.toThrow(
      /expected \{ cluster: \{ nodes: \[\.\.\.\] \} \}, because this server is one of 3 masters/,
    );
  });

  it('says why none of its nodes could be reached', async () => {
    const nodes = [{ host: '127.0.0.1', port: await freePort() }];
    const opening = open({ cluster: { nodes } }, { connectTimeoutMs: 300 });
    await expect(opening).rejects.toThrow(/^Redis at cluster \S+ refused the connection \(ECONNREFUSED\)/);
    expect(log.lines).toEqual([expect.stringContaining('(ECONNREFUSED)')]);
  });

  it('has no other database than 0, and no key prefix of ioredis', async () => {
    const nodes = cluster.nodes;
    await expect(open({ cluster: { nodes, options: { keyPrefix: 'x:' } } })).rejects.toThrow(/Set prefix/);
    await expect(open({ cluster: { nodes, options: { redisOptions: { keyPrefix: 'x:' } } } })).rejects.toThrow(
      /Set prefix/,
    );
  });

  it('can be described for another thread', async () => {
    const described = (await open({ cluster: { nodes: cluster.nodes } })).keeperConnection();
    if (!described.possible) throw new Error(described.reason);
    const keeper = connectAsKeeper(structuredClone(described.connection));
    connections.push(keeper);
    await callsAll(keeper);
  });

  it('closes while calls wait [case:R10]', async () => {
    const connection = await open({ cluster: { nodes: cluster.nodes } });
    await connection.subscriber.subscribe('test-cluster:{mail}:w:1', () => undefined);
    for (const server of cluster.servers) server.freeze();
    try {
      const call = callsAll(connection).catch((error: unknown) => error);
      await within('the close', connection.close(), 3_000);
      expect(await within('the call', call, 100)).toBeInstanceOf(Error);
    } finally {
      for (const server of cluster.servers) server.thaw();
    }
  });

  it('refuses a wrong password at once [case:R27]', async () => {
    for (const server of cluster.servers)
      await server.command('ACL', 'SETUSER', 'worker', 'on', '>pw', '~*', '&*', '+@all');
    const redisOptions = { username: 'worker', password: 'wrong' };
    const opening = open({ cluster: { nodes: cluster.nodes, options: { redisOptions } } });
    await expect(within('the refusal', opening)).rejects.toMatchObject({ code: 'AUTH' });
  });
});
