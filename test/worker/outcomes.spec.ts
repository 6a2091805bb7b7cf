import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Job, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

describe('a worker with concurrency 1', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let gate: Gate;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    gate = new Gate();
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
  });

  function ended(id: string): Promise<Job> {
    return waitFor('the job to end', async () => {
      const job = await queue.get(id);
      return job?.finishedAt === undefined ? undefined : job;
    });
  }

  /** The slot was freed: the next job runs. */
  async function goesOn(): Promise<void> {
    const { id } = await queue.add('fine', 1);
    expect(await within('the next job', queue.result(id))).toBe('fine');
  }

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const results: readonly (readonly [string, unknown, string])[] = [
    ['a BigInt [case:P4]', { n: 1n }, 'result.n'],
    ['a cycle [case:P5]', cycle, 'result.self'],
    [
      'something whose getter throws [case:P5]',
      {
        get bad(): never {
          throw new Error('ha');
        },
      },
      'result.bad',
    ],
    [
      'something whose toJSON throws [case:P5]',
      {
        toJSON: () => {
          throw new Error('ha');
        },
      },
      'result',
    ],
    ['more than a megabyte', 'x'.repeat(1_100_000), 'Result of job'],
  ];

  it.each(results)('fails a job that returns %s at once, saying where, and goes on', async (_, result, path) => {
    await harness.worker({ handlers: { bad: () => result, fine: () => 'fine' }, concurrency: 1 });
    const { id } = await queue.add('bad', 1);
    const job = await ended(id);
    expect(job).toMatchObject({ state: 'failed', failures: 1 });
    expect(job.error?.message).toContain(path);
    await goesOn();
  });

  it.each([
    ['JSON that is cut off', '{"a":'],
    ['no JSON at all', 'hello'],
    ['a lone brace', '}'],
  ])(
    'ends a job whose stored data is %s as broken, once, with its text kept, and goes on [case:P8] [seed:H7, seed:O21]',
    async (_, text) => {
      let ran = 0;
      const broken = await queue.add('bad', { a: 1 });
      const { client } = await harness.connection;
      const [key = ''] = await client.keys(`${harness.prefix}:*:j`);
      const envelope = (await client.hget(key, broken.id)) ?? '';
      await client.hset(key, broken.id, envelope.slice(0, envelope.indexOf('\n') + 1) + text);
      await harness.worker({ handlers: { bad: () => void (ran += 1), fine: () => 'fine' }, concurrency: 1 });
      const job = await ended(broken.id);
      expect(job).toMatchObject({ state: 'broken', failures: 0, payload: text });
      expect(ran).toBe(0);
      await goesOn();
    },
  );

  it('ends a job whose stored options were damaged as broken, and goes on [case:P8]', async () => {
    const { client } = await harness.connection;
    const damaged = await Promise.all(
      ['null', '"text"', '{"timeoutMs":"soon"}', '{"backoff":7,"maxAttempts":"many"}'].map(async (options) => {
        const { id } = await queue.add('fine', 1);
        const [key = ''] = await client.keys(`${harness.prefix}:*:j`);
        const envelope = (await client.hget(key, id)) ?? '';
        await client.hset(key, id, envelope.replace('\t\n', `\t${options}\n`));
        return id;
      }),
    );
    await harness.worker({ handlers: { fine: () => 'fine' }, concurrency: 1 });
    const states = await Promise.all(damaged.map(async (id) => (await ended(id)).state));
    for (const state of states) expect(['completed', 'broken']).toContain(state);
    await goesOn();
  });

  it('survives a handler that throws what is no Error, and keeps what it was [case:A8]', async () => {
    const thrown = ['text', 7, null, undefined, { code: 'X' }, Object.freeze(new Error('frozen'))];
    let next = 0;
    const bad = (): never => {
      throw thrown[next++];
    };
    await harness.worker({ handlers: { bad, fine: () => 'fine' }, concurrency: 1 });
    const messages: string[] = [];
    for (const _ of thrown) {
      const { id } = await queue.add('bad', 1, { maxAttempts: 1 });
      const job = await ended(id);
      expect(job.state).toBe('failed');
      messages.push(job.error?.message ?? '');
    }
    for (const [i, part] of ['text', '7', 'null', 'undefined', 'X', 'frozen'].entries())
      expect(messages[i]).toContain(part);
    await goesOn();
  });

  it('goes on after a handler that never settles has passed its deadline, and can be stopped [case:A9]', async () => {
    const worker = await harness.worker({ handlers: { hangs: () => gate.opened, fine: () => 'fine' }, concurrency: 1 });
    await queue.add('hangs', 1, { timeoutMs: 60, maxAttempts: 1 });
    await goesOn();
    expect(worker.health().queues[0]?.zombies).toBe(1);
    await within('the stop', worker.stop(), 1_000);
  });
});
