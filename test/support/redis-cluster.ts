import { freePort } from './free-port.ts';
import { RedisServer } from './redis-server.ts';
import { waitFor } from './wait-for.ts';

const SLOTS = 16_384;

/** How big a Cluster is, and how fast it notices that a node is gone. */
export interface RedisClusterOptions {
  /** Default 3. */
  readonly masters?: number;
  /** Replicas of each master. Default 0. */
  readonly replicas?: number;
  /** After so long without a word from a node the others take it for gone. Default 10,000: the machine may be busy. */
  readonly nodeTimeoutMs?: number;
  /** More arguments of a redis-server; asked for each of them. */
  readonly argsOfNode?: () => Promise<readonly string[]>;
}

/** A Redis Cluster on loopback. */
export class RedisCluster {
  private constructor(
    /** The nodes that were made masters; after a failover they are none any more. */
    readonly masters: readonly RedisServer[],
    /** The nodes that were made replicas: those of the first master, those of the second one, … */
    readonly replicas: readonly RedisServer[],
  ) {}

  static async start(options: RedisClusterOptions = {}): Promise<RedisCluster> {
    const { masters: count = 3, replicas: each = 0, nodeTimeoutMs = 10_000, argsOfNode } = options;
    const start = (): Promise<RedisServer> => startNode(nodeTimeoutMs, argsOfNode);
    const servers = await Promise.all(Array.from({ length: count * (1 + each) }, start));
    const cluster = new RedisCluster(servers.slice(0, count), servers.slice(count));
    try {
      await cluster.#form(each);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** All nodes, masters first. */
  get servers(): readonly RedisServer[] {
    return [...this.masters, ...this.replicas];
  }

  get nodes(): { host: string; port: number }[] {
    return this.servers.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  /** The node that is master of the slot of a key now, as far as `asked` knows. */
  async masterOf(key: string, asked = this.masters[0]): Promise<RedisServer> {
    const slot = Number((await asked?.command('CLUSTER', 'KEYSLOT', key))?.slice(1));
    for (const line of (await asked?.command('CLUSTER', 'NODES'))?.split('\n') ?? []) {
      const [, address = '', , , , , , , ...ranges] = line.trim().split(' ');
      const owns = ranges.some((range) => {
        const [from, to = from] = range.split('-').map(Number);
        return from !== undefined && to !== undefined && from <= slot && slot <= to;
      });
      const owner = this.servers.find(({ port }) => address.includes(`:${port}@`));
      if (owns && owner !== undefined) return owner;
    }
    throw new Error(`no node has slot ${slot}`);
  }

  /** The first replica that a master was given. */
  replicaOf(master: RedisServer): RedisServer {
    const each = this.replicas.length / this.masters.length;
    const replica = this.replicas[this.masters.indexOf(master) * each];
    if (replica === undefined) throw new Error('this node was given no replica');
    return replica;
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }

  async #form(each: number): Promise<void> {
    const { masters, replicas, servers } = this;
    await Promise.all(masters.map((server, index) => takeSlots(server, index, masters.length)));
    await Promise.all(servers.map((server, index) => meet(server, servers.slice(0, index))));
    await Promise.all(servers.map((server) => knowsAll(server, servers.length)));
    await Promise.all(replicas.map((replica, index) => follow(replica, masters[Math.floor(index / each)])));
    await Promise.all(servers.map(serves));
    await Promise.all(replicas.map(isInSync));
  }
}

async function startNode(nodeTimeoutMs: number, more: RedisClusterOptions['argsOfNode']): Promise<RedisServer> {
  // Others can take its ports before it does; a few tries with new ones make that vanish.
  for (let tries = 3; ; tries -= 1) {
    const busPort = String(await freePort());
    const args = [
      '--cluster-enabled',
      'yes',
      '--cluster-port',
      busPort,
      '--cluster-node-timeout',
      String(nodeTimeoutMs),
    ];
    // A replica of an empty master need not wait for others that could share its snapshot.
    const all = [...args, '--repl-diskless-sync-delay', '0', ...((await more?.()) ?? [])];
    try {
      return await RedisServer.start({ args: all });
    } catch (error) {
      if (tries === 1) throw error;
    }
  }
}

async function takeSlots(server: RedisServer, index: number, masters: number): Promise<void> {
  const from = Math.floor((SLOTS * index) / masters);
  const to = Math.floor((SLOTS * (index + 1)) / masters) - 1;
  await server.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  await server.command('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
}

/** Each meets each: news of others travel with pings, and those are the rarer the longer the timeout is. */
async function meet(server: RedisServer, others: readonly RedisServer[]): Promise<void> {
  for (const other of others) {
    const busPort = /@(\d+)/.exec(await other.command('CLUSTER', 'NODES'))?.[1] ?? '';
    await server.command('CLUSTER', 'MEET', '127.0.0.1', String(other.port), busPort);
  }
}

/** A node whose handshake is still going on has an id that it will lose. */
async function knowsAll(server: RedisServer, count: number): Promise<void> {
  await waitFor('all nodes to know each other', async () => {
    const nodes = (await server.command('CLUSTER', 'NODES')).split('\n').filter((line) => line.includes('@'));
    return nodes.length === count && nodes.every((line) => !line.includes('handshake'));
  });
}

async function follow(replica: RedisServer, master: RedisServer | undefined): Promise<void> {
  const id = /[0-9a-f]{40}/.exec((await master?.command('CLUSTER', 'MYID')) ?? '')?.[0] ?? '';
  await waitFor('the replica to know its master', async () => {
    return (await replica.command('CLUSTER', 'REPLICATE', id)).startsWith('+OK');
  });
}

async function serves(server: RedisServer): Promise<void> {
  await waitFor('the cluster', async () => (await server.command('CLUSTER', 'INFO')).includes('cluster_state:ok'));
}

async function isInSync(replica: RedisServer): Promise<void> {
  await waitFor('the replica', async () => {
    return (await replica.command('INFO', 'replication')).includes('master_link_status:up');
  });
}
