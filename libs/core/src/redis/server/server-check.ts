import { ConnectionError, InvalidOptionError, ServerTooOldError, type JobsError } from '../../errors/index.js';
import { isReplyError } from '../calls/reply-error.js';
import type { ScriptRunner } from '../calls/script-runner.js';
import { isCluster, type Client } from '../client/client.js';
import type { Logger } from '../../options/index.js';
import { missingPermissions } from './permission-check.js';
import { readServerFacts, type ServerFacts } from './server-facts.js';

const OLDEST = { Redis: [7, 0], Valkey: [7, 2] } as const;

/** What is checked, and for whom. */
export interface ServerCheck {
  readonly client: Client;
  readonly scripts: ScriptRunner;
  readonly description: string;
  readonly prefix: string;
  readonly logger: Logger;
}

/**
 * Looks whether a server that answers can be used: its version, the permissions of the user, and whether it keeps all
 * keys. What the user may not ask is taken for right.
 *
 * @throws ServerTooOldError, ConnectionError (code `AUTH`) for missing permissions, InvalidOptionError for one node of
 * a Cluster
 */
export async function checkServer(check: ServerCheck): Promise<void> {
  const { client, description, logger } = check;
  const facts = await readServerFacts(client);
  if (facts !== undefined) {
    if (facts.isNarrow || isTooOld(facts)) throw new ServerTooOldError(facts.name);
    await refuseLoneClusterNode(client, facts, description);
    warnOfEviction(facts, description, logger);
    if (facts.isReplica) {
      logger.warn(
        `Redis at ${description} is a read-only replica: nothing can be stored until it is promoted. Connect to the primary.`,
      );
    }
  }
  const missing = await missingPermissions(check.scripts, check.prefix);
  if (missing.length > 0) throw permissionError(description, check.prefix, missing);
}

function isTooOld({ product, version }: ServerFacts): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST[product];
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

function warnOfEviction({ maxmemoryPolicy }: ServerFacts, description: string, logger: Logger): void {
  if (maxmemoryPolicy === undefined || maxmemoryPolicy === 'noeviction') return;
  logger.warn(
    `maxmemory-policy of Redis at ${description} is ${maxmemoryPolicy}: Redis may delete jobs. Set noeviction ` +
      '(CONFIG SET maxmemory-policy noeviction, and the same in redis.conf or in the settings of the provider).',
  );
}

/** A Cluster of one node serves all keys, and a client for one server will do. */
async function refuseLoneClusterNode(client: Client, facts: ServerFacts, description: string): Promise<void> {
  if (!facts.isClusterNode || isCluster(client)) return;
  const info = await client.cluster('INFO').catch((error: Error) => {
    if (isReplyError(error)) return '';
    throw error;
  });
  const size = /cluster_size:(\d+)/.exec(info)?.[1] ?? '1';
  if (Number(size) <= 1) return;
  throw new InvalidOptionError({
    where: 'connect()',
    path: 'connection',
    value: description,
    expected: `{ cluster: { nodes: [...] } }, because this server is one of ${size} masters of a Cluster`,
  });
}

function permissionError(description: string, prefix: string, missing: readonly string[]): JobsError {
  return new ConnectionError(
    'AUTH',
    `The user of Redis at ${description} may not run ${missing.join(', ')} on keys and channels that begin with ` +
      `"${prefix}:" (NOPERM). Grant it: ACL SETUSER <user> ~${prefix}:* &${prefix}:* +@all -@dangerous +info`,
  );
}
