import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, NoRedisError, Queue, Worker, type Connection } from '@millrace/core';
import { ConnectionLog } from '../core/connection-log.ts';
import { Certificates } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { RedisCluster } from '../support/redis-cluster.ts';
import { waitFor } from '../support/wait-for.ts';

const PREFIX = 'test-cluster-tls';
const QUEUES = ['mail', 'reports', 'images', 'audit', 'a', 'b', 'c', 'd'];

describe('a Cluster of three masters that speak TLS, to their clients and to one another,', () => {
  let certificates: Certificates;
  let cluster: RedisCluster;
  let ports: number[];
  const log = new ConnectionLog();

  beforeAll(async () => {
    certificates = await Certificates.create();
    const certificate = await certificates.sign('node');
    cluster = await RedisCluster.start({
      argsOfNode: async () => [
        ...certificates.serverArguments(await freePort(), certificate),
        ...['--tls-cluster', 'yes'],
      ],
    });
    const settings = cluster.servers.map((server) => server.command('CONFIG', 'GET', 'tls-port'));
    ports = (await Promise.all(settings)).map((reply) => Number(/(\d+)\s*$/.exec(reply)?.[1]));
  }, 60_000);

  afterAll(async () => {
    await cluster.stop();
    await certificates.remove();
  });

  function open(ca?: string): Promise<Connection> {
    const nodes = ports.map((port) => ({ host: '127.0.0.1', port }));
    const options = { redisOptions: { tls: ca === undefined ? {} : { ca } } };
    return connect({ cluster: { nodes, options } }, { prefix: PREFIX, logger: log, connectTimeoutMs: 3_000 });
  }

  /** The sockets of Millrace at all nodes, as the nodes see them. */
  async function sockets(): Promise<string[]> {
    const lists = await Promise.all(cluster.servers.map((server) => server.command('CLIENT', 'LIST')));
    return lists.flatMap((list) => list.split('\n').filter((line) => line.includes('name=millrace:')));
  }

  it('runs jobs on all of them over TLS alone, with a keeper in its thread, and leaves no socket behind [case:R29] [seed:A31]', async () => {
    const connection = await open(certificates.ca);
    const queues = QUEUES.map((name) => new Queue(name, { connection }));
    const worker = new Worker({ connection, queues: QUEUES, handler: (job) => job.data });
    await worker.start();
    const jobs = await Promise.all(queues.map((queue, n) => queue.add('job', n)));
    const results = await Promise.all(queues.map((queue, n) => queue.result(jobs[n]?.id ?? '')));
    expect(results).toEqual(QUEUES.map((_, n) => n));
    const masters = await Promise.all(QUEUES.map((name) => cluster.masterOf(`${PREFIX}:{${name}}`)));
    expect(new Set(masters).size).toBe(3);
    expect(worker.health().keeper).toBe('thread');
    const addresses = (await sockets()).map((line) => /laddr=(\S+)/.exec(line)?.[1]);
    expect(new Set(addresses)).toEqual(new Set(ports.map((port) => `127.0.0.1:${port}`)));
    await worker.stop();
    await Promise.all(queues.map((queue) => queue.close()));
    await connection.close();
    await waitFor('all sockets to be closed', async () => (await sockets()).length === 0);
    expect(log.lines).toEqual([]);
  });

  it('is refused where the authority of its certificates is not known, with the reason [case:R29]', async () => {
    const error = await open().then(
      (connection) => connection.close(),
      (reason: unknown) => reason,
    );
    expect(NoRedisError.is(error)).toBe(true);
    expect((error as Error).message).toContain('its certificate is signed by nobody who is trusted here');
  });
});
