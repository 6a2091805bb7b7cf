import type { ClusterNode, ClusterOptions, RedisOptions } from 'ioredis';

import type { Client } from '../client/client.js';

/** One server, or the primary behind Sentinels. */
export interface ServerEndpoint {
  readonly kind: 'server';
  readonly options: RedisOptions;
  /** For people, without a password: `redis://localhost:6379/2`. */
  readonly description: string;
}

/** A Cluster, known by some of its nodes. */
export interface ClusterEndpoint {
  readonly kind: 'cluster';
  readonly nodes: readonly ClusterNode[];
  readonly options: ClusterOptions;
  readonly description: string;
}

/** A client that the application owns. */
export interface ClientEndpoint {
  readonly kind: 'client';
  readonly client: Client;
  readonly description: string;
}

/** Where Redis is: what each client of a connection is made from. */
export type Endpoint = ServerEndpoint | ClusterEndpoint | ClientEndpoint;

/** Says where a server is without saying its password. */
export function describeServer(options: RedisOptions): string {
  if (options.sentinels) return `Sentinel "${options.name ?? ''}" (${options.sentinels.map(hostAndPort).join(', ')})`;
  if (options.path) return options.path;
  const scheme = options.tls ? 'rediss' : 'redis';
  const user = options.username ? `${options.username}@` : '';
  return `${scheme}://${user}${hostAndPort(options)}${options.db ? `/${options.db}` : ''}`;
}

/** Says where a Cluster is without saying its password. */
export function describeCluster(nodes: readonly ClusterNode[]): string {
  return `cluster ${nodes.map(describeNode).join(', ')}`;
}

function describeNode(node: ClusterNode): string {
  if (typeof node === 'number') return hostAndPort({ port: node });
  if (typeof node === 'string') return node.replace(/^.*@/, '').replace(/^\w+:\/\//, '');
  return hostAndPort(node);
}

function hostAndPort({ host, port }: { host?: string | undefined; port?: number | undefined }): string {
  const name = host ?? 'localhost';
  return `${name.includes(':') ? `[${name}]` : name}:${port ?? 6379}`;
}
