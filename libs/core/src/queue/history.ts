import { decodeError, JobNotFoundError, type JobErrorInfo } from '../errors/index.js';
import { decodeOutcome } from '../job/record.js';
import { scripts } from '../redis/index.js';
import type { QueueContext } from './queue-context.js';

/**
 * What an entry of a history tells of: how an attempt ended (`retrying`, `uncounted` and `snoozed` ones are followed by
 * another), or what was done to the job.
 */
export type HistoryType =
  | 'added'
  | 'retrying'
  | 'uncounted'
  | 'snoozed'
  | 'stalled'
  | 'completed'
  | 'failed'
  | 'timed_out'
  | 'broken'
  | 'cancelled'
  | 'retried'
  | 'promoted';

/** One thing that happened to a job. */
export interface HistoryEntry {
  readonly type: HistoryType;
  /** By the clock of Redis. */
  readonly at: Date;
  /** Which attempt ended, from 1; absent where none did. */
  readonly attempt?: number;
  /** How long it ran, in ms. */
  readonly durationMs?: number;
  /** The name of the worker that ran it. */
  readonly worker?: string;
  /** What it threw: its name, and up to 500 bytes of its message. Whole for the last end of a job. */
  readonly error?: Pick<JobErrorInfo, 'name' | 'message'> & Partial<JobErrorInfo>;
  /** What kind of error that was: the second half of its group of failures. */
  readonly kind?: string;
}

const TYPES: Readonly<Record<string, HistoryType>> = Object.freeze({
  r: 'retrying',
  u: 'uncounted',
  z: 'snoozed',
  s: 'stalled',
  c: 'completed',
  f: 'failed',
  t: 'timed_out',
  b: 'broken',
  x: 'cancelled',
  R: 'retried',
  P: 'promoted',
});

/** What happened to a job, the oldest first. @throws JobNotFoundError */
export async function readHistory(queue: QueueContext, id: string): Promise<HistoryEntry[]> {
  const reply = await queue.ask(scripts.history, { id });
  if (reply.code !== 'OK') throw new JobNotFoundError(queue.name, id);
  const entries = reply.entries.map(decodeEntry);
  const last = reply.outcome === '' ? undefined : decodeEnd(reply.outcome);
  if (last !== undefined) {
    // The end of an attempt that had trouble is written; the outcome has the whole error.
    const written = entries.at(-1);
    const isSame = written?.type === last.type && written.at.getTime() === last.at.getTime();
    if (isSame) entries.pop();
    entries.push(isSame ? { ...written, ...last } : last);
  }
  return [{ type: 'added', at: new Date(reply.created) }, ...entries];
}

function decodeEntry(text: string): HistoryEntry {
  const head = text.indexOf('\n');
  const [how = '', attempt, durationMs, worker, kind] = text.slice(0, head).split('\t');
  const type = TYPES[how.charAt(0)] ?? 'failed';
  const at = new Date(Number(how.slice(1)));
  if (type === 'retried' || type === 'promoted') return { type, at };
  const body = text.slice(head + 1);
  return {
    type,
    at,
    attempt: Number(attempt),
    durationMs: Number(durationMs),
    ...(worker ? { worker } : {}),
    ...(body === '' ? {} : { error: decodeBeginning(body) }),
    ...(kind ? { kind } : {}),
  };
}

function decodeEnd(text: string): HistoryEntry {
  const { state, finishedAt, attempt, durationMs, body } = decodeOutcome(text);
  const end = { type: state as HistoryType, at: new Date(finishedAt), attempt, durationMs };
  return state === 'completed' || body === '' ? end : { ...end, error: decodeError(body) };
}

/** Name and message stand first in an error as it is stored. */
const BEGINNING = /^\{"name":"((?:[^"\\]|\\.)*)","message":"((?:[^"\\]|\\.)*)/s;

/** Reads an error of which only the beginning was kept. */
function decodeBeginning(text: string): Pick<JobErrorInfo, 'name' | 'message'> {
  const [, name, message] = BEGINNING.exec(text) ?? [];
  if (name === undefined || message === undefined) return decodeError(text);
  return { name: unescape(name), message: unescape(message) };
}

/** A text of JSON that may have been cut in the middle of a character. */
function unescape(text: string): string {
  const whole = text.replace(/\\u[0-9a-fA-F]{0,3}$/, '').replace(/\ufffd+$/, '');
  try {
    return JSON.parse(`"${whole}"`) as string;
  } catch {
    return whole;
  }
}
