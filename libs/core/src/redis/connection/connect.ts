import { NoRedisError } from '../../errors/index.js';
import {
  resolveConnectSettings,
  silentLogger,
  type ConnectSettings,
  type Logger,
  type ResolvedConnectSettings,
} from '../../options/index.js';
import { startEmbedded } from '../embedded/start-embedded.js';
import { resolveInput, type ConnectionInput, type ResolvedInput } from '../input/connection-input.js';
import { defaultInput } from '../input/default-input.js';
import type { Endpoint } from '../input/endpoint.js';
import { checkServer } from '../server/server-check.js';
import { Connection } from './connection.js';
import { connectionFailure, isFinal } from './connection-failure.js';
import type { KeeperConnection } from './keeper-connection.js';

/**
 * Connects to Redis (≥ 7.0) or Valkey (≥ 7.2). Left out, the input is `REDIS_URL`, else a server of our own for
 * development, with a warning that says where its data lies.
 *
 * @throws NoRedisError when Redis did not answer within `connectTimeoutMs`
 * @throws AuthError, ServerTooOldError at once; ConnectionError (code `AUTH`) when the user lacks permissions
 * @throws NoConnectionError when nothing is configured and this is no development machine
 * @throws NoEmbeddedError when the server of our own cannot be started
 * @throws InvalidOptionError, UnknownOptionError, InvalidNameError
 * @example
 * const connection = await connect('redis://:secret@localhost:6379');
 */
export async function connect(input?: ConnectionInput, settings: ConnectSettings = {}): Promise<Connection> {
  const resolved = resolveConnectSettings(settings);
  const target = input === undefined ? defaultInput(process.env) : resolveInput(input);
  const connection = await openConnection(target, resolved, input === undefined);
  if (resolved.waitUntilReady) await untilUsable(connection, resolved.connectTimeoutMs);
  else void checkWhenReady(connection);
  return connection;
}

/**
 * @internal Connects in another thread as `keeperConnection()` said: at once, without checking the server again, and
 * without a word, because the connection of the main thread notices the same.
 */
export function connectAsKeeper(description: KeeperConnection): Connection {
  const settings = resolveConnectSettings({ ...description.settings, logger: silentLogger });
  const target = resolveInput(description.input, 'the keeper');
  if (target.kind === 'embedded') throw new TypeError('A description for another thread names the server itself.');
  return started(new Connection(target.endpoint, settings));
}

async function openConnection(
  target: ResolvedInput,
  settings: ResolvedConnectSettings,
  isDefault: boolean,
): Promise<Connection> {
  if (target.kind === 'endpoint') return started(new Connection(target.endpoint, settings));
  const server = await startEmbedded(target.options, { logger: settings.logger, timeoutMs: settings.connectTimeoutMs });
  announce(server.dir, settings.logger, isDefault);
  const options = { path: server.socket };
  const endpoint: Endpoint = { kind: 'server', options, description: server.socket };
  return started(new Connection(endpoint, settings, server));
}

function started(connection: Connection): Connection {
  connection.link.start();
  return connection;
}

/** Nobody asked for it by name: whoever believes to be connected to another Redis has to see it. */
function announce(dir: string, logger: Logger, isDefault: boolean): void {
  const message = `an embedded Redis for development, which keeps its data in ${dir}.`;
  if (isDefault) logger.warn(`Neither a connection nor REDIS_URL is set: using ${message}`);
  else logger.info(`Using ${message}`);
}

/** Resolves when Redis has answered and was found usable; otherwise closes the connection and rejects. */
async function untilUsable(connection: Connection, timeoutMs: number): Promise<void> {
  try {
    await untilReady(connection, timeoutMs);
    await checkConnection(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function untilReady({ link, description }: Connection, timeoutMs: number): Promise<void> {
  const giveUp = new AbortController();
  const stopListening = link.onChange((_, error) => {
    if (error !== undefined && isFinal(error)) giveUp.abort();
  });
  const isReady = await link.whenReady(timeoutMs, giveUp.signal);
  stopListening();
  if (isReady) return;
  if (link.lastError !== undefined) throw connectionFailure(link.lastError, description);
  const hint = description.startsWith('rediss:') ? ': does the port speak TLS?' : '';
  throw new NoRedisError(description, `no answer within ${timeoutMs} ms${hint}`);
}

/** Nobody waits: what is found goes to the log. */
async function checkWhenReady(connection: Connection): Promise<void> {
  if (!(await connection.link.whenReady(Infinity))) return;
  try {
    await checkConnection(connection);
  } catch (error) {
    if (connection.state !== 'closed') connection.logger.error((error as Error).message);
  }
}

function checkConnection({ client, scripts, description, prefix, logger }: Connection): Promise<void> {
  return checkServer({ client, scripts, description, prefix, logger });
}
