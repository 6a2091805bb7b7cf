import type { Client } from '../client/client.js';
import { isReplyError } from '../calls/reply-error.js';

/** What a server says of itself, as far as it may be asked. */
export interface ServerFacts {
  /** `Redis 7.2.4`, `Valkey 8.0.1`, `Redis 7.0.15 of 32 bits`. */
  readonly name: string;
  readonly product: 'Redis' | 'Valkey';
  readonly version: string;
  /** Built for 32 bits: the Lua of such a server writes no time as a whole number. */
  readonly isNarrow: boolean;
  /** `undefined` when the server does not say. */
  readonly maxmemoryPolicy: string | undefined;
  readonly isClusterNode: boolean;
  readonly isReplica: boolean;
}

/** Asks with INFO, which needs no CONFIG. `undefined` when the user may not ask. */
export async function readServerFacts(client: Client): Promise<ServerFacts | undefined> {
  try {
    return parseInfo(await client.info());
  } catch (error) {
    if (isReplyError(error as Error)) return undefined;
    throw error;
  }
}

/** Reads the answer of INFO. `undefined` when it names no version. */
export function parseInfo(info: string): ServerFacts | undefined {
  const fields = new Map(
    info.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)] as const;
    }),
  );
  const valkey = fields.get('valkey_version');
  const version = valkey ?? fields.get('redis_version');
  if (version === undefined) return undefined;
  const product = valkey === undefined ? 'Redis' : 'Valkey';
  const isNarrow = fields.get('arch_bits') === '32';
  return {
    name: `${product} ${version}${isNarrow ? ' of 32 bits' : ''}`,
    product,
    version,
    isNarrow,
    maxmemoryPolicy: fields.get('maxmemory_policy'),
    isClusterNode: (fields.get('redis_mode') ?? fields.get('server_mode')) === 'cluster',
    isReplica: fields.get('role') === 'slave',
  };
}
