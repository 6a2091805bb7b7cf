import { describe, expect, it, jest } from '@jest/globals';

import { InvalidNameError, InvalidOptionError, UnknownOptionError } from '../../errors/index.js';
import type { JobRun } from '../../job/job-run.js';
import { ANY_NAME, resolveWorkerOptions, type ResolvedWorkerOptions, type WorkerOptions } from '../index.js';

const handler = (): number => 1;
const MINIMAL: WorkerOptions = { connection: {}, queues: 'mail', handler };

function resolve(options: object): ResolvedWorkerOptions {
  return resolveWorkerOptions({ ...MINIMAL, ...options });
}

function refusal(options: object): InvalidOptionError {
  try {
    resolve(options);
  } catch (error) {
    if (InvalidOptionError.is(error)) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('resolveWorkerOptions', () => {
  it('fills in what is left out [seed:H14] [seed:A1]', () => {
    expect(resolve({})).toEqual({
      connection: {},
      queues: [{ name: 'mail' }],
      order: 'round-robin',
      handlers: new Map([[ANY_NAME, expect.objectContaining({ run: handler, defaults: {} })]]),
      concurrency: { max: 10, when: undefined },
      prefetch: undefined,
      hooks: {},
      middleware: [],
      context: undefined,
      logEvents: false,
      isFailure: undefined,
      backoffs: new Map(),
      defaults: {},
      lease: { durationMs: 30_000, blockedLimitMs: 300_000, keeper: 'thread' },
      shutdownTimeoutMs: 8_000,
      hookTimeoutMs: 5_000,
      health: { everyMs: 15_000, onCheck: undefined, onState: undefined },
      startJitterMs: 0,
      schedules: [],
      logger: undefined,
      name: undefined,
    });
    expect(Object.isFrozen(resolve({}))).toBe(true);
  });

  it.each([
    0,
    -1,
    1.5,
    NaN,
    Infinity,
    1e9,
    '5',
    null,
    {},
    { max: 0, when: () => true },
    { max: 5 },
    { max: 5, when: true },
  ])('refuses a concurrency of %p [case:A5] [seed:A1]', (concurrency) => {
    expect(refusal({ concurrency }).path).toMatch(/^concurrency/);
  });

  it('takes a number, no bound, and a number behind a question', () => {
    const when = (): boolean => true;
    expect(resolve({ concurrency: 1 }).concurrency.max).toBe(1);
    expect(resolve({ concurrency: 'unlimited' }).concurrency.max).toBe(Infinity);
    expect(resolve({ concurrency: { max: 5, when } }).concurrency).toEqual({ max: 5, when });
  });

  it.each([
    [{ durationMs: 99 }, 'lease.durationMs'],
    [{ durationMs: Infinity }, 'lease.durationMs'],
    [{ durationMs: 60_000, blockedLimitMs: 30_000 }, 'lease.blockedLimitMs'],
    [{ blockedLimitMs: NaN }, 'lease.blockedLimitMs'],
    [{ keeper: 'process' }, 'lease.keeper'],
  ])('refuses the lease %p and says the rule [case:A6]', (lease, path) => {
    expect(refusal({ lease }).path).toBe(path);
  });

  it('takes an event loop blocked for ever', () => {
    expect(resolve({ lease: { blockedLimitMs: Infinity } }).lease.blockedLimitMs).toBe(Infinity);
  });

  it.each([
    [{ handler: 5 }, 'handler'],
    [{ handler: undefined, handlers: {} }, 'handlers'],
    [{ handler: undefined, handlers: [] }, 'handlers'],
    [{ handlers: { welcome: 'send' } }, 'handlers.welcome'],
    [{ handlers: { welcome: {} } }, 'handlers.welcome.run'],
    [{ handlers: { welcome: { run: handler, failOn: TypeError } } }, 'handlers.welcome.failOn'],
    [{ handlers: { welcome: { run: handler, concurrency: 0 } } }, 'handlers.welcome.concurrency'],
    [{ handlers: { '*': handler } }, 'handler'],
    [{ backoffs: { slow: 5 } }, 'backoffs.slow'],
    [{ hooks: { onStart: 5 } }, 'hooks.onStart'],
    [{ hooks: 5 }, 'hooks'],
    [{ isFailure: true }, 'isFailure'],
    [{ queues: [] }, 'queues'],
    [{ queues: ['a', 'a'] }, 'queues'],
    [{ queues: [5] }, 'queues[0]'],
    [{ queues: undefined }, 'queues'],
    [{ connection: undefined }, 'connection'],
    [{ connection: 'redis://localhost' }, 'connection'],
    [{ shutdownTimeoutMs: -1 }, 'shutdownTimeoutMs'],
    [{ shutdownTimeoutMs: 2 ** 31 }, 'shutdownTimeoutMs'],
    [{ hookTimeoutMs: 0 }, 'hookTimeoutMs'],
    [{ prefetch: -1 }, 'prefetch'],
    [{ logger: console.log }, 'logger'],
  ])('refuses %p [case:A7]', (options, path) => {
    expect(refusal(options).path).toBe(path);
  });

  it('refuses names that are none [case:A14]', () => {
    for (const options of [{ queues: '{a}' }, { queues: [{ name: 'a', slot: '' }] }, { handlers: { '': handler } }]) {
      expect(() => resolve(options)).toThrow(InvalidNameError);
    }
  });

  it('keeps a handler by any name apart from the prototype of an object [case:P7]', () => {
    const handlers = JSON.parse('{"__proto__":0,"constructor":0}', (_, value: unknown) =>
      value === 0 ? handler : value,
    ) as object;
    expect([...resolve({ handler: undefined, handlers }).handlers.keys()]).toEqual(['__proto__', 'constructor']);
  });

  it('sorts a definition of a handler into what it runs and what it wishes for its jobs', () => {
    const { handlers } = resolve({ handlers: { digest: { run: handler, maxAttempts: 2, failOn: [TypeError] } } });
    expect([...handlers.keys()]).toEqual(['digest', ANY_NAME]);
    expect(handlers.get('digest')).toEqual({
      run: handler,
      concurrency: undefined,
      isFailure: undefined,
      failOn: [TypeError],
      retryOn: undefined,
      onError: [],
      defaults: { maxAttempts: 2 },
    });
  });

  it('leaves hooks bound to the instance that they come from', async () => {
    class Counting {
      readonly seen = jest.fn();
      onStart(run: JobRun): void {
        this.seen(run.id);
      }
    }
    const counting = new Counting();
    const { hooks } = resolve({ hooks: counting });
    await hooks.onStart?.({ id: '42' } as JobRun);
    expect(counting.seen).toHaveBeenCalledWith('42');
    expect(hooks.onCancel).toBeUndefined();
  });

  it.each([
    ['lockDuration', 'lease: { durationMs }'],
    ['stalledInterval', 'lease.durationMs'],
    ['limiter', 'Limits belong to the queue'],
    ['prefix', 'belongs to the connection'],
    ['concurency', 'Did you mean "concurrency"?'],
    ['hooks.onFinish', 'Known: onStart'],
    ['hooks.onstart', 'Did you mean "onStart"?'],
  ])('answers %s by what it is here', (name, hint) => {
    const [outer = '', inner] = name.split('.');
    const options = inner === undefined ? { [outer]: 1 } : { [outer]: { [inner]: handler } };
    expect(UnknownOptionError.is(refusal(options))).toBe(true);
    expect(refusal(options).message).toContain(`Unknown option "${name}" in new Worker().`);
    expect(refusal(options).message).toContain(hint);
  });
});
