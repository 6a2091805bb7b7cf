import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';

import { closestName, InvalidOptionError, UnknownOptionError } from '../../errors/index.js';
import { isClient } from '../client/client.js';
import type { EmbeddedOptions } from '../embedded/embedded-options.js';
import { checkClient } from './check-client.js';
import { describeCluster, describeServer, type Endpoint } from './endpoint.js';
import { IOREDIS_OPTIONS } from './option-names.js';
import { parseRedisUrl } from './redis-url.js';

/** A Redis Cluster: some of its nodes, and the options of ioredis' `Cluster`. */
export interface ClusterInput {
  readonly cluster: { readonly nodes: readonly ClusterNode[]; readonly options?: ClusterOptions | undefined };
}

/** A server of our own for development, with its data in a directory. */
export interface EmbeddedInput {
  readonly embedded: EmbeddedOptions;
}

/**
 * Where Redis is: a URL (`redis://`, `rediss://`, the path of a Unix socket), the options of ioredis (Sentinel:
 * `{ sentinels, name }`), `{ cluster: { nodes, options } }`, an existing `Redis` or `Cluster` client, which is used
 * and never closed, or `'embedded'`, a server that is started for development.
 *
 * A client of the application keeps its own options, and the lease keeper cannot have a thread of its own. Where nothing is
 * answered for `commandTimeoutMs` it is made to connect again; a Cluster client notices a socket that died silently only with
 * `socketTimeout` among its `redisOptions`.
 */
export type ConnectionInput = string | RedisOptions | Redis | Cluster | ClusterInput | EmbeddedInput;

/** What an input turned out to be. */
export type ResolvedInput =
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }
  | { readonly kind: 'embedded'; readonly options: EmbeddedOptions };

/**
 * Checks an input without connecting anywhere.
 *
 * @param where where it was given: `connect()`, `REDIS_URL`
 * @throws InvalidOptionError, UnknownOptionError
 */
export function resolveInput(input: unknown, where = 'connect()'): ResolvedInput {
  if (input === 'embedded') return { kind: 'embedded', options: {} };
  if (typeof input === 'string') return serverInput(parseRedisUrl(input, where));
  if (isClient(input)) return { kind: 'endpoint', endpoint: checkClient(input, where) };
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw notAnInput(input, where);
  if ('cluster' in input) return clusterInput((input as ClusterInput).cluster, where);
  if ('embedded' in input) return { kind: 'embedded', options: (input as EmbeddedInput).embedded };
  checkOptions(input, '', where);
  return serverInput(input);
}

function serverInput(options: RedisOptions): ResolvedInput {
  return { kind: 'endpoint', endpoint: { kind: 'server', options, description: describeServer(options) } };
}

function clusterInput(cluster: unknown, where: string): ResolvedInput {
  const { nodes, options = {} } = (cluster ?? {}) as Partial<ClusterInput['cluster']>;
  if (!Array.isArray(nodes) || nodes.length === 0) {
    const expected = "at least one node, such as { host: 'node-1', port: 6379 }";
    throw new InvalidOptionError({ where, path: 'cluster.nodes', value: withoutContent(nodes), expected });
  }
  refuseKeyPrefix(options.keyPrefix, 'cluster.options.keyPrefix', where);
  checkOptions(options.redisOptions ?? {}, 'cluster.options.redisOptions.', where);
  const description = describeCluster(nodes as ClusterNode[]);
  return { kind: 'endpoint', endpoint: { kind: 'cluster', nodes: nodes as ClusterNode[], options, description } };
}

/** A later ioredis may have more options, so only names that look like a known one are taken for misspelt. */
function checkOptions(options: object, path: string, where: string): void {
  refuseKeyPrefix((options as RedisOptions).keyPrefix, `${path}keyPrefix`, where);
  for (const [name, value] of Object.entries(options)) {
    if (IOREDIS_OPTIONS.includes(name)) continue;
    const unknown = { where, path: `${path}${name}`, value: '…', known: IOREDIS_OPTIONS };
    if (name === 'url' || name === 'uri') {
      throw new UnknownOptionError({ ...unknown, hint: 'Pass the URL itself as the connection.' });
    }
    if (value !== undefined && closestName(name, IOREDIS_OPTIONS) !== undefined) throw new UnknownOptionError(unknown);
  }
}

/** ioredis would put it before the keys of each call, and the Lua core builds its keys from the one that it is given. */
function refuseKeyPrefix(value: unknown, path: string, where: string): void {
  if (value === undefined || value === '') return;
  throw new InvalidOptionError({
    where,
    path,
    value,
    expected: 'no keyPrefix',
    hint: "Set prefix: '…' of Millrace instead.",
  });
}

function notAnInput(value: unknown, where: string): InvalidOptionError {
  const expected = "a URL, options of ioredis, a Redis or Cluster client, { cluster: { nodes } } or 'embedded'";
  return new InvalidOptionError({ where, path: 'connection', value: withoutContent(value), expected });
}

/** An object in the place of a connection may hold a password. */
function withoutContent(value: unknown): unknown {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : value;
}
