import { describe, expect, it } from '@jest/globals';

import * as errors from './index.js';
import { ERROR_CODES, JobsError, type ErrorCode } from './index.js';

const cause = new Error('socket closed');

/** One of each class, and the code that it stands for. */
const SAMPLES: readonly (readonly [ErrorCode, JobsError])[] = [
  ['ABORTED', new errors.AbortedError('mail', '42')],
  ['AUTH', new errors.AuthError('redis://u:secret@db:6379', 'WRONGPASS invalid username-password pair')],
  ['BROKEN_PAYLOAD', new errors.BrokenPayloadError('mail', '42', 'Unexpected end of JSON input')],
  ['CANCEL', new errors.CancelError()],
  ['CLOSED', new errors.ClosedError('Queue "mail"', 'add a job')],
  ['INVALID_OPTION', new errors.InvalidOptionError({ where: 'x', path: 'a.b', value: 1, expected: 'a text' })],
  ['JOB_ACTIVE', new errors.JobActiveError('mail', '42', 'replaced')],
  ['JOB_CONFLICT', new errors.JobConflictError('mail', '42')],
  ['JOB_FAILED', new errors.JobFailedError('mail', '42', 'failed', { name: 'TypeError', message: 'no' })],
  ['JOB_NOT_FOUND', new errors.JobNotFoundError('mail', '42')],
  ['SCHEDULE_NOT_FOUND', new errors.ScheduleNotFoundError('mail', 'nightly')],
  ['JOB_EXPIRED', new errors.JobExpiredError('mail', '42')],
  ['JOB_STALLED', new errors.JobStalledError('mail', '42', 4)],
  ['JOB_TIMEOUT', new errors.JobTimeoutError('mail', '42', 500)],
  ['LEASE_LOST', new errors.LeaseLostError('mail', '42', 'after 5 min of a blocked event loop')],
  ['NAME', new errors.InvalidNameError('queue', '{mail}', 'braces are not allowed')],
  ['NO_CONNECTION', new errors.NoConnectionError('NODE_ENV=production')],
  ['NO_EMBEDDED', new errors.NoEmbeddedError('redis-server is not on the PATH')],
  ['NO_REDIS', new errors.NoRedisError('redis://:secret@localhost:6379', 'ECONNREFUSED', { cause })],
  ['OUTCOME_UNKNOWN', new errors.OutcomeUnknownError('mail', 'add', ['a', 'b', 'c', 'd'], { cause })],
  ['PAYLOAD', new errors.PayloadError('Payload of "welcome"', 'data.at', 'cannot be stored: data.at is a BigInt.')],
  ['PROTOCOL', new errors.ProtocolError('add answered WAT')],
  ['QUEUE_ACTIVE', new errors.QueueActiveError('mail', 3)],
  ['DEPENDENCY_FAILED', new errors.DependencyFailedError('41')],
  ['JOB_HAS_DEPENDENTS', new errors.JobHasDependentsError('mail', '42', [{ queue: 'mail', id: '43' }])],
  ['JOB_FINISHED', new errors.JobFinishedError('mail', '42', 'changed')],
  ['DEPENDENCY_CYCLE', new errors.DependencyCycleError('mail', ['a', 'b'])],
  ['DEPENDENCY_NOT_FOUND', new errors.DependencyNotFoundError('mail', '42', '41')],
  ['CROSS_SLOT', new errors.CrossSlotError('orders', 'mail')],
  ['QUEUE_NOT_FOUND', new errors.QueueNotFoundError('bils', 'shop', 'bills')],
  ['QUEUE_MISMATCH', new errors.QueueMismatchError('mail', 'slot', 'a', 'b')],
  ['SERVER_TOO_OLD', new errors.ServerTooOldError('Redis 6.2.6')],
  ['SNOOZE', new errors.SnoozeError({ delayMs: 5 })],
  ['STORAGE_REFUSED', new errors.StorageRefusedError('mail', 'add', 'OOM', { cause })],
  ['THROWN_VALUE', new errors.ThrownValueError('card declined')],
  ['UNCOUNTED_LIMIT', new errors.UncountedLimitError(1_000, cause)],
  ['UNKNOWN_OPTION', new errors.UnknownOptionError({ where: 'x', path: 'a', value: 1, known: ['b'] })],
  ['UNRECOVERABLE', new errors.UnrecoverableError('gone')],
  ['UPGRADE_REQUIRED', new errors.UpgradeRequiredError('mail')],
  ['WAIT_TIMEOUT', new errors.WaitTimeoutError('mail', '42', 1_000)],
];

const classes = Object.entries(errors).filter(
  (entry): entry is [string, typeof JobsError] => typeof entry[1] === 'function' && JobsError.isPrototypeOf(entry[1]),
);

describe('JobsError', () => {
  it.each(SAMPLES)('%s has a name, a sentence and its code, and is told from all others', (code, error) => {
    const type = error.constructor as typeof JobsError;
    expect(error.code).toBe(code);
    expect(ERROR_CODES[code].means).not.toBe('');
    expect(error.name).toBe(type.name);
    expect(error.stack).toContain(`${error.name}: `);
    expect(error.message).toMatch(/\S/);
    expect(type.is(error)).toBe(true);
    expect(JobsError.is(error, code)).toBe(true);
    const others = SAMPLES.map(([, other]) => other).filter((other) => !(other instanceof type));
    expect(others.filter((other) => type.is(other))).toEqual([]);
  });

  it('has a sample of each class in this test', () => {
    const sampled = new Set(SAMPLES.map(([, error]) => error.constructor.name));
    expect(classes.map(([name]) => name).filter((name) => !sampled.has(name))).toEqual(['ConnectionError']);
  });

  it('has a family of errors about the connection', () => {
    expect(SAMPLES.filter(([, error]) => errors.ConnectionError.is(error)).map(([code]) => code)).toEqual([
      'AUTH',
      'NO_CONNECTION',
      'NO_EMBEDDED',
      'NO_REDIS',
      'SERVER_TOO_OLD',
    ]);
  });

  it('never shows a password', () => {
    for (const [, error] of SAMPLES) expect(error.message).not.toContain('secret');
  });

  it('is recognised when the package is loaded twice', () => {
    class OtherCopy extends Error {
      readonly code = 'SNOOZE';
      readonly delayMs = 7;
    }
    Object.defineProperty(OtherCopy.prototype, Symbol.for('millrace.error'), { value: true });
    const error: unknown = new OtherCopy();
    expect(error instanceof JobsError).toBe(false);
    expect(errors.SnoozeError.is(error) && error.delayMs).toBe(7);
  });

  it('says no to whatever is not one, and never throws', () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap');
        },
      },
    );
    for (const value of [null, undefined, 1, 'x', {}, new Error('x'), { code: 'SNOOZE' }, hostile]) {
      expect(JobsError.is(value)).toBe(false);
    }
  });

  it('says of subclasses that an application makes what they are', () => {
    class AccountClosed extends errors.UnrecoverableError {}
    expect(errors.UnrecoverableError.is(new AccountClosed('closed'))).toBe(true);
  });
});

describe('SnoozeError', () => {
  it('counts a part of a millisecond as a whole one', () => {
    expect(new errors.SnoozeError({ delayMs: 0.2 }).delayMs).toBe(1);
  });

  it.each([-1, NaN, Infinity, 1e300, '5', undefined, null])('refuses a delay of %p [case:T9]', (delayMs) => {
    expect(() => new errors.SnoozeError({ delayMs: delayMs as number })).toThrow(errors.InvalidOptionError);
  });
});
