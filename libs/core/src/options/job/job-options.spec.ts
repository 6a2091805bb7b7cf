import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { InvalidNameError, InvalidOptionError, JobsError, UnknownOptionError } from '../../errors/index.js';
import { JOB_OPTION_DEFAULTS, resolveJobOptions, type JobOptions } from '../index.js';

const WHERE = "add('mail', 'welcome')";
const TEN_YEARS_MS = 3_653 * 86_400_000;

function resolve(options: unknown): ReturnType<typeof resolveJobOptions> {
  return resolveJobOptions(options as JobOptions, WHERE);
}

function refusal(options: unknown): InvalidOptionError {
  try {
    resolve(options);
  } catch (error) {
    if (InvalidOptionError.is(error)) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('resolveJobOptions', () => {
  it('gives one shared object where nothing is said', () => {
    expect(resolve(undefined)).toBe(JOB_OPTION_DEFAULTS);
    expect(resolve({})).toEqual(JOB_OPTION_DEFAULTS);
  });

  it('keeps what is said and leaves the rest to the handler', () => {
    const options: JobOptions = {
      id: 'order-7',
      onConflict: 'replace',
      onActive: 'cancel',
      idForMs: 1_000,
      delayMs: 5_000,
      priority: 'high',
      maxAttempts: 3,
      maxStalls: 0,
      maxUncounted: 5,
      backoff: { type: 'exponential', delayMs: 100 },
      timeoutMs: 30_000,
      expiresInMs: 60_000,
      keep: { completed: { ageMs: 0 } },
      meta: { tenant: 't7' },
    };
    expect(resolve(options)).toEqual({
      ...JOB_OPTION_DEFAULTS,
      ...options,
      priority: 10,
      backoff: { type: 'exponential', delayMs: 100, maxMs: 3_600_000, jitter: 0.25 },
    });
    expect(Object.isFrozen(resolve(options))).toBe(true);
  });

  it('counts undefined as left out', () => {
    expect(resolve({ id: undefined, delayMs: undefined, backoff: undefined })).toEqual(JOB_OPTION_DEFAULTS);
  });

  it('is not changed when the caller changes what it gave [case:A19]', () => {
    const given = { meta: { a: '1' }, keep: { completed: { ageMs: 5 } }, backoff: { type: 'fixed', delayMs: 5 } };
    const resolved = resolve(given);
    const before = structuredClone({ ...resolved, meta: { ...resolved.meta } });
    given.meta.a = '2';
    given.keep.completed.ageMs = 6;
    given.backoff.delayMs = 6;
    expect({ ...resolved, meta: { ...resolved.meta } }).toEqual(before);
  });

  it.each([-1, NaN, Infinity, -Infinity, 1e300, new Date('x'), '5', 2 ** 53 + 1, TEN_YEARS_MS + 1, null, 1n, [], {}])(
    'refuses a delay of %p [case:T9]',
    (delayMs) => {
      expect(refusal({ delayMs })).toMatchObject({ code: 'INVALID_OPTION', path: 'delayMs', value: delayMs });
    },
  );

  it.each([-1, NaN, Infinity, -Infinity, 1e300, new Date('x'), new Date(-1), '5', 2 ** 53 + 1, null])(
    'refuses to run at %p [case:T9]',
    (runAt) => {
      expect(refusal({ runAt })).toMatchObject({ code: 'INVALID_OPTION', path: 'runAt' });
    },
  );

  it('takes delays up to ten years, parts of a millisecond as whole ones', () => {
    expect(resolve({ delayMs: TEN_YEARS_MS }).delayMs).toBe(TEN_YEARS_MS);
    expect(resolve({ delayMs: 0.1 }).delayMs).toBe(1);
    expect(resolve({ delayMs: 0 })).not.toHaveProperty('delayMs');
  });

  it('takes a moment as a Date or as ms, past ones too', () => {
    expect(resolve({ runAt: new Date(1_700_000_000_000) }).runAt).toBe(1_700_000_000_000);
    expect(resolve({ runAt: 0 }).runAt).toBe(0);
  });

  it('refuses a delay and a moment together [case:T9]', () => {
    expect(refusal({ delayMs: 0, runAt: 0 }).message).toContain('either delayMs or runAt, not both');
  });

  it.each([-1_001, 1_001, 1.5, NaN, Infinity, '5', 'urgent', null, 2 ** 53])(
    'refuses a priority of %p [case:A4]',
    (priority) => {
      expect(refusal({ priority })).toMatchObject({ code: 'INVALID_OPTION', path: 'priority' });
    },
  );

  it.each([
    [-1_000, -1_000],
    [1_000, 1_000],
    [-0, 0],
    ['low', -10],
    ['normal', 0],
    ['high', 10],
  ])('takes a priority of %p [case:A4]', (priority, number) => {
    expect(resolve({ priority }).priority).toBe(number);
  });

  it('says that priorities of BullMQ run the other way round [case:A4]', () => {
    expect(refusal({ priority: 2_097_152 }).message).toContain('Higher runs first here');
  });

  it.each([
    ['maxAttempts', [0, -1, 1.5, NaN, Infinity, '3', true]],
    ['maxStalls', [-1, 1.5, NaN, Infinity]],
    ['maxUncounted', [0, -1, NaN, Infinity]],
    ['timeoutMs', [0, -1, NaN, Infinity, '5']],
    ['expiresInMs', [0, -1, NaN, Infinity]],
    ['keep', [5, 'x', [], null, { completed: 5 }, { completed: {} }, { completed: { ageMs: -1 } }]],
    ['meta', ['x', [], null, { a: 1 }, { a: undefined }, { a: 'x'.repeat(20_000) }]],
    ['backoff', [5, 'exponential', {}, { type: 'linear' }, { type: 'fixed' }, { type: 'fixed', delayMs: NaN }]],
  ])('refuses %s of %p', (name, values) => {
    for (const value of values) expect(refusal({ [name]: value }).path).toMatch(new RegExp(`^${name}`));
  });

  it.each(['', 'x'.repeat(10_240), '{a}', 'a\nb', 123, null])('refuses %.20p as an id [case:A13]', (id) => {
    expect(() => resolve({ id })).toThrow(InvalidNameError);
  });

  it.each(['123', 'a:b', '../x', 'with spaces', '__proto__'])('takes %p as an id [case:A13]', (id) => {
    expect(resolve({ id }).id).toBe(id);
  });

  it.each([
    [{ onConflict: 'reject' }, 'onConflict'],
    [{ idForMs: 5 }, 'idForMs'],
    [{ id: 'a', onActive: 'cancel' }, 'onActive'],
    [{ id: 'a', onConflict: 'keep', onActive: 'cancel' }, 'onActive'],
    [{ id: 'a', onConflict: 'ignore' }, 'onConflict'],
  ])('refuses %p, which would do nothing', (options, path) => {
    expect(refusal(options).path).toBe(path);
  });

  it.each([null, 5, 'x', [], true])('refuses %p in place of options', (options) => {
    expect(refusal(options)).toMatchObject({ code: 'INVALID_OPTION', path: '' });
  });

  it('knows keys such as __proto__ for what they are [case:P7]', () => {
    expect(refusal(JSON.parse('{"__proto__":{"id":"x"}}')).message).toContain('Unknown option "__proto__"');
    const meta = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>;
    const resolved = resolve({ meta }).meta;
    expect(JSON.stringify(resolved)).toBe('{"__proto__":"x","constructor":"y"}');
  });

  it('refuses what is wrong, whatever it is, by a typed error', () => {
    const names = [...'id delayMs runAt priority maxAttempts backoff keep meta onConflict'.split(' '), 'whatever'];
    const options = fc.dictionary(fc.constantFrom(...names), fc.anything(), { maxKeys: 3 });
    fc.assert(
      fc.property(options, (given) => {
        try {
          resolve(given);
        } catch (error) {
          expect(JobsError.is(error)).toBe(true);
        }
      }),
    );
  });
});

describe('names of other queues', () => {
  it.each([
    ['attempts', 'In Millrace it is maxAttempts.'],
    ['delay', 'In Millrace it is delayMs.'],
    ['jobId', 'In Millrace it is id.'],
    ['removeOnComplete', 'In Millrace it is keep'],
    ['removeOnFail', 'In Millrace it is keep'],
    ['repeat', 'schedule'],
    ['lifo', "priority: 'high'"],
    ['parent', 'dependsOn'],
    ['deduplication', 'unique'],
    ['ttl', 'expiresInMs'],
    ['maxAttemps', 'Did you mean "maxAttempts"?'],
    ['prioritiy', 'Did you mean "priority"?'],
  ])('%s is answered by what it is here', (name, hint) => {
    const error = refusal({ [name]: 1 });
    expect(UnknownOptionError.is(error)).toBe(true);
    expect(error.message).toContain(`Unknown option "${name}" in ${WHERE}.`);
    expect(error.message).toContain(hint);
  });

  it('are known within a backoff', () => {
    expect(refusal({ backoff: { type: 'exponential', delay: 5 } }).message).toBe(
      `Unknown option "backoff.delay" in ${WHERE}. In Millrace it is delayMs.`,
    );
  });
});
