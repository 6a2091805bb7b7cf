import type { ConnectionInput } from '../input/connection-input.js';
import type { ResolvedConnectSettings } from '../../options/index.js';
import type { Endpoint } from '../input/endpoint.js';

/** What another thread needs to make a connection of its own. It can be posted: it holds no function and no client. */
export interface KeeperConnection {
  readonly input: ConnectionInput;
  readonly settings: Omit<ResolvedConnectSettings, 'logger' | 'redact' | 'clock' | 'waitUntilReady'>;
}

/** A description for another thread, or why there can be none. */
export type KeeperConnectionResult =
  | { readonly possible: true; readonly connection: KeeperConnection }
  | { readonly possible: false; readonly reason: string };

/** Describes an endpoint for another thread. */
export function describeForThread(endpoint: Endpoint, settings: ResolvedConnectSettings): KeeperConnectionResult {
  if (endpoint.kind === 'client') return impossible('the connection is a client of the application');
  const input: ConnectionInput =
    endpoint.kind === 'server' ? endpoint.options : { cluster: { nodes: endpoint.nodes, options: endpoint.options } };
  const { prefix, connectTimeoutMs, commandTimeoutMs, closeTimeoutMs } = settings;
  const plain = { prefix, connectTimeoutMs, commandTimeoutMs, closeTimeoutMs };
  const uncloneable = findUncloneable(input, '');
  if (uncloneable !== undefined) return impossible(`the option ${uncloneable} cannot be passed to another thread`);
  return { possible: true, connection: structuredClone({ input, settings: plain }) };
}

function impossible(reason: string): KeeperConnectionResult {
  return { possible: false, reason };
}

/** The path of the first value that structured cloning refuses. */
function findUncloneable(value: unknown, path: string): string | undefined {
  try {
    structuredClone(value);
    return undefined;
  } catch {
    if (typeof value !== 'object' || value === null) return path;
    for (const [name, inner] of Object.entries(value)) {
      const found = findUncloneable(inner, path === '' ? name : `${path}.${name}`);
      if (found !== undefined) return found;
    }
    return path;
  }
}
