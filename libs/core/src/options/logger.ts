import { InvalidOptionError } from '../errors/index.js';
import type { Check } from './check/fields.js';

/** Where Millrace writes its log lines. Nest's Logger, pino and console fit with a line of adapter each. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

const METHODS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly (keyof Logger)[];

/** Writes nothing. */
export const silentLogger: Logger = Object.freeze({ debug() {}, info() {}, warn() {}, error() {} });

/** Writes to the console from `info` up. */
export const consoleLogger: Logger = Object.freeze({
  debug() {},
  info: (message: string) => console.info(message),
  warn: (message: string) => console.warn(message),
  error: (message: string) => console.error(message),
});

/** A check for a logger: an object with the four methods. */
export const loggerOption: Check<Logger> = (value, path, where) => {
  const candidate = value as Partial<Record<string, unknown>> | null;
  if (typeof value === 'object' && METHODS.every((method) => typeof candidate?.[method] === 'function')) {
    return value as Logger;
  }
  throw new InvalidOptionError({ where, path, value, expected: `an object with the methods ${METHODS.join(', ')}` });
};
