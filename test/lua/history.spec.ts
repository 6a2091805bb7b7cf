import { describe, expect, it } from '@jest/globals';

import { history } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';
import { outcome } from './support/records.js';

const queue = luaQueue();

async function read(id = 'a'): Promise<unknown> {
  const { code: _, ...rest } = await queue().run(history, { id });
  return rest;
}

/** A worker that leases the job and ends the attempt ten ms later. */
async function attempt(code: string, epoch = 'E'): Promise<void> {
  const worker = await queue().worker(epoch);
  const leased = (await worker.lease(2)).concat(await worker.lease(2));
  queue().pass(10);
  await worker.end(leased[0], code);
}

const at = (n: number): number => START + 10 * n;

describe('history', () => {
  it('has each attempt that did not succeed at once: when, which, how, how long, by whom and why [seed:Q27]', async () => {
    await queue().add('a');
    await attempt('r12,E_CONN\t0\tgreet\t{"name":"Error","message":"no"}', 'E1');
    await queue().promote('a');
    await attempt('u3\t0\tgreet\tlater', 'E2');
    await queue().promote('a');
    await attempt('5\tfine', 'E3');
    expect(await read()).toEqual({
      created: START,
      entries: [
        `r${at(1)}\t1\t12\tE1\tE_CONN\n{"name":"Error","message":"no"}`,
        `P${at(1)}\t1\t0\t\t\n`,
        `u${at(2)}\t2\t3\tE2\t\nlater`,
        `P${at(2)}\t1\t0\t\t\n`,
        `c${at(3)}\t2\t5\tE3\t\n`,
      ],
      outcome: outcome('c', at(3), 2, 5, 'fine'),
    });
  });

  it('has nothing of a job that succeeded at once but its outcome', async () => {
    await queue().add('a');
    const { changed } = await queue().change(() => attempt('5'));
    expect(Object.keys(changed).filter((key) => key.startsWith('hs') || key === 'm')).toEqual([]);
    expect(await read()).toEqual({ created: START, entries: [], outcome: outcome('c', at(1), 1, 5) });
  });

  it.each([
    ['5', 'c', ''],
    ['b5\t\t\tbad', 'b', 'bad'],
  ])('keeps the outcome %s that a job loses when it is retried by hand', async (code, letter, text) => {
    await queue().add('a');
    await attempt(code);
    await queue().retry('a');
    const [first, second] = ((await read()) as { entries: string[] }).entries;
    expect(first).toMatch(new RegExp(`^${letter}${at(1)}\\t1\\t5\\tE?\\t\\n${text}$`));
    expect(second).toBe(`R${at(1)}\t0\t0\t\t\n`);
  });

  it('keeps the end of a job that was cancelled while it waited', async () => {
    await queue().add('a');
    await attempt('r1\t90000\tgreet\tno');
    await queue().cancel('a');
    await queue().retry('a');
    const { entries } = (await read()) as { entries: string[] };
    expect(entries.map((entry) => entry.charAt(0)).join('')).toBe('rxR');
  });

  it('names the worker by the name that it gives itself, also of a run that stalled', async () => {
    await queue().add(['a', '', { fields: 's2' }]);
    const worker = await queue().worker('E', 100);
    await queue().redis.hset(queue().key('ws'), 'E', '{"name":"box:17","pid":17}');
    await worker.start(await worker.leaseOne());
    for (let look = 0; look < 9; look++) {
      queue().pass(30);
      await queue().housekeep();
    }
    const { entries } = (await read()) as { entries: string[] };
    expect(entries).toEqual([expect.stringMatching(/^s\d{13}\t1\t0\tbox:17\t\n$/)]);
  });

  it('keeps the first entry and the newest ninety-nine, each with 500 bytes of the error at most [seed:Q27]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    for (let n = 1; n <= 130; n++) {
      await queue().housekeep();
      await worker.end(await worker.leaseOne(), `r${n}\t0\tgreet\t${'x'.repeat(2_000)}`);
    }
    const { entries } = (await read()) as { entries: string[] };
    const durations = entries.map((entry) => Number(entry.split('\t')[2]));
    expect(durations).toEqual([1, ...Array.from({ length: 99 }, (_, i) => 32 + i)]);
    expect(entries[0]?.split('\n')[1]).toHaveLength(500);
  });

  it('goes with its job', async () => {
    await queue().add('a');
    await attempt('f1\t\tgreet\tno');
    await queue().remove('a');
    expect((await queue().dump())['hs:a']).toBeUndefined();
    expect(await queue().run(history, { id: 'a' })).toEqual({ code: 'NOT_FOUND' });
  });
});

describeMalformed(queue, 'history', [['an empty id', [''], /PROTOCOL The id/]]);
