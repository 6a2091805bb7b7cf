import type { Where } from '../errors/index.js';
import { duration, nameOf } from './check/checks.js';
import { fieldTable, readFields } from './check/fields.js';
import { loggerOption, type Logger } from './logger.js';

/** The second argument of `connect()`. */
export interface ConnectSettings {
  /** The first part of every key. @default 'millrace' */
  readonly prefix?: string | undefined;
  /** How long the first connection may take. @default 10000 */
  readonly connectTimeoutMs?: number | undefined;
  /** How long one command may take before its outcome counts as unknown. @default 10000 */
  readonly commandTimeoutMs?: number | undefined;
  /** @default one that writes to the console from `info` up */
  readonly logger?: Logger | undefined;
}

/** {@link ConnectSettings} as checked. */
export interface ResolvedConnectSettings {
  readonly prefix: string;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly logger?: Logger;
}

/** What a setting of a connection is when it is left out. */
export const CONNECT_DEFAULTS = Object.freeze({
  prefix: 'millrace',
  connectTimeoutMs: 10_000,
  commandTimeoutMs: 10_000,
});

/** Timers end at 2^31 ms; nobody waits a day for a command. */
const MAX_TIMEOUT_MS = 24 * 60 * 60 * 1_000;

const TABLE = fieldTable<ResolvedConnectSettings>({
  prefix: nameOf('key prefix'),
  connectTimeoutMs: duration({ min: 1, max: MAX_TIMEOUT_MS }),
  commandTimeoutMs: duration({ min: 1, max: MAX_TIMEOUT_MS }),
  logger: loggerOption,
});

/**
 * Checks the settings of a connection.
 *
 * @throws InvalidOptionError, UnknownOptionError, InvalidNameError
 */
export function resolveConnectSettings(
  input: ConnectSettings | undefined,
  where: Where = 'connect()',
): ResolvedConnectSettings {
  return Object.freeze({ ...CONNECT_DEFAULTS, ...readFields(input ?? {}, TABLE, where) });
}
