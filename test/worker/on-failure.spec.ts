import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  InvalidOptionError,
  PayloadError,
  UnrecoverableError,
  type ActiveJob,
  type AnyJobs,
  type JobOptions,
  type Queue,
} from '@millrace/core';
import { CommandCount } from '../core/support/command-count.ts';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';

const AT_ONCE = { type: 'fixed', delayMs: 0 } as const;

describe('a job with onFailure', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let alarms: ActiveJob[];

  const alarm = (job: ActiveJob): void => void alarms.push(job);

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    alarms = [];
  });

  afterEach(() => harness.close());

  it('has that job added when its last attempt failed, and not before [nest:M1]', async () => {
    const waiting: number[] = [];
    const charge = async (): Promise<never> => {
      waiting.push((await queue.counts()).waiting);
      throw new Error('no money');
    };
    await harness.worker({ handlers: { charge, alarm }, prefetch: 0 });
    const { id } = await queue.add(
      'charge',
      { order: 7 },
      {
        maxAttempts: 3,
        backoff: AT_ONCE,
        meta: { tenant: 't7' },
        onFailure: { name: 'alarm', data: { order: 7, text: 'Größe "x"\n\u{1F600}' } },
      },
    );
    await waitFor('the alarm', () => alarms.length === 1);
    expect(waiting).toEqual([0, 0, 0]);
    const [told] = alarms;
    expect(told).toMatchObject({ name: 'alarm', queue: 'mail', failedJobId: id, meta: { tenant: 't7' }, attempt: 1 });
    expect(told?.data).toEqual({ order: 7, text: 'Größe "x"\n\u{1F600}' });
    const failed = await queue.get(id);
    expect(failed).toMatchObject({ state: 'failed', data: { order: 7 }, error: { message: 'no money' } });
    expect(told?.createdAt).toEqual(failed?.finishedAt);
    await waitFor('its end', async () => (await queue.counts()).completed === 1);
    expect(await queue.get(told?.id ?? '')).toMatchObject({ state: 'completed', failedJobId: id });
  });

  const ENDS: [string, (job: ActiveJob) => unknown, JobOptions][] = [
    ['is told that it cannot be done', () => Promise.reject(new UnrecoverableError('never')), {}],
    ['passed its deadline', () => new Promise((resolve) => setTimeout(resolve, 200)), { timeoutMs: 20 }],
    ['gave what cannot be stored', () => 1n, {}],
  ];

  it.each(ENDS)('has it added when it %s', async (_, charge, options) => {
    await harness.worker({ handlers: { charge, alarm } });
    const onFailure = { name: 'alarm', data: 1 };
    const { id } = await queue.add('charge', 1, { id: 'own', maxAttempts: 1, onFailure, ...options });
    await waitFor('the alarm', () => alarms.length === 1);
    expect(alarms[0]?.failedJobId).toBe(id);
  });

  it('runs on its own data, and adds nothing when it completes', async () => {
    const handlers = { charge: ({ data, failedJobId }: ActiveJob) => [data, failedJobId ?? 'none'], alarm };
    await harness.worker({ handlers });
    const onFailure = { name: 'alarm', data: 'ä' };
    const [job] = await queue.addMany([{ name: 'charge', data: 'own', options: { onFailure, priority: 'high' } }]);
    expect(job).toMatchObject({ data: 'own', payload: '"own"', failedJobId: undefined });
    expect(await queue.result(job?.id ?? '')).toEqual(['own', 'none']);
    expect(await queue.counts()).toMatchObject({ completed: 1, waiting: 0, active: 0 });
    expect(alarms).toEqual([]);
  });

  it('has it added again when it was retried and fails again', async () => {
    await harness.worker({ handlers: { charge: () => Promise.reject(new Error('no')), alarm } });
    const { id } = await queue.add('charge', 1, { maxAttempts: 1, onFailure: { name: 'alarm', data: 1 } });
    await waitFor('the alarm', () => alarms.length === 1);
    await queue.retry(id);
    await waitFor('the other alarm', () => alarms.length === 2);
    expect(alarms[1]).toMatchObject({ failedJobId: id });
    expect(alarms[1]?.id).not.toBe(alarms[0]?.id);
  });

  it('has it added with the defaults of the queue', async () => {
    const strict = await harness.queue('mail', { defaults: { maxAttempts: 2, backoff: AT_ONCE, priority: 5 } });
    const fails = (job: ActiveJob): never => {
      alarms.push(job);
      throw new Error('no');
    };
    await harness.worker({ handlers: { charge: fails, alarm: fails } });
    await strict.add('charge', 1, { onFailure: { name: 'alarm', data: 1 } });
    await waitFor('all to have failed', async () => (await queue.counts()).failed === 2);
    expect(alarms.map(({ name, attempt, priority }) => [name, attempt, priority])).toEqual([
      ['charge', 1, 5],
      ['charge', 2, 5],
      ['alarm', 1, 5],
      ['alarm', 2, 5],
    ]);
  });

  it.each<[unknown, string]>([
    ['alarm', 'onFailure'],
    [null, 'onFailure'],
    [{}, 'onFailure'],
    [{ data: 1 }, 'onFailure'],
    [{ name: 'alarm', date: 1 }, 'onFailure.date'],
    [{ name: 'alarm', data: 1, onFailure: { name: 'alarm' } }, 'onFailure.onFailure'],
  ])('is refused before Redis is touched: %j', async (onFailure, path) => {
    await queue.counts();
    const count = await CommandCount.start(harness.url);
    const error = await queue.add('charge', 1, { onFailure } as JobOptions).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ path });
    expect(await count.ofScripts()).toBe(0);
  });

  it.each<[string, unknown, RegExp]>([
    [
      'cannot be stored',
      { n: 1n },
      /^Payload of "alarm" \(onFailure\) cannot be stored: onFailure\.data\.n is a BigInt/,
    ],
    ['is too large', 'x'.repeat(65_535), /^Payload of "alarm" \(onFailure\) is .*, the limit of onFailure 64 KiB/],
  ])('is refused where its data %s', async (_, data, message) => {
    const error = await queue
      .add('charge', 1, { onFailure: { name: 'alarm', data } })
      .catch((thrown: unknown) => thrown as Error);
    expect(error).toBeInstanceOf(PayloadError);
    expect((error as Error).message).toMatch(message);
    expect((await queue.counts()).waiting).toBe(0);
  });

  it('is refused where the name is none', async () => {
    const added = queue.add('charge', 1, { onFailure: { name: 'a{b}', data: 1 } });
    await expect(added).rejects.toMatchObject({ code: 'NAME', kind: 'job' });
  });
});
