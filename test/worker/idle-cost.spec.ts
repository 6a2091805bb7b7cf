import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CommandCount } from '../core/support/command-count.ts';
import { Harness } from '../core/support/harness.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { NotingClock } from './support/noting-clock.ts';

describe('workers that have nothing to do', () => {
  let harness: Harness;
  let redis: RedisServer | undefined;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(async () => {
    await harness.close();
    await redis?.stop();
    redis = undefined;
  });

  it('share the look for what has grown old, and ask no more for jobs than that look does [case:L3]', async () => {
    redis = await RedisServer.start();
    const connection = await harness.connect({}, redis.url);
    for (let n = 0; n < 20; n++) await harness.worker({ connection, handler: () => 'done' });
    const run = jest.spyOn(connection.scripts, 'run');
    const calls = (name: string): number => run.mock.calls.filter(([script]) => script.name === name).length;
    await waitFor('a look of each', () => calls('housekeep') >= 20);
    const count = await CommandCount.start(redis.url);
    run.mockClear();
    await waitFor('more looks', () => calls('housekeep') >= 40);
    expect(calls('exchange')).toBeLessThan(10);
    // A whole look prunes five states, each by count and by age.
    expect(await count.of('zcard')).toBeLessThan(4 * 10);
  });

  it('reconcile nothing where they have leased nothing since [case:L3]', async () => {
    const clock = harness.virtualClock();
    const connection = await harness.connect({ clock });
    const queue = await harness.queue('mail', { connection });
    await harness.worker({ connection, handler: () => 'done' });
    const run = jest.spyOn(connection.scripts, 'run');
    const reconciled = (): number => run.mock.calls.filter(([{ name }]) => name === 'reconcile').length;
    for (let n = 0; n < 4; n++) await clock.advance('15s');
    expect(reconciled()).toBe(0);
    await queue.add('any', 1);
    for (let n = 0; n < 4; n++) await clock.advance('15s');
    expect(reconciled()).toBe(1);
  });

  it('look at each of their queues less often where they have many [case:L4]', async () => {
    const clock = new NotingClock();
    const connection = await harness.connect({ clock });
    const queues = Array.from({ length: 400 }, (_, n) => `q${n}`);
    await harness.worker({ connection, queues, handler: () => 'done' });
    const looks = (least: number, most: number): number =>
      clock.delays.filter((ms) => ms >= least && ms <= most).length;
    await waitFor('a look at each', () => looks(1_600, 2_000) >= 400);
    await waitFor('a poll of each', () => looks(10_000, 12_500) >= 400);
    expect(looks(800, 1_000)).toBe(0);
  });
});
