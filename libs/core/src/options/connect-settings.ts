import { SystemClock, type Clock } from '../clock/index.js';
import { InvalidOptionError, type Where } from '../errors/index.js';
import { duration, nameOf, oneOf } from './check/checks.js';
import { fieldTable, readFields } from './check/fields.js';
import { defaultRedaction, type Redaction } from '../redaction/index.js';
import { consoleLogger, loggerOption, type Logger } from './logger.js';
import { resolveRedact, type RedactOptions } from './redact-options.js';

/** The second argument of `connect()`. */
export interface ConnectSettings {
  /** The first part of every key. @default 'millrace' */
  readonly prefix?: string | undefined;
  /**
   * Whether `connect` waits until Redis answers. With `false` it resolves at once, logs while Redis is away, and keeps
   * trying; a wrong password or too old a server is then an error in the log. @default true
   */
  readonly waitUntilReady?: boolean | undefined;
  /** How long `connect` waits for the first answer before it rejects. @default 10000 */
  readonly connectTimeoutMs?: number | undefined;
  /** How long one command may take before its outcome counts as unknown. @default 10000 */
  readonly commandTimeoutMs?: number | undefined;
  /** How long `close` waits for answers that are due. @default 2000 */
  readonly closeTimeoutMs?: number | undefined;
  /** @default one that writes to the console from `info` up */
  readonly logger?: Logger | undefined;
  /**
   * What is hidden in log lines, and in errors before they are stored: passwords of URLs, and values of members called
   * password, token, cookie and the like; or more. `false` hides nothing. @default true
   */
  readonly redact?: boolean | RedactOptions | Redaction | undefined;
  /** The clock of queues and workers; a test passes one that it moves. @default the machine's */
  readonly clock?: Clock | undefined;
}

/** {@link ConnectSettings} as checked. */
export interface ResolvedConnectSettings {
  readonly prefix: string;
  readonly waitUntilReady: boolean;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly logger: Logger;
  readonly redact: Redaction;
  readonly clock: Clock;
}

/** What a setting of a connection is when it is left out. */
export const CONNECT_DEFAULTS = Object.freeze({
  prefix: 'millrace',
  waitUntilReady: true,
  connectTimeoutMs: 10_000,
  commandTimeoutMs: 10_000,
  closeTimeoutMs: 2_000,
});

/** Timers end at 2^31 ms; nobody waits a day for a command. */
const MAX_TIMEOUT_MS = 24 * 60 * 60 * 1_000;

const TIMEOUT = duration({ min: 1, max: MAX_TIMEOUT_MS });

const TABLE = fieldTable<ResolvedConnectSettings>({
  prefix: nameOf('key prefix'),
  waitUntilReady: oneOf(true, false),
  connectTimeoutMs: TIMEOUT,
  commandTimeoutMs: TIMEOUT,
  closeTimeoutMs: TIMEOUT,
  logger: loggerOption,
  redact: resolveRedact,
  clock: checkClock,
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
  const given = readFields(input ?? {}, TABLE, where);
  return Object.freeze({
    ...CONNECT_DEFAULTS,
    logger: consoleLogger,
    redact: defaultRedaction,
    clock: new SystemClock(),
    ...given,
  });
}

function checkClock(value: unknown, path: string, where: Where): Clock {
  const candidate = value as Partial<Clock> | null;
  if (typeof value === 'object' && typeof candidate?.setTimer === 'function') return value as Clock;
  throw new InvalidOptionError({ where, path, value, expected: 'a clock' });
}
