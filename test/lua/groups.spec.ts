import { describe, expect, it } from '@jest/globals';

import { groups, limitResources } from '../../libs/core/src/redis/scripts.generated.js';
import { gather } from './support/batching.js';
import { grouping } from './support/grouping.js';
import { luaQueue } from './support/harness.js';
import { zip, type Leased } from './support/lua-worker.js';
import { body } from './support/records.js';

const queue = luaQueue();
const { add, facts, setGroup } = grouping(queue);

const idsOf = (jobs: readonly Leased[]) => jobs.map(({ id }) => id);
const numbered = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i}`);

describe('jobs of groups', () => {
  it('are leased from one group after the other; jobs without a group have a turn like a group [core:B9]', async () => {
    await add('A', numbered('a', 4));
    await add('B', numbered('b', 2));
    await queue().add('x', 'y', 'z');
    await add('C', ['c0']);
    const worker = await queue().worker('E');
    expect(idsOf(await worker.lease(5))).toEqual(['x', 'a0', 'b0', 'c0', 'y']);
    expect(idsOf(await worker.lease(2))).toEqual(['a1', 'b1']);
    expect(idsOf(await worker.lease(9))).toEqual(['z', 'a2', 'a3']);
    expect(await facts()).toEqual(['A 0 4 ;;', 'B 0 2 ;;', 'C 0 1 ;;']);
  });

  it('go on in turn over many calls and workers, whatever the sizes of the groups', async () => {
    const sizes = Array.from({ length: 20 }, (_, n) => 5 + 10 * n);
    for (const [n, size] of sizes.entries()) await add(`G${n}`, numbered(`${n}.`, size));
    const workers = [await queue().worker('E'), await queue().worker('F')];
    const share = new Map<string, number>();
    for (let call = 0; call < 25; call++) {
      const jobs = await workers[call % 2]!.lease(1 + (call % 7));
      for (const { id } of jobs) share.set(id.split('.')[0]!, (share.get(id.split('.')[0]!) ?? 0) + 1);
    }
    const counts = [...share.values()];
    expect([share.size, Math.max(...counts) - Math.min(...counts)]).toEqual([20, 1]);
  });

  it('keep priority and order within a group, and put what is given back first', async () => {
    await add('A', ['a', 'b']);
    await add('A', ['urgent'], 'p5', { fields: 'p5' });
    await add('A', ['late'], 'p-5', { fields: 'p-5' });
    const worker = await queue().worker('E');
    const [urgent, a] = await worker.lease(2);
    await worker.exchange({
      ends: [
        [a, 'g0\t0\t\t'],
        [urgent, 'g0\t0\t\t'],
      ],
    });
    expect(await queue().ids('waiting')).toEqual(['urgent', 'a', 'b', 'late']);
    expect(idsOf(await worker.lease(9))).toEqual(['urgent', 'a', 'b', 'late']);
  });

  it('come back to their group: retried, snoozed, set aside, promoted, reclaimed, retried by hand, with another priority', async () => {
    await add('A', numbered('a', 6));
    const worker = await queue().worker('E');
    const jobs = await worker.lease(6);
    const codes = ['r5\t10\t\tno', 'z5\t10\t\t', 'n0\t0\tgreet\t', 'f5\t\t\tno', '5'];
    await worker.exchange({ ends: zip(jobs.slice(0, 5), codes) });
    await queue().retry('a3', 'a4');
    await queue().promote('a0');
    await queue().raw('claim', 'greet');
    await queue().prioritize('a4', 3);
    for (let n = 0; n < 5; n++) {
      queue().pass(9_000);
      await queue().housekeep();
    }
    expect(await facts()).toEqual(['A 6 0 ;;']);
    expect((await queue().ids('waiting'))[0]).toBe('a4');
    expect(await queue().counts()).toMatchObject({ waiting: 6 });
  });

  it('leave it for good when they are cancelled or removed; an empty group is forgotten', async () => {
    await add('A', ['a', 'b', 'c']);
    await add('B', ['d']);
    await queue().cancel('a', 'd');
    await queue().remove('b');
    expect(await facts()).toEqual(['A 1 0 ;;']);
    const worker = await queue().worker('E');
    await worker.end((await worker.lease(5))[0]);
    expect(await facts()).toEqual([]);
    expect(Object.keys(await queue().dump()).filter((key) => key.startsWith('g'))).toEqual([]);
  });
});

describe('the concurrency of groups', () => {
  it('is kept for each over all workers; a full group is passed over, and back as soon as a job ends [core:B9]', async () => {
    await queue().configure('group:concurrency', '1');
    await add('A', ['a0', 'a1']);
    await add('B', ['b0', 'b1']);
    await queue().add('x');
    const [one, two] = [await queue().worker('E'), await queue().worker('F')];
    const first = await one.lease(9);
    expect(idsOf(first)).toEqual(['x', 'a0', 'b0']);
    expect(await two.exchange({ want: 5, park: 1 })).toMatchObject({ leased: [], dry: 1 });
    await one.end(first[2]);
    expect(await queue().redis.smembers(queue().key('i'))).toEqual([]);
    expect(idsOf(await two.lease(5))).toEqual(['b1']);
    expect(idsOf((await one.exchange({ want: 5, ends: [[first[1], '5']] })).leased)).toEqual(['a1']);
  });

  it('of one group can be another; settings changed live hold at once [seed:Q29]', async () => {
    await queue().configure('group:concurrency', '1');
    await setGroup('A', 'concurrency', '2');
    await add('A', numbered('a', 5));
    await add('B', numbered('b', 5));
    const worker = await queue().worker('E');
    const first = await worker.lease(9);
    expect(idsOf(first).sort()).toEqual(['a0', 'a1', 'b0']);
    await setGroup('A', 'concurrency', '');
    await worker.exchange({ ends: [[first.find(({ id }) => id === 'a0'), '5']] });
    expect(await worker.lease(9)).toEqual([]);
    await queue().configure('group:concurrency', '3');
    expect(idsOf(await worker.lease(9)).sort()).toEqual(['a2', 'a3', 'b1', 'b2']);
    await queue().configure('group:concurrency', '');
    expect(await worker.lease(9)).toHaveLength(3);
  });

  it('frees what a lost worker held of it [case:C6]', async () => {
    await queue().configure('group:concurrency', '1');
    await add('A', ['a0', 'a1']);
    await (await queue().worker('E')).lease(1);
    for (let n = 0; n < 5; n++) {
      queue().pass(9_000);
      await queue().housekeep();
    }
    expect(idsOf(await (await queue().worker('F')).lease(5))).toEqual(['a0']);
  });

  it('is not used up by jobs that expired or wait for a resource', async () => {
    await queue().configure('group:concurrency', '1');
    await queue().raw('limit-resources', 'gpu', '1');
    await add('A', ['old'], '', { fields: 'x5' });
    await add('A', ['a0', 'a1'], '', {}, '\nr\tgpu\t1');
    await add('B', ['b0'], '', {}, '\nr\tgpu\t1');
    queue().pass(5);
    const worker = await queue().worker('E');
    const ran: string[] = [];
    let jobs = await worker.lease(5);
    while (jobs.length > 0) {
      ran.push(...idsOf(jobs));
      jobs = (
        await worker.exchange({
          want: 5,
          ends: zip(
            jobs,
            jobs.map(() => '5'),
          ),
        })
      ).leased;
    }
    expect(ran.sort()).toEqual(['a0', 'a1', 'b0']);
  });
});

describe('the rate of groups', () => {
  it('is kept for each, and says when the next job may start', async () => {
    await queue().configure('group:rate', '2,1000');
    await setGroup('B', 'rate', '1,500');
    await add('A', numbered('a', 5));
    await add('B', numbered('b', 5));
    const worker = await queue().worker('E');
    const first = await worker.exchange({ want: 9, park: 1 });
    expect([idsOf(first.leased).sort(), first.dry, first.due]).toEqual([['a0', 'a1', 'b0'], 1, 500]);
    queue().pass(500);
    const second = await worker.exchange({ want: 9, park: 1 });
    expect([idsOf(second.leased), second.due]).toEqual([['b1'], 500]);
    queue().pass(500);
    expect(idsOf(await worker.lease(9)).sort()).toEqual(['a2', 'a3', 'b2']);
  });

  it('is known to whoever looks after the queue, where the worker that was told does not come back', async () => {
    await queue().configure('group:rate', '1,1000');
    await add('A', ['a', 'b']);
    const worker = await queue().worker('E');
    const { due } = await worker.exchange({ want: 9, park: 1 });
    expect([due, (await queue().housekeep()).ready]).toEqual([1_000, 0]);
    queue().pass(1_000);
    expect((await queue().housekeep()).ready).toBe(1);
  });

  it('leaves nothing of a group once its window is over', async () => {
    await queue().configure('group:rate', '2,1000');
    await add('A', ['a']);
    const worker = await queue().worker('E');
    await worker.end((await worker.lease(1))[0]);
    expect(await facts()).toEqual(['A 0 0 ;;']);
    queue().pass(1_000);
    await queue().housekeep();
    expect(Object.keys(await queue().dump()).filter((key) => key.startsWith('g'))).toEqual([]);
  });
});

describe('groups', () => {
  it('are listed by name, page by page', async () => {
    for (const name of ['c', 'a', 'b']) await add(name, [`job-${name}`]);
    expect(await queue().run(groups, { after: '', limit: 2 })).toMatchObject({
      rows: ['a', '1', '0', ';;', 'b', '1', '0', ';;'],
      more: 1,
    });
    expect(await queue().run(groups, { after: 'b', limit: 2 })).toMatchObject({ rows: ['c', '1', '0', ';;'], more: 0 });
  });
});

describe('drain', () => {
  it('takes jobs out of groups and of the lines for resources too', async () => {
    await queue().raw('limit-resources', 'gpu', '1');
    await add('A', numbered('a', 3), '', {}, '\nr\tgpu\t1');
    await add('B', ['b']);
    await queue().add('x');
    const worker = await queue().worker('E');
    await worker.lease(3);
    await worker.lease(1);
    const { laneId, seq } = queue().lane();
    await queue().raw('drain', laneId, seq, 'waiting', 500);
    expect(await queue().counts()).toMatchObject({ waiting: 0, active: 3 });
  });
});

describe('members of a batch', () => {
  it('are held for their group, and use what they use, without a turn of their own', async () => {
    await queue().raw('limit-resources', 'gpu', '2');
    await add('A', ['a', 'b', 'c'], '', {}, '\nr\tgpu\t1');
    const worker = await queue().worker('E');
    const first = await worker.lease(3);
    const second = (await worker.exchange({ want: 3, ends: zip(first, [gather('k'), gather('k')]) })).leased;
    await worker.exchange({ ends: zip(second, [gather('k')]) });
    expect(await facts()).toEqual([]);
    const members = await worker.lease(1);
    expect([idsOf(members), await facts()]).toEqual([['a', 'b'], ['A 0 2 ;;']]);
    await worker.exchange({ ends: zip(members, ['5', '5']) });
    expect(idsOf(await worker.lease(1))).toEqual(['c']);
  });
});

it.each([
  ['expired', { fields: 'x5' }, ''],
  ['wait for a resource', {}, '\nr\tgpu\t1'],
])('jobs of a group that %s take no place of those behind them', async (_, sketch, lines) => {
  await setGroup('A', 'concurrency', '1');
  await queue().run(limitResources, { rows: ['gpu', '0'] });
  await add('A', ['a', 'b'], '', sketch, lines);
  await add('A', ['c', 'd']);
  queue().pass(10);
  const worker = await queue().worker('E');
  const { leased, dry } = await worker.exchange({ want: 3 });
  expect([idsOf(leased), dry]).toEqual([['c'], 1]);
});

describe('many groups [case:L6]', () => {
  it('cost a lease as much as few do', async () => {
    const callsWith = async (n: number): Promise<number> => {
      await queue().redis.flushall();
      await queue().raw('declare', 1);
      for (let from = 0; from < n; from += 500) {
        const rows = numbered('', Math.min(500, n - from)).flatMap((i) => [`${from}.${i}\t\ng\tG${from}.${i}`, body()]);
        await queue().raw('add-checked', `lane${from}`, 1, 0, ...rows);
      }
      const worker = await queue().worker('E');
      const calls = await queue().callsOf(() => worker.lease(10));
      return Object.values(calls).reduce((total, each) => total + each, 0);
    };
    const few = await callsWith(100);
    expect([await callsWith(10_000), few < 80]).toEqual([few, true]);
  });
});
