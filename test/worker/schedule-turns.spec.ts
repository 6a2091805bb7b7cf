import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callsOf } from '../core/support/calls-of.ts';
import { Harness } from '../core/support/harness.ts';
import { Proxy } from '../support/proxy.ts';
import { redisUrl } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const SCHEDULES = 60;
const HERD = 16;
const OF_A_HERD = 4_000;

describe('a worker that fires many schedules at once', () => {
  let proxy: Proxy;
  let harness: Harness;
  let turns: number;
  let counting: NodeJS.Immediate;

  beforeEach(async () => {
    proxy = await Proxy.start(redisUrl());
    harness = new Harness(proxy.url);
    turns = 0;
    const count = (): void => {
      turns++;
      counting = setImmediate(count);
    };
    count();
  });

  afterEach(async () => {
    clearImmediate(counting);
    await proxy.pass();
    await harness.close();
    await proxy.close();
  });

  it('works them out one by one: between any two the process does what else it has to do', async () => {
    const queue = await harness.queue();
    const startAt = Date.now() + 1_500;
    const ids = Array.from({ length: SCHEDULES }, (_, n) => `s${n}`);
    await Promise.all(ids.map((id) => queue.schedule(id, { everyMs: 3_600_000, startAt }, { name: 'x' })));
    const firedIn: number[] = [];
    const isFire = callsOf('fire');
    void proxy.cutBeforeForward((args) => {
      if (isFire(args)) firedIn.push(turns);
      return false;
    });
    await waitFor('all to be due', () => Date.now() > startAt);
    await harness.worker({ handler: () => 'done' });
    await waitFor('all to fire', async () => (await queue.counts()).completed === SCHEDULES);
    expect(firedIn).toHaveLength(SCHEDULES);
    expect(new Set(firedIn).size).toBeGreaterThan(SCHEDULES / 2);
  });

  it('leaves to others what they fire: a herd of workers does not fire each a time for every worker', async () => {
    const queue = await harness.queue();
    await queue.config.set({ keep: { completed: { count: OF_A_HERD } } });
    const startAt = Date.now() + 4_000;
    const ids = Array.from({ length: OF_A_HERD }, (_, n) => `s${n}`);
    await Promise.all(ids.map((id) => queue.schedule(id, { everyMs: 3_600_000, startAt }, { name: 'x' })));
    let calls = 0;
    const isFire = callsOf('fire');
    void proxy.cutBeforeForward((args) => {
      if (isFire(args)) calls++;
      return false;
    });
    const workers = Array.from({ length: HERD }, async () => ({
      connection: await harness.connect(),
      handler: () => 'done',
    }));
    const settings = await Promise.all(workers);
    await waitFor('all to be due', () => Date.now() > startAt);
    await Promise.all(settings.map((each) => harness.worker(each)));
    await waitFor('all to fire', async () => (await queue.counts()).completed === OF_A_HERD, { timeoutMs: 20_000 });
    expect(calls).toBeLessThan(4 * OF_A_HERD);
  });
});
