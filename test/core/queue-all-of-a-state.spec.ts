import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AnyJobs,
  type Connection,
  JobHasDependentsError,
  JobsError,
  type Queue,
  type VirtualClock,
} from '@millrace/core';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';
import { jobInState } from './support/job-in-state.ts';

const HOUR = 3_600_000;

describe('all jobs of a state', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    ({ clock, connection, queue } = await harness.timed());
  });

  afterEach(() => harness.close());

  it('that wait for their time run now, the earliest first, as many as are asked for [seed:A30, seed:O13]', async () => {
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

  it('that wait for another attempt run once more each, with what was charged to them, although they fail again at once [seed:A30]', async () => {
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

  it('that waited behind others which have gone are reached past those once, and not once for each step [case:R18]', async () => {
    const draft = (priority: number) => ({ name: 'ship', data: 1, options: { priority } });
    const jobs = [
      ...Array.from({ length: 4_000 }, () => draft(0)),
      ...Array.from({ length: 500 }, (_, n) => draft((n % 3) - 1)),
    ];
    await queue.addMany(jobs);
    const count = await CommandCount.start(harness.url);
    expect(await queue.cancel({ state: 'waiting' })).toEqual({ matched: 4_500, done: 4_500, passedOver: 0 });
    // Each place of the list that is looked at.
    expect(await count.of('hstrlen')).toBeLessThan(3 * 4_500);
    expect(await queue.counts()).toMatchObject({ waiting: 0, cancelled: 4_500 });
  });

  it.each(['waiting', 'delayed', 'retrying', 'blocked', 'aggregating'] as const)(
    'that are %s are cancelled, or removed, and no others [seed:A30]',
    async (state) => {
      // By the clock of Redis.
      const real = await harness.queue();
      await jobInState(harness, real, state, 'x');
      const there = (await real.counts())[state];
      const others = await real.counts();
      expect(await real.cancel({ state, dryRun: true })).toEqual({ matched: there, done: 0, passedOver: 0 });
      expect(await real.cancel({ state, dependents: 'policy' })).toMatchObject({ matched: there, done: there });
      expect(await real.counts()).toEqual({ ...others, [state]: 0, cancelled: there });
      await jobInState(harness, real, state, 'y');
      const again = await real.counts();
      expect((await real.remove({ state })).done).toBe(again[state]);
      expect(await real.counts()).toEqual({ ...again, [state]: 0 });
    },
  );

  it('that wait are all met, among those with a priority, a group or no handler, and behind many that are gone [seed:A30]', async () => {
    const options = [{}, {}, { priority: 5 }, { priority: -5 }, { group: 'a' }] as const;
    const drafts = Array.from({ length: 3_000 }, (_, n) => ({ name: 'ship', data: n, options: options[n % 5]! }));
    const jobs = [...(await queue.addMany(drafts.slice(0, 1_000))), ...(await queue.addMany(drafts.slice(1_000)))];
    await queue.cancel(...jobs.slice(0, 2_200).map(({ id }) => id));
    expect(await queue.cancel({ state: 'waiting' })).toEqual({ matched: 800, done: 800, passedOver: 0 });
    expect(await queue.counts()).toMatchObject({ waiting: 0, cancelled: 3_000 });
    await queue.addMany(drafts.slice(0, 450));
    expect(await queue.remove({ state: 'waiting', limit: 440 })).toEqual({ matched: 450, done: 440, passedOver: 0 });
    expect((await queue.counts()).waiting).toBe(10);
  });

  it('that completed are removed [seed:A30]', async () => {
    await harness.worker({ connection, handler: () => 'done' });
    await queue.addMany(Array.from({ length: 450 }, () => ({ name: 'ship', data: 1 })));
    await queue.add('ship', 1, { keep: { completed: { ageMs: HOUR } } });
    await clock.advance(1);
    expect(await queue.remove({ state: 'completed' })).toEqual({ matched: 451, done: 451, passedOver: 0 });
    expect((await queue.counts()).completed).toBe(0);
  });

  it('are not cancelled where others wait for them, unless that is said', async () => {
    const { id } = await queue.add('ship', 1);
    const behind = await queue.add('ship', 2, { dependsOn: [id] });
    await expect(queue.cancel({ state: 'waiting' })).rejects.toBeInstanceOf(JobHasDependentsError);
    expect(await queue.counts()).toMatchObject({ waiting: 1, blocked: 1 });
    expect((await queue.cancel({ state: 'waiting', dependents: 'cascade' })).done).toBe(1);
    expect((await queue.get(behind.id))?.state).toBe('cancelled');
  });

  it.each([[{}], [{ state: 'active' }], [{ state: 'delayed', limit: 0 }], [{ state: 'delayed', dryrun: true }]])(
    'are chosen by a state: %j is refused',
    async (selection) => {
      for (const command of ['promote', 'cancel', 'remove'] as const) {
        await expect(queue[command](selection as never)).rejects.toBeInstanceOf(JobsError);
      }
      await expect(queue.promote({ state: 'waiting' } as never)).rejects.toThrow(/'delayed'|delayed/);
      await expect(queue.remove({ state: 'delayed', dependents: 'policy' } as never)).rejects.toThrow(/dependents/);
    },
  );
});
