import type { RedisOptions } from 'ioredis';

import { closestName } from '../../errors/input/closest-name.js';
import { InvalidOptionError } from '../../errors/input/invalid-option-error.js';
import { maskUrl } from '../../errors/mask-url.js';

const SCHEMES = new Map([
  ['redis:', { tls: false }],
  ['rediss:', { tls: true }],
  ['valkey:', { tls: false }],
  ['valkeys:', { tls: true }],
]);

const EXPECTED = "a URL (redis://user:password@host:6379/0, rediss:// for TLS, or the path of a socket) or 'embedded'";

/**
 * Reads the URL of a Redis: scheme, user, password, host, port and database (`/2` or `?db=2`), and `?family=6`. Other
 * parameters are left to other programs that read the same variable. A path that begins with `/` is a Unix socket.
 *
 * @param where where the URL was given, for the message: `connect()`, `REDIS_URL`
 * @throws InvalidOptionError without the password
 */
export function parseRedisUrl(text: string, where: string): RedisOptions {
  if (text.startsWith('/')) return { path: text };
  const url = readUrl(text, where);
  const scheme = SCHEMES.get(url.protocol);
  if (scheme === undefined) throw invalidUrl(text, where);
  const options: RedisOptions = {
    host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost',
    port: url.port === '' ? 6379 : Number(url.port),
  };
  if (url.username !== '') options.username = decode(url.username, text, where);
  if (url.password !== '') options.password = decode(url.password, text, where);
  const db = wholeNumber(url.pathname.slice(1) || url.searchParams.get('db'), 'a database number', text, where);
  if (db !== undefined) options.db = db;
  const family = wholeNumber(url.searchParams.get('family'), 'family 4 or 6', text, where);
  if (family !== undefined) options.family = family;
  if (scheme.tls) options.tls = {};
  return options;
}

function readUrl(text: string, where: string): URL {
  try {
    return new URL(text);
  } catch {
    throw invalidUrl(text, where);
  }
}

function wholeNumber(part: string | null, what: string, text: string, where: string): number | undefined {
  if (part === null || part === '') return undefined;
  if (/^\d{1,6}$/.test(part)) return Number(part);
  // With an @ in it, it is the rest of a password that was not encoded.
  throw invalidUrl(text, where, part.includes('@') ? undefined : `"${part}" is not ${what}.`);
}

function decode(part: string, text: string, where: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalidUrl(text, where, 'Encode a % in user name or password as %25.');
  }
}

function invalidUrl(text: string, where: string, problem?: string): InvalidOptionError {
  const hint = problem ?? guess(text);
  // In a URL that cannot be read, a password may hold anything: all before the last @ is taken for one.
  const value = maskUrl(text.replace(/^([a-z]{1,10}:\/\/)?[^]*@/i, '$1***@'));
  return new InvalidOptionError({ where, path: 'connection', value, expected: EXPECTED, hint });
}

function guess(text: string): string | undefined {
  if (text === '') return 'It is empty: leave it out for REDIS_URL or the embedded server.';
  if (closestName(text, ['embedded']) !== undefined) return 'Did you mean "embedded"?';
  if (/^[\w.-]+(:\d+)?$/.test(text)) return `Did you mean "redis://${text}"?`;
  if (text.includes('@')) return 'Encode special characters in the password: encodeURIComponent(password).';
  return undefined;
}
