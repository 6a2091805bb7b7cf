import type { ResolvedJobDefaults } from '../options/job/job-defaults.js';
import type { ResolvedJobOptions } from '../options/job/job-options.js';
import { uniqueLetter } from './job-lines.js';
import type { StoredOptions } from './record.js';

/** What is said of a job, as far as it is stored with it. */
type Said = ResolvedJobDefaults &
  Pick<ResolvedJobOptions, 'delayMs' | 'runAt' | 'meta' | 'tags' | 'unique' | 'uses' | 'group'> &
  Pick<StoredOptions, 'failedJobId' | 'scheduleId' | 'scheduledFor'>;

/** What only some jobs have. */
export interface Extras {
  /** The digits of the unique key. */
  readonly uniqueKey?: string;
  /** A job in store for the failure of this one: {@link encodeStored}. */
  readonly stored?: string;
}

/**
 * The part of an envelope that the client writes; the server puts format and time before it.
 *
 * @throws nothing: all that is given has been checked
 */
export function encodeBody(
  name: string,
  said: Said,
  queue: ResolvedJobDefaults,
  payload: string,
  { uniqueKey = '', stored = '' }: Extras = {},
): string {
  const keep = said.keep ?? queue.keep;
  const priority = said.priority ?? queue.priority ?? 0;
  const expires = said.expiresInMs ?? queue.expiresInMs;
  const stalls = said.maxStalls ?? queue.maxStalls;
  let flags = '';
  const fields: string[] = [];
  const add = (letter: string, value: number | string): void => {
    flags += letter;
    fields.push(letter + value);
  };
  if (priority !== 0) add('p', priority);
  if (keep !== undefined) add('k', `${keep.completed?.ageMs ?? ''}:${keep.failed?.ageMs ?? ''}`);
  if (expires !== undefined) add('x', expires);
  if (stalls !== undefined) add('s', stalls);
  const held = said.unique === undefined ? '' : uniqueLetter(said.unique);
  // The colon says that the key is held for a time only.
  if (held !== '') add(held, `${uniqueKey}${said.unique?.forMs === undefined ? '' : ':'}`);
  if (stored !== '') add('f', Buffer.byteLength(stored));
  return `${flags}\t${name}\t${fields.join(',')}\t${encodeOptions(said, queue)}\n${stored}${payload}`;
}

/** The body of a job for which nothing was said, by a queue without defaults: most jobs. */
export function encodePlainBody(name: string, payload: string): string {
  return `\t${name}\t\t\n${payload}`;
}

/** A job that is kept with another one, as the core finds it there. */
export function encodeStored(id: string, body: string): string {
  return `${id}\n${body}`;
}

function encodeOptions(said: Said, queue: ResolvedJobDefaults): string {
  const stored: Record<string, unknown> = pickStored(said);
  if (said.delayMs !== undefined) stored.delayMs = said.delayMs;
  if (said.runAt !== undefined) stored.runAt = said.runAt;
  if (said.meta !== undefined) stored.meta = said.meta;
  if (said.tags !== undefined) stored.tags = said.tags;
  if (said.group !== undefined) stored.group = said.group;
  if (said.failedJobId !== undefined) stored.failedJobId = said.failedJobId;
  if (said.scheduleId !== undefined) stored.scheduleId = said.scheduleId;
  if (said.scheduledFor !== undefined) stored.scheduledFor = said.scheduledFor;
  const weak = pickStored(queue);
  if (Object.keys(weak).length > 0) stored.queueDefaults = weak;
  return Object.keys(stored).length === 0 ? '' : JSON.stringify(stored);
}

function pickStored(from: ResolvedJobDefaults): Record<string, unknown> {
  const stored: Record<string, unknown> = {};
  for (const name of ['maxAttempts', 'maxUncounted', 'backoff', 'timeoutMs'] as const) {
    if (from[name] !== undefined) stored[name] = from[name];
  }
  return stored;
}
