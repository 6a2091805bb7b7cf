import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AnyJobs,
  type Connection,
  InvalidOptionError,
  type JobOptions,
  Queue,
  Worker,
  type WorkerOptions,
} from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';

const NO_TIMES = [-1, NaN, Infinity, -Infinity, 1e300, new Date('x'), '5', 2 ** 53 + 1, null, 5n];

describe('an option that is none', () => {
  let harness: Harness;
  let connection: Connection;
  let queue: Queue<AnyJobs>;
  let count: CommandCount;

  beforeEach(async () => {
    harness = new Harness();
    connection = await harness.connection;
    queue = await harness.queue();
    await queue.counts();
    count = await CommandCount.start(harness.url);
  });

  afterEach(() => harness.close());

  /** The call is refused by a typed error that names the option, and Redis hears nothing of it. */
  async function refused(options: object, path: string): Promise<void> {
    const error = await queue.add('first', 1, options as JobOptions).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as InvalidOptionError).path).toBe(path);
    expect((error as Error).message).toContain("add('mail', 'first')");
    expect(await count.ofScripts()).toBe(0);
  }

  it.each(NO_TIMES)('of a job is refused before Redis is touched: delayMs, runAt … %p [case:T9]', async (value) => {
    await refused({ delayMs: value }, 'delayMs');
    await refused({ runAt: value }, 'runAt');
    await refused({ timeoutMs: value }, 'timeoutMs');
    await refused({ expiresInMs: value }, 'expiresInMs');
    await refused({ id: 'x', idForMs: value }, 'idForMs');
    await refused({ backoff: { type: 'fixed', delayMs: value } }, 'backoff.delayMs');
    await refused({ keep: { completed: { ageMs: value } } }, 'keep.completed.ageMs');
    expect((await queue.counts()).waiting).toBe(0);
  });

  it.each([-1_001, 1_001, 1.5, NaN, Infinity, '5', 'urgent', null, 2 ** 53])(
    'of a job: priority %p [case:A4]',
    (value) => refused({ priority: value }, 'priority'),
  );

  it.each([0, -1, 1.5, NaN, Infinity, '5', null])('of a job: maxAttempts %p', (value) =>
    refused({ maxAttempts: value }, 'maxAttempts'),
  );

  it.each<[string, unknown]>([
    ['empty', ''],
    ['in braces', '{a}'],
    ['of two lines', 'a\nb'],
    ['of 10 KiB', 'x'.repeat(10_240)],
    ['with half a surrogate pair', '\ud800'],
    ['that is a number', 123],
    ['that is null', null],
    ['that is an object', {}],
  ])('of a job: an id %s [case:A13]', async (_, id) => {
    await expect(queue.add('first', 1, { id: id as string })).rejects.toMatchObject({ code: 'NAME' });
    expect(await count.ofScripts()).toBe(0);
  });

  it('of a job that is misspelt is answered with what was meant', async () => {
    await refused({ maxAttemps: 3 }, 'maxAttemps');
    await expect(queue.add('first', 1, { delay: 5 } as object)).rejects.toThrow(/delayMs/);
  });

  it.each([0, -1, NaN, Infinity, 1e9, 1.5, '5', 'many', null])(
    'of a worker is refused by its constructor: concurrency %p [case:A5]',
    (value) => {
      const make = (): Worker =>
        new Worker({ connection, queues: 'mail', handler: () => 1, concurrency: value as number });
      expect(make).toThrow(InvalidOptionError);
      expect(make).toThrow(/"concurrency"/);
    },
  );

  it.each<[string, Partial<WorkerOptions<Connection>>, RegExp]>([
    ['a lease that is too short to renew', { lease: { durationMs: 99 } }, /lease\.durationMs/],
    [
      'a lease that is longer than what may be blocked',
      { lease: { durationMs: 60_000, blockedLimitMs: 30_000 } },
      /at least lease\.durationMs/,
    ],
    ['a grace that no orchestrator waits for', { shutdownTimeoutMs: 2 * 86_400_000 }, /shutdownTimeoutMs/],
    ['a grace that is no time', { shutdownTimeoutMs: NaN }, /shutdownTimeoutMs/],
  ])('of a worker is refused with the rule: %s [case:A6]', (_, options, message) => {
    const make = (): Worker => new Worker({ connection, queues: 'mail', handler: () => 1, ...options });
    expect(make).toThrow(InvalidOptionError);
    expect(make).toThrow(message);
  });

  it.each<[string, object]>([
    ['none at all', {}],
    ['handlers without any', { handlers: {} }],
    ['no function', { handler: 'send' }],
    ['no function by name', { handlers: { first: null } }],
    ['a definition without run', { handlers: { first: { maxAttempts: 3 } } }],
    ['a name that is none', { handlers: { '': () => 1 } }],
  ])('of a worker is refused by its constructor: handlers that are %s [case:A7]', (_, handlers) => {
    expect(() => new Worker({ connection, queues: 'mail', ...handlers })).toThrow(/handler|Job name/);
  });

  it('of a worker is refused where two handlers, or two queues, have one name [case:A3]', () => {
    const handler = (): number => 1;
    expect(() => new Worker({ connection, queues: 'mail', handler, handlers: { '*': handler } })).toThrow(/not both/);
    expect(() => new Worker({ connection, queues: ['mail', 'sms', 'mail'], handler })).toThrow(/each queue once/);
  });

  it('of a job is refused where there are a hundred thousand of it [case:P16]', async () => {
    const many = Array.from({ length: 100_000 }, (_, i) => `n${i}`);
    await refused({ tags: many }, 'tags');
    await refused({ dependsOn: many }, 'dependsOn');
    await refused({ uses: Object.fromEntries(many.map((name) => [name, 1])) }, 'uses');
    await refused({ meta: Object.fromEntries(many.map((name) => [name, name])) }, 'meta');
    await refused(Object.fromEntries(many.map((name) => [name, 1])), 'n0');
  });

  it('starts nothing: a worker that could not be made leaves no trace', async () => {
    expect(() => new Worker({ connection, queues: 'mail', handler: () => 1, concurrency: 0 })).toThrow();
    expect(() => new Queue('{mail}', { connection })).toThrow(/braces/);
    expect(await count.ofScripts()).toBe(0);
    expect(await queue.workers()).toEqual([]);
  });

  it('is no bound that can be reached: at the highest and lowest priority the order of adding holds [case:A4]', async () => {
    for (const priority of [-1_000, 0, 1_000]) {
      for (let n = 0; n < 20; n++) await queue.add(`p${priority}`, n, { priority });
    }
    const ran: unknown[] = [];
    await harness.worker({ concurrency: 1, handler: ({ name, data }) => void ran.push([name, data]) });
    await waitFor('all to run', () => ran.length === 60);
    const expected = [1_000, 0, -1_000].flatMap((priority) =>
      Array.from({ length: 20 }, (_, n) => [`p${priority}`, n]),
    );
    expect(ran).toEqual(expected);
  });

  it('is no queue: one that nobody has declared begins with its first job, and is in the registry [case:A1] [seed:R13, seed:O22]', async () => {
    const { client } = connection;
    const fresh = await harness.queue('never seen');
    await fresh.add('first', 1);
    expect(Object.keys(await client.hgetall(`${harness.prefix}:queues`)).toSorted()).toEqual(['mail', 'never seen']);
    expect((await fresh.counts()).waiting).toBe(1);
  });
});
