import { describe, expect, it } from '@jest/globals';

import { retry } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { body, envelope } from './support/records.js';
import { KEY, row } from './support/unique-row.js';

const queue = luaQueue();
const REPLACED = expect.stringContaining('same unique key');

/** Adds one row; its fate and the other job. */
async function add(...args: Parameters<typeof row>): Promise<string> {
  const reply = await queue().addRows([row(...args)]);
  if (reply.code !== 'OK') throw new Error(`add-checked answered ${reply.code}`);
  return [reply.odd, ...reply.others].join(' ');
}

const LIVE: readonly [string, () => Promise<unknown>][] = [
  ['waiting', () => add('old')],
  ['waiting with a priority', () => add('old', 'k', { how: 'p5' })],
  ['delayed', () => add('old', 'k', { how: 'd1000' })],
  ['retrying', () => ended('r1\t1000\t\t{"message":"no"}')],
  ['snoozed', () => ended('z1\t1000\t\t')],
  ['waiting for a handler', () => ended('n1\t0\tgreet\t')],
  ['given back', () => ended('g0\t0\t\t')],
  ['active', () => leased()],
];
const FINAL: readonly [string, string][] = [
  ['completed', 'c1\t\t\tok'],
  ['failed', 'f1\t\t\tno'],
  ['timed out', 't1\t\t\tno'],
  ['broken', 'b1\t\t\tno'],
  ['cancelled', 'x1\t\t\tno'],
];

async function leased() {
  await add('old');
  const worker = await queue().worker('E');
  return { worker, job: await worker.leaseOne() };
}

async function ended(code: string): Promise<void> {
  const { worker, job } = await leased();
  await worker.end(job, code);
}

async function leaseRunsOut(): Promise<void> {
  for (let n = 0; n < 4; n++) {
    queue().pass(9_000);
    await queue().housekeep();
  }
}

describe('a unique key', () => {
  it('is held by the job that came first', async () => {
    const { reply, changed } = await queue().change(() => add('old'));
    expect(reply).toBe('');
    expect(changed).toEqual({
      j: { old: envelope(START, { fields: `u${KEY}` }) },
      r: ['old'],
      uk: { [KEY]: 'old\t' },
    });
  });

  it.each(LIVE)(
    'of a job that is %s: keep changes nothing and names that job [seed:Q1, seed:A25]',
    async (_, prepare) => {
      await prepare();
      const { reply, changed } = await queue().change(() => add('new'));
      expect([reply, changed]).toEqual(['1D old', {}]);
    },
  );

  it.each(LIVE)(
    'of a job that is %s: reject is a conflict, alone or in a call of all or none [seed:A25] [seed:A26]',
    async (_, prepare) => {
      await prepare();
      const { reply, changed } = await queue().change(() => add('new', 'j'));
      expect([reply, changed]).toEqual(['1E old', {}]);
      const whole = await queue().change(() => queue().addRows([[`other`, body()], row('new', 'j')], 1));
      expect(whole).toMatchObject({ reply: { code: 'REFUSED', row: 2, fate: 'E', other: 'old' }, changed: {} });
    },
  );

  it.each(LIVE.slice(0, -1))(
    'of a job that is %s: replace cancels it, and only the new one runs [seed:Q1, seed:R15]',
    async (_, prepare) => {
      await prepare();
      expect(await add('new', 'r')).toBe('1S old');
      expect((await queue().dump())['uk']).toEqual({ [KEY]: 'new\t' });
      expect(await queue().state('old')).toBe('cancelled');
      expect((await queue().dump())['o']).toEqual({ old: REPLACED });
      const worker = await queue().worker('F');
      expect((await worker.lease(9)).map(({ id }) => id)).toEqual(['new']);
    },
  );

  it('of a running job: replace is refused, unless its run may be taken from it', async () => {
    const { worker, job } = await leased();
    const { reply, changed } = await queue().change(() => add('new', 'r'));
    expect([reply, changed]).toEqual(['1B old', {}]);
    expect(await queue().addRows([row('new', 'r')], 1)).toMatchObject({ fate: 'B', state: 'active', other: 'old' });
    expect(await add('new', 'r+x')).toBe('1S old');
    expect(await worker.end(job)).toMatchObject({ refused: '1', taken: `1\told\t${job.token}\treplaced\n` });
    expect((await queue().dump())['uk']).toEqual({ [KEY]: 'new\t' });
    expect((await worker.lease(9)).map(({ id }) => id)).toEqual(['new']);
  });

  it.each(FINAL)('is free when its job has %s', async (_, code) => {
    await ended(code);
    expect((await queue().dump())['uk']).toBeUndefined();
    expect(await add('new', 'j')).toBe('');
  });

  it.each([
    [
      'failed as stalled',
      async () => {
        const { worker, job } = await leased();
        for (let stall = 0; stall < 3; stall++) {
          await worker.start(stall === 0 ? job : await worker.leaseOne());
          await leaseRunsOut();
          await worker.open();
        }
      },
    ],
    [
      'expired',
      async () => {
        await queue().addRows([[`old\t\nu\t${KEY}\tu\t\tk`, body({ fields: `x10,u${KEY}` })]]);
        queue().pass(11);
        await (await queue().worker('E')).lease(1);
      },
    ],
    [
      'been removed',
      async () => {
        await add('old');
        await queue().remove('old');
      },
    ],
    [
      'been cancelled from outside',
      async () => {
        await leased();
        await queue().cancel('old');
      },
    ],
    [
      'been forgotten at once',
      async () => {
        await queue().configure('keep:completed', '0,');
        await ended('1');
      },
    ],
  ])('is free when its job has %s', async (_, end) => {
    await end();
    expect((await queue().dump())['uk']).toBeUndefined();
    expect(await add('new', 'j')).toBe('');
  });

  it('is kept while its job is tried again, and by a job that was given back or reclaimed [seed:A25, core:B16]', async () => {
    const { worker, job } = await leased();
    await worker.end(job, 'r1\t10\t\tno');
    expect(await add('new')).toBe('1D old');
    queue().pass(10);
    await queue().housekeep();
    await worker.leaseOne();
    await leaseRunsOut();
    expect([await queue().state('old'), await add('new')]).toEqual(['waiting', '1D old']);
  });

  it('until the end: kept when the start of its job is marked', async () => {
    const { worker, job } = await leased();
    const { changed } = await queue().change(() => worker.start(job));
    expect(Object.keys(changed)).toEqual(['h:E']);
  });

  it('until the start: held while its job is fetched and given back, so that no two wait with one key [core:B16]', async () => {
    await add('old', 'k', { until: 'v' });
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    expect(await add('new', 'k', { until: 'v' })).toBe('1D old');
    await worker.close();
    expect(await queue().ids('waiting')).toEqual(['old']);
    expect(await add('new', 'k', { until: 'v' })).toBe('1D old');
    await worker.open();
    expect(job.id).toBe('old');
  });

  it('until the start: free at the start mark, and not taken again by a retry of its job [core:B16]', async () => {
    await add('old', 'k', { until: 'v' });
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await worker.start(job);
    expect((await queue().dump())['uk']).toBeUndefined();
    expect(await add('new', 'j', { until: 'v' })).toBe('');
    await worker.start(job);
    expect((await queue().dump())['uk']).toEqual({ [KEY]: 'new\t' });
    await worker.end(job, 'f1\t\t\tno');
    expect(await queue().retry('old')).toBe('R');
    expect((await queue().dump())['uk']).toEqual({ [KEY]: 'new\t' });
  });

  it('for a time: held by it alone, whatever becomes of its job, and pruned after it [seed:A25] [core:B16]', async () => {
    await add('old', 'k', { until: '', ms: '5000' });
    expect((await queue().dump())['uz']).toEqual({ [KEY]: START + 5_000 });
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne());
    expect(await add('new', 'j', { until: '', ms: '5000' })).toBe('1E old');
    await queue().remove('old');
    expect(await add('new', 'k', { until: '', ms: '5000' })).toBe('1D old');
    queue().pass(4_999);
    await queue().housekeep();
    expect((await queue().dump())['uk']).toBeDefined();
    queue().pass(1);
    await queue().housekeep();
    const dump = await queue().dump();
    expect([dump['uk'], dump['uz']]).toEqual([undefined, undefined]);
    expect(await add('new', 'j', { until: '', ms: '5000' })).toBe('');
  });

  it('for a time: one that replaces takes it from a job that has ended, without changing that', async () => {
    await add('old', 'k', { until: '', ms: '5000' });
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne());
    expect(await add('new', 'r', { until: '', ms: '5000' })).toBe('');
    expect((await queue().dump())['uk']).toEqual({ [KEY]: `new\t${START + 5_000}` });
    expect(await queue().state('old')).toBe('completed');
  });

  it('until the end and for a time: free at whichever comes first', async () => {
    await add('old', 'k', { ms: '5000' });
    expect(await add('new', 'j', { ms: '5000' })).toBe('1E old');
    queue().pass(5_000);
    expect(await add('new', 'j', { ms: '5000' })).toBe('');
    await queue().remove('old');
    expect((await queue().dump())['uk']).toEqual({ [KEY]: `new\t${START + 10_000}` });
    await queue().cancel('new');
    const dump = await queue().dump();
    expect([dump['uk'], dump['uz']]).toEqual([undefined, undefined]);
  });

  it('an expired one is free before anybody has pruned it', async () => {
    await add('old', 'k', { until: '', ms: '10' });
    queue().pass(10);
    expect(await add('new', 'j')).toBe('');
    await queue().housekeep();
    expect((await queue().dump())['uk']).toEqual({ [KEY]: 'new\t' });
  });

  it('pruning is bounded and goes on', async () => {
    for (let n = 0; n < 5; n++) await add(`j${n}`, 'k', { until: '', ms: '10', key: String(n) });
    queue().pass(10);
    expect((await queue().housekeep(2)).more).toBe(1);
    expect(Object.keys((await queue().dump())['uk'] ?? {})).toHaveLength(3);
    await queue().housekeep(1_000);
    expect((await queue().dump())['uk']).toBeUndefined();
  });

  it('a retried job holds its key again; one whose key another has is not retried', async () => {
    await ended('f1\t\t\tno');
    expect(await queue().retry('old')).toBe('R');
    expect(await add('new')).toBe('1D old');
    await queue().cancel('old');
    await add('new');
    const { reply, changed } = await queue().change(() => queue().retry('old'));
    expect([reply, changed]).toEqual(['D', {}]);
  });

  it('two jobs of one key, retried in one call: the first has it', async () => {
    await add('one');
    await queue().cancel('one');
    await add('two');
    await queue().cancel('two');
    const call = { ...queue().lane(), ids: ['one', 'two', 'one'] };
    const replies = await queue().twice(retry, call);
    expect(replies).toEqual([1, 2].map(() => ({ code: 'OK', fates: 'RDL' })));
    expect((await queue().dump())['uk']).toEqual({ [KEY]: 'one\t' });
  });
});
