import { describe, expect, it } from '@jest/globals';

import { limitResources, resources } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import type { Leased } from './support/lua-worker.js';
import { body, type JobSketch } from './support/records.js';

const queue = luaQueue();

/** Adds a job that uses something, such as `gpu\t1`. */
async function add(id: string, uses: string, how = '', sketch: JobSketch = {}): Promise<void> {
  const head = `${id}\t${how}${uses === '' ? '' : `\nr\t${uses}`}`;
  const { laneId, seq } = queue().lane();
  await expect(queue().raw('add-checked', laneId, seq, 0, head, body(sketch))).resolves.toContain('OK');
}

const limit = (...rows: readonly string[]) => queue().run(limitResources, { rows });
const used = async () => (await queue().dump())['ru'];
const idsOf = (jobs: readonly Leased[]) => jobs.map(({ id }) => id);

/** What is known of each resource: name, limit, used, waiting. */
async function facts(): Promise<string[]> {
  const { rows } = await queue().run(resources, { after: '', limit: 1_000 });
  return Array.from({ length: rows.length / 4 }, (_each, i) => rows.slice(4 * i, 4 * i + 4).join(' '));
}

describe('resources as a reading tells them', () => {
  it('pages through what is known', async () => {
    await limit('a', '1', 'b', '2', 'c', '3');
    const page = await queue().run(resources, { after: '', limit: 2 });
    expect(page).toMatchObject({ rows: ['a', '1', '0', '0', 'b', '2', '0', '0'], more: 1 });
    expect(await queue().run(resources, { after: 'b', limit: 2 })).toMatchObject({
      rows: ['c', '3', '0', '0'],
      more: 0,
    });
  });
});

describe('a job that uses resources', () => {
  it('runs only when all of them fit, over all workers; others pass it meanwhile [seed:O7] [seed:O2]', async () => {
    await limit('gpu', '2', 'api:stripe', '3');
    await add('a', 'api:stripe\t3\tgpu\t1');
    await add('b', 'gpu\t1');
    await add('c', 'api:stripe\t1\tgpu\t1');
    await add('d', 'api:stripe\t1');
    await queue().add('plain');
    const [one, two] = [await queue().worker('E'), await queue().worker('F')];
    const [a, b] = await one.lease(2);
    expect(idsOf(await two.lease(5))).toEqual(['plain']);
    expect(await used()).toEqual({ 'api:stripe': '3', gpu: '2' });
    expect(await queue().ids('waiting')).toEqual(['c', 'd']);
    await one.end(b);
    expect(idsOf(await two.lease(5))).toEqual([]);
    await one.end(a);
    expect(idsOf(await two.lease(5))).toEqual(['c', 'd']);
    expect(await used()).toEqual({ 'api:stripe': '2', gpu: '1' });
  });

  it('is called in the exchange that makes room for it', async () => {
    await limit('gpu', '1');
    for (const id of ['a', 'b', 'c']) await add(id, 'gpu\t1');
    const worker = await queue().worker('E');
    const ran: string[] = [];
    let jobs = await worker.lease(5);
    while (jobs.length > 0) {
      ran.push(...idsOf(jobs));
      jobs = (await worker.exchange({ want: 5, ends: [[jobs[0], '5']] })).leased;
    }
    expect(ran).toEqual(['a', 'b', 'c']);
    expect(await used()).toBeUndefined();
  });

  it('has acquired what it uses exactly while it is held, however it leaves [seed:A35]', async () => {
    await limit('gpu', '9');
    const codes = [
      '5',
      'c5\t\t\t42',
      'f5\t\t\tno',
      'r5\t9\t\tno',
      'z5\t9\t\t',
      'g0\t0\t\t',
      'n0\t0\tgreet\t',
      'x1\t\t\t',
    ];
    await queue().configure('keep:completed', '0,');
    for (const code of codes) {
      await add(`job${codes.indexOf(code)}`, 'gpu\t2');
      const worker = await queue().worker(`E${codes.indexOf(code)}`);
      const [job] = await worker.lease(1);
      expect(await used()).toEqual({ gpu: '2' });
      const ends = [[job, code]] as const;
      await worker.exchange({ ends });
      await worker.exchange({ ends, seq: worker.lastSeq() });
      expect([code, await used()]).toEqual([code, undefined]);
      await queue().remove(job!.id);
    }
  });

  it('gives it back when it is cancelled, its worker closes, or dies [seed:A35]', async () => {
    await limit('gpu', '3');
    for (const id of ['a', 'b', 'c', 'd']) await add(id, 'gpu\t1');
    const [one, two, three] = [await queue().worker('E'), await queue().worker('F'), await queue().worker('G')];
    for (const worker of [one, two, three]) await worker.lease(1);
    await queue().cancel('a');
    expect(await used()).toEqual({ gpu: '2' });
    await two.close();
    expect(await used()).toEqual({ gpu: '1' });
    for (let n = 0; n < 5; n++) {
      queue().pass(9_000);
      await queue().housekeep();
    }
    expect(await used()).toBeUndefined();
    expect((await (await queue().worker('H')).lease(5)).length).toBe(3);
  });
});

describe('the line for a resource', () => {
  it('is served by priority, then by coming; a newcomer waits behind a big one [case:limits]', async () => {
    await limit('gpu', '4');
    await add('a', 'gpu\t3');
    const worker = await queue().worker('E');
    const [a] = await worker.lease(1);
    await add('big', 'gpu\t4');
    expect(idsOf(await worker.lease(1))).toEqual([]);
    await add('small', 'gpu\t1');
    await add('urgent', 'gpu\t2', 'p5', { fields: 'p5' });
    expect(idsOf(await worker.lease(5))).toEqual([]);
    expect(await facts()).toEqual(['gpu 4 3 3']);
    await worker.end(a);
    const [urgent] = await worker.lease(5);
    expect(urgent?.id).toBe('urgent');
    await worker.end(urgent);
    const [big, ...others] = await worker.lease(5);
    expect([big?.id, others]).toEqual(['big', []]);
    await worker.end(big);
    expect(idsOf(await worker.lease(5))).toEqual(['small']);
  });

  it('is left by a job that is cancelled, removed, or gets another priority', async () => {
    await limit('gpu', '1');
    for (const id of ['a', 'b', 'c', 'd', 'e']) await add(id, 'gpu\t1');
    const worker = await queue().worker('E');
    const [a] = await worker.lease(5);
    await queue().cancel('b');
    await queue().remove('c');
    expect(await queue().prioritize('e', 3)).toBe('P');
    expect(await queue().counts()).toMatchObject({ waiting: 2 });
    expect(await worker.lease(5)).toEqual([]);
    expect(await queue().ids('waiting')).toEqual(['e', 'd']);
    expect(idsOf((await worker.exchange({ want: 5, ends: [[a, '5']] })).leased)).toEqual(['e']);
  });

  it('goes on where its head has gone, within a housekeeping', async () => {
    await limit('gpu', '2');
    await add('a', 'gpu\t1');
    const worker = await queue().worker('E');
    await worker.lease(1);
    await add('big', 'gpu\t2');
    await add('small', 'gpu\t1');
    expect(await worker.exchange({ want: 5, park: 1 })).toMatchObject({ leased: [] });
    await queue().cancel('big');
    await queue().housekeep();
    expect(await queue().redis.smembers(queue().key('i'))).toEqual([]);
    expect(idsOf(await worker.lease(5))).toEqual(['small']);
  });

  it('keeps the turn of a job that was called and came too late', async () => {
    await limit('gpu', '1');
    for (const id of ['a', 'b', 'c']) await add(id, 'gpu\t1');
    const worker = await queue().worker('E');
    const [a] = await worker.lease(5);
    await worker.end(a);
    await add('urgent', 'gpu\t1', 'p5', { fields: 'p5' });
    const [urgent] = await worker.lease(5);
    expect([urgent?.id, await queue().ids('waiting')]).toEqual(['urgent', ['b', 'c']]);
    await worker.end(urgent);
    expect(idsOf(await worker.lease(5))).toEqual(['b']);
  });

  it('lets those pass who ask for no more than there is, until there is more', async () => {
    await limit('gpu', '2');
    for (const [id, amount] of [
      ['huge', 5],
      ['big', 3],
      ['a', 2],
      ['b', 1],
    ] as const) {
      await add(id, `gpu\t${amount}`);
    }
    const worker = await queue().worker('E');
    const [a] = await worker.lease(5);
    expect([a?.id, await facts()]).toEqual(['a', ['gpu 2 2 3']]);
    const [b] = (await worker.exchange({ want: 5, ends: [[a, '5']] })).leased;
    expect(b?.id).toBe('b');
    await limit('gpu', '4');
    const [big] = await worker.lease(5);
    expect(big?.id).toBe('big');
    await worker.exchange({
      ends: [
        [b, '5'],
        [big, '5'],
      ],
    });
    await limit('gpu', '');
    expect(idsOf(await worker.lease(5))).toEqual(['huge']);
  });
});

describe('the line r of add-checked', () => {
  it.each(['gpu', 'gpu\t0', 'gpu\t1.5', 'gpu\t1\tgpu\t2', 'gpu\t1\tcpu', 'gpu\t9999999999'])(
    'cannot be %j',
    async (uses) => {
      const row = [`a\t\nr\t${uses}`, body()];
      await expect(queue().raw('add-checked', 'lane', 1, 0, ...row)).rejects.toThrow(/PROTOCOL/);
    },
  );
});
