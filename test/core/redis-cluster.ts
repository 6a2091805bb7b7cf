import { freePort } from '../support/free-port.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';

const SLOTS = 16_384;

/** A Redis Cluster of masters on loopback. */
export class RedisCluster {
  private constructor(readonly servers: readonly RedisServer[]) {}

  static async start(masters = 3): Promise<RedisCluster> {
    const servers = await Promise.all(Array.from({ length: masters }, startNode));
    const [first] = servers as [RedisServer];
    for (const [index, server] of servers.entries()) {
      const from = Math.floor((SLOTS * index) / masters);
      const to = Math.floor((SLOTS * (index + 1)) / masters) - 1;
      await server.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
      await server.command('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
      const busPort = /@(\d+)/.exec(await first.command('CLUSTER', 'NODES'))?.[1] ?? '';
      if (server !== first) await server.command('CLUSTER', 'MEET', '127.0.0.1', String(first.port), busPort);
    }
    for (const server of servers) {
      await waitFor(
        'the cluster',
        async () => {
          const info = await server.command('CLUSTER', 'INFO');
          return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${masters}`);
        },
        { timeoutMs: 10_000 },
      );
    }
    return new RedisCluster(servers);
  }

  get nodes(): { host: string; port: number }[] {
    return this.servers.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}

async function startNode(): Promise<RedisServer> {
  const args = [
    '--cluster-enabled',
    'yes',
    '--cluster-port',
    String(await freePort()),
    '--cluster-node-timeout',
    '1000',
  ];
  return RedisServer.start({ args });
}
