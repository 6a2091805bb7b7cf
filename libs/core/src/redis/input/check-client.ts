import type { Redis } from 'ioredis';

import { InvalidOptionError } from '../../errors/index.js';
import { isCluster, type Client } from '../client/client.js';
import { describeCluster, describeServer, type ClientEndpoint } from './endpoint.js';

/**
 * Looks whether a client that the application made can be used. It is only used, never changed or closed (at most made to
 * connect again, when nothing is answered); its own
 * options (`commandTimeout`, `maxRetriesPerRequest`, `enableOfflineQueue`, `enableReadyCheck`) all do.
 *
 * @throws InvalidOptionError that says what to change
 */
export function checkClient(client: Client, where: string): ClientEndpoint {
  refuse(client, where, Boolean(client.options.keyPrefix), 'without keyPrefix', "Set prefix: '…' of Millrace instead.");
  refuse(client, where, client.status === 'end', 'that is open', 'It was closed: pass a new one, or its options.');
  if (!isCluster(client)) checkServerClient(client, where);
  const description = isCluster(client)
    ? describeCluster(client.nodes().map(addressOf))
    : describeServer(client.options);
  return { kind: 'client', client, description: description === 'cluster ' ? 'cluster' : description };
}

function checkServerClient(client: Redis, where: string): void {
  const { mode } = client;
  refuse(client, where, mode !== 'normal', 'that takes commands', `It is in ${mode} mode: pass another one.`);
  refuse(client, where, client.options.readOnly === true, 'that may write', 'Leave out readOnly.');
}

function refuse(client: Client, where: string, refused: boolean, property: string, hint: string): void {
  if (!refused) return;
  const kind = isCluster(client) ? 'Cluster' : 'Redis';
  const value = `a ${kind} client`;
  throw new InvalidOptionError({ where, path: 'connection', value, expected: `a ${kind} client ${property}`, hint });
}

function addressOf(node: Redis): { host?: string; port?: number } {
  const { host, port } = node.options;
  return { ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) };
}
