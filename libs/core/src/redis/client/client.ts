import { Redis, type Cluster, type ClusterNode, type ClusterOptions, type RedisOptions } from 'ioredis';

import { PatientCluster } from './patient-cluster.js';

/** A client of ioredis, for one server (Sentinel included) or for a Cluster. */
export type Client = Redis | Cluster;

/** What a client of a connection is used for. */
export type Role = 'commands' | 'subscriber';

/** How long a socket that was asked to end may take before it is destroyed. */
const DISCONNECT_TIMEOUT_MS = 300;

const KEEP_ALIVE_MS = 30_000;
/**
 * How long a client waits for its next try at most: nobody is idle longer once Redis answers again. A try costs the client
 * 0.15 ms (measured), and Redis nothing while it is away; when it is back all have to come in any case, and jitter spreads them.
 */
const MAX_RETRY_DELAY_MS = 500;
const RECONNECT_ON_READONLY_EVERY_MS = 1_000;

/** A client for one server. It connects when it is told to. */
export function createServerClient(options: RedisOptions, role: Role, silenceLimitMs: number): Redis {
  return forgetful(new Redis(ownOptions(options, role, silenceLimitMs)));
}

/** A client for a Cluster. It connects when it is told to. */
export function createClusterClient(
  nodes: readonly ClusterNode[],
  options: ClusterOptions,
  role: Role,
  silenceLimitMs: number,
): Cluster {
  const own = ownOptions(options.redisOptions ?? {}, role, silenceLimitMs);
  // Cluster sets these itself for each node.
  const { retryStrategy: _, enableOfflineQueue: __, readOnly: ___, ...redisOptions } = own;
  const cluster = new PatientCluster([...nodes], {
    ...options,
    lazyConnect: true,
    enableOfflineQueue: true,
    enableAutoPipelining: false,
    scaleReads: 'master',
    clusterRetryStrategy: options.clusterRetryStrategy ?? retryDelayMs,
    maxRedirections: options.maxRedirections ?? redirectionsWithin(silenceLimitMs),
    redisOptions,
  });
  // It asks a node for the slots through a copy of its client, and swallows why that one could not connect.
  const tell = (error: Error): unknown => cluster.emit('node error', error);
  return cluster.on('+node', (node: Redis) => forgetful(node, tell));
}

/**
 * A client of our own for publish/subscribe, made from the client that sends the commands. In a Cluster it listens to
 * one node: messages reach every node. `undefined` while no node is known. It does not reconnect for ever: whoever
 * uses it makes a new one when it ends, perhaps of another node.
 */
export function createSubscriberClient(commands: Client, silenceLimitMs: number): Redis | undefined {
  const model = isCluster(commands) ? anyNode(commands) : commands;
  if (model === undefined) return undefined;
  const options = { ...ownOptions(model.options, 'subscriber', silenceLimitMs), connectionName: 'millrace:subscriber' };
  return forgetful(model.duplicate(isCluster(commands) ? { ...options, retryStrategy: () => null } : options));
}

/** Whether a value is a client of ioredis, of whichever copy and version. */
export function isClient(value: unknown): value is Client {
  if (typeof value !== 'object' || value === null) return false;
  const candidate = value as Partial<Record<string, unknown>>;
  return ['evalsha', 'duplicate', 'on', 'disconnect'].every((name) => typeof candidate[name] === 'function');
}

export function isCluster(client: Client): client is Cluster {
  return client.isCluster;
}

/** A server that loads its data guesses how long that takes, at first far too long. It is asked again after this. */
const LOOK_AGAIN_MS = 250;

/** Replies have one shape in both versions. */
type OwnOptions = RedisOptions & { replyMapping: 'legacy' };

/**
 * What ioredis 5 and 6 do differently by default (keep-alive, reconnection delays, the shape of replies) is set here,
 * so that both behave the same. Then come what the caller asks for, and what Millrace relies on.
 */
function ownOptions(options: RedisOptions, role: Role, silenceLimitMs: number): OwnOptions {
  return {
    keepAlive: KEEP_ALIVE_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    socketTimeout: silenceLimitMs,
    connectionName: `millrace:${role}`,
    maxLoadingRetryTime: LOOK_AGAIN_MS,
    ...options,
    retryStrategy: options.retryStrategy ?? retryDelayMs,
    reconnectOnError: reconnectOnReadOnly(options.reconnectOnError),
    lazyConnect: true,
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
    autoResendUnfulfilledCommands: true,
    autoResubscribe: false,
    enableAutoPipelining: false,
    readOnly: false,
    stringNumbers: false,
    replyMapping: 'legacy',
  };
}

/**
 * How often a call may be sent elsewhere while a master is replaced. It is its time that bounds a call: with 16, the
 * default of ioredis, all calls gave up after 1.6 s, before any failover ends. Twice each 100 ms, which is how long
 * ioredis waits: another node says MOVED, and the one that it names is gone.
 */
function redirectionsWithin(timeMs: number): number {
  return 16 + 2 * Math.ceil(timeMs / 100);
}

/** Doubling from 50 ms, with jitter, so that a fleet does not come back in one moment. */
export function retryDelayMs(times: number): number {
  const delay = Math.min(50 * 2 ** Math.min(times - 1, 10), MAX_RETRY_DELAY_MS);
  return Math.round(delay * (0.75 + Math.random() * 0.5));
}

/**
 * After a failover the address may lead to the new primary while the open socket still leads to the old one. Not more
 * than once a second: while there is no primary, each call would end the connection of all others.
 */
function reconnectOnReadOnly(asked: RedisOptions['reconnectOnError']): (error: Error) => boolean | 1 | 2 {
  let last = -Infinity;
  return (error) => {
    const wish = asked?.(error);
    if (wish) return wish;
    if (!error.message.startsWith('READONLY') || performance.now() - last < RECONNECT_ON_READONLY_EVERY_MS)
      return false;
    last = performance.now();
    return true;
  };
}

/**
 * ioredis 5 forgets to stop the timer of `socketTimeout` when a socket breaks; it would keep the process alive. Copies
 * of a client as well: a Cluster asks for its slots through one of a node.
 */
function forgetful(client: Redis, onErrorOfCopy: (error: Error) => unknown = () => {}): Redis {
  const inner = client as unknown as { socketTimeoutTimer: NodeJS.Timeout | undefined };
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (override) => forgetful(duplicate(override)).on('error', onErrorOfCopy);
  return client.on('close', () => {
    clearTimeout(inner.socketTimeoutTimer);
    inner.socketTimeoutTimer = undefined;
  });
}

function anyNode(cluster: Cluster): Redis | undefined {
  const nodes = cluster.nodes();
  return nodes[Math.floor(Math.random() * nodes.length)];
}
