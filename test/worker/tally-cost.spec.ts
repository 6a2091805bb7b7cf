import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { sleep } from '@millrace/core/internal';
import * as scripts from '../../libs/core/dist/redis/scripts.generated.js';
import { CommandCount } from '../core/support/command-count.ts';
import { Harness } from '../core/support/harness.ts';
import { redisUrl } from '../support/redis.ts';

const SECONDS = 2;
const CONCURRENCY = 10;
const RUN_MS = 10;
const JOBS = (SECONDS * CONCURRENCY * 1_000) / RUN_MS;

describe('statistics', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  it('take a call a second of a worker, and no more than a fiftieth of the commands of a plain one [seed:Q24]', async () => {
    const clock = harness.virtualClock();
    const connection = await harness.connect({ clock });
    const queue = await harness.queue('mail', { connection });
    await queue.addMany(Array.from({ length: JOBS }, (_, data) => ({ name: 'any', data })));
    const run = jest.spyOn(connection.scripts, 'run');
    const count = await CommandCount.start(redisUrl());
    const sum = async (): Promise<number> => [...(await count.all()).values()].reduce((all, n) => all + n, 0);
    await harness.worker({ connection, concurrency: CONCURRENCY, handler: () => sleep(clock, RUN_MS) });
    await clock.advance(SECONDS * 1_000);
    const commands = await sum();
    const all = run.mock.calls.length;
    const tally = run.mock.calls.filter(([{ name }]) => name === 'tally').length;
    expect(await queue.stats()).toMatchObject({ run: { meanMs: RUN_MS } });
    expect(tally).toBeGreaterThanOrEqual(SECONDS);
    expect(tally).toBeLessThanOrEqual(SECONDS + 2);

    const before = await sum();
    const rows = ['any', '9', '9,10,0,0,0,0,9', '9,5,0,0,0,9'];
    const args = { now: clock.now(), laneId: 'probe', seq: 1, age: 0, rows };
    await connection.scripts.run(scripts.tally, `${harness.prefix}:{mail}`, args);
    const each = (await sum()) - before;
    expect(each).toBeLessThan(20);
    expect(tally / all).toBeLessThan(0.02);
    expect((tally * each) / commands).toBeLessThan(0.02);
  });
});
