import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Connection, JobsError, type Queue, type VirtualClock } from '@millrace/core';
import { Harness } from './support/harness.ts';

const HOUR = 3_600_000;

describe('all jobs that wait for their time', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    clock = harness.virtualClock();
    connection = await harness.connect({ clock });
    queue = await harness.queue('mail', { connection });
  });

  afterEach(() => harness.close());

  it('run now, the earliest first, as many as are asked for [seed:A30, seed:O13]', async () => {
    const delays = Array.from({ length: 450 }, (_, n) => (450 - n) * HOUR);
    await queue.addMany(delays.map((delayMs) => ({ name: 'ship', data: delayMs / HOUR, options: { delayMs } })));
    await queue.add('ship', 'not delayed');
    expect(await queue.promote({ state: 'delayed', dryRun: true })).toEqual({ matched: 450, done: 0, passedOver: 0 });
    expect((await queue.counts()).delayed).toBe(450);
    const progress: [number, number][] = [];
    const onProgress = (done: number, of: number): void => void progress.push([done, of]);
    expect(await queue.promote({ state: 'delayed', limit: 410, onProgress })).toMatchObject({
      matched: 450,
      done: 410,
    });
    expect(progress).toEqual([200, 400, 410].map((done) => [done, 410]));
    const { jobs } = await queue.list('waiting', { limit: 1_000 });
    expect(jobs.map(({ data }) => data)).toEqual(['not delayed', ...Array.from({ length: 410 }, (_, n) => n + 1)]);
    expect((await queue.promote({ state: 'delayed' })).done).toBe(40);
    expect(await queue.promote({ state: 'delayed' })).toEqual({ matched: 0, done: 0, passedOver: 0 });
    expect(await queue.counts()).toMatchObject({ delayed: 0, waiting: 451 });
  });

  it('run once more each, with what was charged to them, although they fail again at once [seed:A30]', async () => {
    let runs = 0;
    const handler = (): never => {
      runs += 1;
      throw new Error('no');
    };
    await harness.worker({ connection, handler });
    const options = { maxAttempts: 3, backoff: { type: 'fixed', delayMs: HOUR } } as const;
    const jobs = await queue.addMany(Array.from({ length: 250 }, () => ({ name: 'ship', data: 1, options })));
    await clock.advance(1);
    expect((await queue.counts()).retrying).toBe(250);
    expect(await queue.promote({ state: 'retrying' })).toEqual({ matched: 250, done: 250, passedOver: 0 });
    await clock.advance(1);
    expect(runs).toBe(500);
    expect(await queue.get(jobs[0]!.id)).toMatchObject({ state: 'retrying', failures: 2 });
  });

  it.each([[{}], [{ state: 'waiting' }], [{ state: 'delayed', limit: 0 }], [{ state: 'delayed', dryrun: true }]])(
    'are chosen by a state: %j is refused',
    async (selection) => {
      await expect(queue.promote(selection as never)).rejects.toBeInstanceOf(JobsError);
    },
  );
});
