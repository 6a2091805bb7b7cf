import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';

const queue = luaQueue();
const DAY = 86_400_000;

describe('jobs of one moment', () => {
  it('are leased in the order in which they were added, a hundred thousand of them [case:T11] [case:I11]', async () => {
    await queue().configure('keep:completed', '0,0');
    const ids = Array.from({ length: 100_000 }, (_, i) => `a${i}`);
    for (let i = 0; i < ids.length; i += 1_000) await queue().add(...ids.slice(i, i + 1_000));
    const worker = await queue().worker('E');
    const leased: string[] = [];
    while (leased.length < ids.length) {
      const jobs = await worker.lease(1_000);
      if (jobs.length === 0) throw new Error(`only ${leased.length} were there`);
      leased.push(...jobs.map(({ id }) => id));
      await worker.exchange({ ends: jobs.map((job) => [job, '1']) });
    }
    expect(leased.every((id, i) => id === ids[i])).toBe(true);
  }, 60_000);

  it('keep that order also with a priority, and at its bounds [case:T11] [case:I11]', async () => {
    for (const priority of [1_000, -1_000]) {
      const ids = Array.from({ length: 3_000 }, (_, i) => `p${priority}_${i}`);
      for (let i = 0; i < ids.length; i += 1_000) {
        await queue().add(
          ...ids.slice(i, i + 1_000).map((id) => [id, `p${priority}`, { fields: `p${priority}` }] as const),
        );
      }
      const worker = await queue().worker(`E${priority}`);
      const leased = [...(await worker.lease(1_000)), ...(await worker.lease(1_000)), ...(await worker.lease(1_000))];
      expect(leased.map(({ id }) => id)).toEqual(ids);
    }
  });
});

describe('a job that is due in ten years', () => {
  it.each([25, 366, 3_652])(
    'after %i days is promoted then, and not a millisecond before [case:T8] [case:I10]',
    async (days) => {
      await queue().add(['a', `d${days * DAY}`]);
      queue().now = START + days * DAY - 1;
      await queue().housekeep();
      expect(await queue().state('a')).toBe('delayed');
      queue().pass(1);
      await queue().housekeep();
      expect(await queue().state('a')).toBe('waiting');
    },
  );
});

describe('a clock that is set back by an hour', () => {
  it('makes no time negative: what runs ends, what is delayed is late by as much at most, tokens and turns go on [case:T4]', async () => {
    await queue().add('a', ['late', 'd1000'], 'b');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await queue().housekeep();
    queue().pass(-3_600_000);
    expect((await worker.renew()).code).toBe('OK');
    await worker.end(job);
    const next = await worker.leaseOne();
    expect([next.id, next.token > job.token]).toEqual(['b', true]);
    await worker.end(next);
    await queue().housekeep();
    expect(await queue().state('late')).toBe('delayed');
    queue().pass(3_600_000 + 1_000);
    await queue().housekeep();
    expect(await queue().state('late')).toBe('waiting');
    const dump = await queue().dump();
    const days = Object.entries(dump).filter(([key]) => key.startsWith('st:'));
    expect(JSON.stringify(days)).not.toMatch(/:"-|,-/);
    expect((await queue().counts()).finished[0]).toBe('2');
  });

  it('and forward again gives no job a second run while its worker renews [case:T3] [case:T4]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await queue().housekeep();
    for (const jump of [3_600_000, -3_600_000, 7_200_000]) {
      queue().pass(jump);
      await queue().housekeep();
      expect((await worker.renew()).code).toBe('OK');
      expect((await queue().counts()).active).toBe(1);
    }
    await worker.end(job);
    expect(await queue().state('a')).toBe('completed');
  });
});
