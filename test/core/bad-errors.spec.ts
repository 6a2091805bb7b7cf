/* oxlint-disable unicorn/no-thenable -- what a thenable of an application does is what is tested */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActiveJob, type AnyJobs, type Queue } from '@millrace/core';
import { Harness } from './support/harness.ts';

class StrangeError extends Error {
  readonly self: unknown = this;
}

const withCause = (): Error => {
  const error = new Error('outer');
  error.cause = new Error('inner', { cause: error });
  return error;
};

const withThrowingMessage = (): Error =>
  Object.defineProperty(new Error(''), 'message', {
    get: () => {
      throw new Error('in the getter');
    },
  });

const large = (): Error => {
  const error = new Error('m'.repeat(5_000_000));
  error.stack = `Error: ${'s'.repeat(50_000_000)}`;
  return error;
};

/** What is thrown, and what is readable of it afterwards. */
const THROWN: [string, () => unknown, object][] = [
  ['a string [case:A8]', () => 'broken', { name: 'ThrownValueError', code: 'THROWN_VALUE', message: /broken/ }],
  ['a number [case:A8]', () => 42, { code: 'THROWN_VALUE', message: /42/ }],
  ['null [case:A8]', () => null, { code: 'THROWN_VALUE', message: /null/ }],
  ['undefined [case:A8]', () => undefined, { code: 'THROWN_VALUE', message: /undefined/ }],
  ['an object [case:A8]', () => ({ why: 'because' }), { code: 'THROWN_VALUE', message: /because/ }],
  ['a symbol [case:A8]', () => Symbol('x'), { code: 'THROWN_VALUE', message: /Symbol\(x\)/ }],
  ['a frozen error [case:A8]', () => Object.freeze(new Error('cold')), { name: 'Error', message: /^cold$/ }],
  ['an error with a circular field [case:A8]', () => new StrangeError('round'), { message: /^round$/ }],
  ['an error with a cyclic cause [case:P13]', withCause, { message: /^outer$/, cause: { message: 'inner' } }],
  ['an error whose message throws [case:P13]', withThrowingMessage, { message: /in the getter/ }],
  ['an error without a prototype [case:A8]', () => Object.create(null) as object, { code: 'THROWN_VALUE' }],
];

describe('what a handler throws', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  /** Runs one job that ends badly, and another one to see that the worker lives. */
  async function failWith(handler: (job: ActiveJob) => unknown): Promise<string> {
    const run = (job: ActiveJob): unknown => (job.name === 'bad' ? handler(job) : 'lives');
    const worker = await harness.worker({ handler: run, concurrency: 1 });
    const { id } = await queue.add('bad', 1, { maxAttempts: 1 });
    await expect(queue.result(id)).rejects.toMatchObject({ code: 'JOB_FAILED', state: 'failed' });
    expect(await queue.result((await queue.add('good', 1)).id)).toBe('lives');
    expect(worker.health().queues[0]).toMatchObject({ running: 0, zombies: 0 });
    return id;
  }

  for (const how of ['thrown', 'rejected'] as const) {
    it.each(THROWN)(
      `fails the job with a readable reason, ${how}: %s [seed:A7, seed:R5]`,
      async (_, make, expected) => {
        const id = await failWith(() => {
          if (how === 'rejected') return Promise.reject(make());
          throw make();
        });
        const { message, ...rest } = expected as { message?: RegExp };
        const error = (await queue.get(id))?.error;
        expect(error).toMatchObject(rest);
        if (message !== undefined) expect(error?.message).toMatch(message);
      },
    );
  }

  it('is kept, cut to what can be read, however large it is [case:P13]', async () => {
    const id = await failWith(() => {
      throw large();
    });
    const error = (await queue.get(id))?.error;
    expect(error?.message).toMatch(/^m+…$/);
    expect(error?.message.length).toBeLessThanOrEqual(10_000);
    expect(error?.stack?.length).toBeLessThanOrEqual(16_384);
    const { client } = await harness.connection;
    expect(await client.hstrlen(`${harness.prefix}:{mail}:o`, id)).toBeLessThan(70_000);
  });

  it('is tried again like any error while attempts are left [case:A8]', async () => {
    let runs = 0;
    const handler = (): string => {
      runs += 1;
      if (runs < 3) throw undefined as unknown as Error;
      return 'third';
    };
    await harness.worker({ handler });
    const { id } = await queue.add('first', 1, { backoff: { type: 'fixed', delayMs: 1 } });
    expect(await queue.result(id)).toBe('third');
    expect(await queue.get(id)).toMatchObject({ failures: 2, attempt: 3, error: undefined });
  });

  it('counts once, whatever a thenable does [case:A11]', async () => {
    const thenables: PromiseLike<string>[] = [
      { then: (resolve: (value: string) => void) => [1, 2, 3].forEach(() => resolve('twice')) },
      {
        then: (resolve: (value: string) => void) => {
          resolve('first');
          throw new Error('then');
        },
      },
      {
        then: (resolve: (value: string) => void, reject: (error: Error) => void) => {
          resolve('first');
          reject(new Error('then'));
        },
      },
    ] as unknown as PromiseLike<string>[];
    const handler = ({ data }: ActiveJob): unknown => thenables[data as number];
    const worker = await harness.worker({ handler, concurrency: 2 });
    const jobs = await queue.addMany([0, 1, 2].map((data) => ({ name: 'first', data })));
    expect(await Promise.all(jobs.map(({ id }) => queue.result(id)))).toEqual(['twice', 'first', 'first']);
    expect(await queue.counts()).toMatchObject({ completed: 3, active: 0, failed: 0 });
    expect(worker.health().queues[0]?.running).toBe(0);
  });

  it('is kept under its own text when it has strange characters [case:P11]', async () => {
    const text = 'א\0\r\n\u2028\ud83d\ude00';
    const id = await failWith(() => {
      throw new Error(text);
    });
    expect((await queue.get(id))?.error?.message).toBe(text);
  });
});
