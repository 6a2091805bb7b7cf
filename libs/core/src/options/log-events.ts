import { InvalidOptionError } from '../errors/index.js';
import { oneOf } from './check/checks.js';
import { fieldTable, readFields, type Check } from './check/fields.js';
import type { Logger } from './logger.js';

/** What a worker can write a line of, with fields: see {@link LogEvents}. */
export type LogEventName =
  | 'job.start'
  | 'job.success'
  | 'job.failure'
  | 'job.timeout'
  | 'job.permanent-failure'
  | 'job.snooze'
  | 'job.kill'
  | 'job.lost'
  | 'worker.state'
  | 'queue.poll'
  | 'queue.housekeeping';

/** A method of the logger, or none. */
export type LogLevel = keyof Logger | 'off';

/** Which events of a worker are logged, and how loudly. What is left out is as in {@link LOG_EVENT_LEVELS}. */
export type LogEvents = Readonly<Partial<Record<LogEventName, LogLevel>>>;

/** {@link LogEvents} as checked. */
export type ResolvedLogEvents = Readonly<Record<LogEventName, LogLevel>>;

/** The levels of `logEvents: true`. What comes with every job is off. */
export const LOG_EVENT_LEVELS: ResolvedLogEvents = Object.freeze({
  'job.start': 'off',
  'job.success': 'off',
  'job.failure': 'warn',
  'job.timeout': 'warn',
  'job.permanent-failure': 'error',
  'job.snooze': 'debug',
  'job.kill': 'info',
  'job.lost': 'warn',
  'worker.state': 'info',
  'queue.poll': 'debug',
  'queue.housekeeping': 'debug',
});

const LEVEL = oneOf('debug', 'info', 'warn', 'error', 'off');
const TABLE = fieldTable<ResolvedLogEvents>(
  Object.fromEntries(Object.keys(LOG_EVENT_LEVELS).map((name) => [name, LEVEL])) as Record<
    LogEventName,
    Check<LogLevel>
  >,
);

/** Checks which events are logged: `true` for all at their levels, `false` for none, or levels by event. */
export const resolveLogEvents: Check<ResolvedLogEvents | false> = (value, path, where) => {
  if (value === true) return LOG_EVENT_LEVELS;
  if (value === false) return false;
  if (typeof value === 'object' && value !== null)
    return Object.freeze({ ...LOG_EVENT_LEVELS, ...readFields(value, TABLE, where, path) });
  throw new InvalidOptionError({ where, path, value, expected: 'true, false, or levels by event' });
};
