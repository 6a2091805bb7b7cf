import { describe, expect, it } from '@jest/globals';

import { grouping } from './support/grouping.js';
import { luaQueue } from './support/harness.js';
import { zip, type Leased } from './support/lua-worker.js';

const queue = luaQueue();
const { add, setGroup } = grouping(queue);
const many = (n: number) => Array.from({ length: n }, (_, i) => `a${i}`);
const idsOf = (jobs: readonly Leased[]) => jobs.map(({ id }) => id);

describe('a rate', () => {
  it.each([
    ['given back', 'g0\t0\t\t', 1],
    ['set aside, as nobody handles its name', 'n0\t0\tgreet\t', 1],
    ['left to its batch', 'a0\t0\tgreet\t60000,60000,5,', 1],
    ['given back after it ran', 'g3\t0\t\t', 0],
    ['failed', 'f0\t0\t\tno', 0],
    ['completed at once', '0', 0],
  ])('lets, once one of its three jobs is %s (%j), %i more start', async (_, code, more) => {
    await queue().configure('rate', '3,1000');
    await queue().add(...many(9));
    const worker = await queue().worker('E');
    const [first] = await worker.lease(3);
    queue().pass(400);
    expect((await worker.exchange({ want: 5, ends: [[first, code]] })).leased).toHaveLength(more);
    expect(await worker.exchange({ want: 5, park: 1 })).toMatchObject({ leased: [], due: 600 });
    queue().pass(600);
    // Those that started a window ago count no more; what came in place of the other still does.
    expect(await worker.lease(5)).toHaveLength(3 - more);
  });

  it('forgets jobs that an answer brought and the worker never got: reconciling gives them back', async () => {
    await queue().configure('rate', '3,1000');
    await queue().add(...many(9));
    const worker = await queue().worker('E');
    await worker.lease(1);
    queue().pass(300);
    await worker.lease(2);
    queue().pass(300);
    await queue().raw('reconcile', 'E', 2, '0', String(worker.lastSeq()), 'a0');
    expect(idsOf((await worker.exchange({ want: 5 })).leased)).toEqual(['a1', 'a2']);
    queue().pass(400);
    expect(await worker.lease(5)).toHaveLength(1);
  });

  it('gives nothing back for what was leased before its window, or before there was a rate', async () => {
    await queue().add(...many(9));
    const worker = await queue().worker('E');
    const [early] = await worker.lease(1);
    await queue().configure('rate', '2,1000');
    const [late] = await worker.lease(1);
    queue().pass(1_000);
    await worker.lease(2);
    const ends = zip([early!, late!], ['g0\t0\t\t', 'g0\t0\t\t']);
    expect((await worker.exchange({ want: 5, ends })).leased).toEqual([]);
  });

  it('is kept to the job, whatever is given back when', async () => {
    await queue().configure('rate', '7,100');
    await queue().add(...many(300));
    const worker = await queue().worker('E');
    const started: number[] = [];
    let held: readonly Leased[] = [];
    let heldSince = 0;
    for (let n = 0; n < 300; n++) {
      const back = held.filter((_, i) => (n + i) % 3 === 0);
      started.push(...Array.from(held.slice(back.length), () => heldSince));
      const codes = back.map(() => 'g0\t0\t\t');
      ({ leased: held } = await worker.exchange({ want: 1 + (n % 4), ends: zip(back, codes) }));
      heldSince = queue().now;
      queue().pass((n * 7) % 11);
    }
    const inWindow = started.map((at) => started.filter((other) => other >= at && other < at + 100).length);
    expect([Math.max(...inWindow), started.length > 90]).toEqual([7, true]);
  });
});

describe('the rate of a group', () => {
  it('counts no job that is given back, and that of the others stays [seed:Q31]', async () => {
    await queue().configure('group:rate', '2,1000');
    await setGroup('B', 'rate', '1,500');
    await add('A', many(5));
    await add('B', ['b0', 'b1']);
    const worker = await queue().worker('E');
    const first = await worker.exchange({ want: 9 });
    expect(idsOf(first.leased).sort()).toEqual(['a0', 'a1', 'b0']);
    const back = first.leased.filter(({ id }) => id !== 'a1');
    const { leased } = await worker.exchange({
      want: 9,
      ends: zip(
        back,
        back.map(() => 'g0\t0\t\t'),
      ),
    });
    expect(idsOf(leased).sort()).toEqual(['a0', 'b0']);
    queue().pass(500);
    expect(idsOf(await worker.lease(9))).toEqual(['b1']);
  });
});
