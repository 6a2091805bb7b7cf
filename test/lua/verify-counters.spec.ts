import { afterEach, describe, expect, it } from '@jest/globals';

import { limitResources, mend } from '../../libs/core/src/redis/scripts.generated.js';
import { batching, gather } from './support/batching.js';
import { asQueue } from './support/damage.js';
import { luaQueue } from './support/harness.js';
import { zip, type LuaWorker } from './support/lua-worker.js';
import { body } from './support/records.js';

const queue = luaQueue();
const { gathered } = batching(queue);

/** The highest number of each counter that `fill` leaves in use. */
const IN_USE = { turn: 8, head: 2, ring: 2, places: 2, batch: 2, detached: 2, aside: 2, pause: 2 };
const SPOILT = ['garbage', '-5', '1', '99999999999999999'];

async function addWith(line: string, ...ids: readonly string[]): Promise<void> {
  await queue().addRows(ids.map((id) => [`${id}\t\n${line}`, body()]));
}

/** Jobs in every place that has a number, two of each at least. */
async function fill(): Promise<LuaWorker> {
  const worker = await queue().worker('E');
  for (const on of [1, 0]) await queue().raw('pause', on);
  await worker.renew({ pause: 2 });
  await gathered(worker, ['k'], gather('k'));
  await gathered(worker, ['l'], gather('l'));
  await queue().add('n1', 'n2');
  await worker.exchange({ ends: zip(await worker.lease(2), ['n0\t0\tgreet\t', 'n0\t0\tgreet\t']) });
  await queue().run(limitResources, { rows: ['gpu', '1'] });
  await addWith('r\tgpu\t1', 'r0', 'r1', 'r2');
  await worker.lease(3);
  await queue().add('x');
  for (const priority of [5, 0, 5, 0]) await queue().prioritize('x', priority);
  await queue().add(...['a', 'b', 'c', 'd'].map((id) => [id, 'p5', { fields: 'p5' }] as const));
  await worker.exchange({ ends: zip(await worker.lease(2), ['g0\t0\t\t', 'g0\t0\t\t']) });
  await addWith('g\tA', 'gA');
  await addWith('g\tB', 'gB');
  // Ends of which somebody has still to be told, as repair leaves them.
  await queue().add(['p', 'd100'], ['q', 'd100']);
  await addWith('d\tf\tp', 's');
  await addWith('d\tf\tq', 't');
  await queue().redis.hdel(queue().key('j'), 'p', 'q');
  await repaired();
  return worker;
}

/** Kind, key and member of each finding. */
function told(findings: readonly { kind: string; key: string; member?: string }[]): string[] {
  return findings.map(({ kind, key, member }) => `${kind} ${key} ${member ?? ''}`);
}

let opened: ReturnType<typeof asQueue> | undefined;

afterEach(async () => {
  const { queue: own, connection } = (await opened) ?? {};
  opened = undefined;
  await own?.close();
  await connection?.close();
});

/** What verify finds, what repair makes of it, and what verify finds then. */
async function repaired(): Promise<{ found: string[]; outcomes: string[]; after: string[] }> {
  const { queue: own } = await (opened ??= asQueue(queue()));
  const found = told((await own.verify()).findings);
  const outcomes = (await own.repair()).findings.map(({ outcome }) => outcome);
  return { found, outcomes, after: told((await own.verify()).findings) };
}

const meta = (field: string) => queue().redis.hget(queue().key('q'), field);
const spoil = (field: string, text: string) => queue().redis.hset(queue().key('q'), field, text);

describe('verify and repair of the counters from which numbers are given out', () => {
  it('find nothing in them, and each that is lost, spoilt, too large or behind: it goes on from the highest that is in use [case:R16]', async () => {
    await fill();
    expect((await repaired()).found).toEqual([]);
    for (const [field, last] of Object.entries(IN_USE)) {
      expect({ field, is: await meta(field) }).toEqual({ field, is: String(last) });
      for (const text of SPOILT) {
        await spoil(field, text);
        const kind = text === '1' ? 'miscounted' : 'unreadable';
        const mended = { found: [`${kind} q ${field}`], outcomes: ['mended'], after: [] };
        expect({ field, text, ...(await repaired()) }).toEqual({ field, text, ...mended });
        // An even pause number: of one that says that the queue is paused, paused it is.
        expect(await meta(field)).toBe(field === 'pause' && text === '1' ? '3' : String(last));
        if (field === 'pause') await spoil(field, '2');
      }
      await queue().redis.hdel(queue().key('q'), field);
      expect((await repaired()).found).toEqual([`miscounted q ${field}`]);
      expect(await meta(field)).toBe(String(last));
    }
  }, 60_000);

  it('know the counter of those who wait for resources, which a slot shares, and the limits beside it [case:R16]', async () => {
    await fill();
    for (const text of ['garbage', '1', '99999999999999999']) {
      await queue().redis.hset(queue().key('rm'), '\tturn', text);
      const { found, outcomes, after } = await repaired();
      expect([found, outcomes, after]).toEqual([[expect.stringMatching(/ \^rm \tturn$/)], ['mended'], []]);
      expect(await queue().redis.hget(queue().key('rm'), '\tturn')).toBe('2');
    }
    await queue().redis.hset(queue().key('rm'), 'gpu', 'many');
    expect(await repaired()).toMatchObject({ found: ['unreadable ^rm gpu'], outcomes: ['mended'], after: [] });
  });

  it('with the whole meta gone all of them go on: nothing void comes to life, and the order stays [case:R16]', async () => {
    const worker = await fill();
    await queue().redis.del(queue().key('q'));
    await queue().redis.hset(queue().key('q'), 'virtual', '1');
    const { found, after } = await repaired();
    for (const field of Object.keys(IN_USE)) expect(found).toContain(`miscounted q ${field}`);
    expect(after).toEqual([]);
    for (const [field, last] of Object.entries(IN_USE))
      expect([field, await meta(field)]).toEqual([field, String(last)]);
    await queue().add(['z', 'p5', { fields: 'p5' }], 'y');
    for (const priority of [5, 0]) await queue().prioritize('y', priority);
    const run: string[] = [];
    for (let got = 1; got > 0;) {
      const jobs = await worker.lease(10);
      run.push(...jobs.map(({ id }) => id));
      await worker.exchange({
        ends: zip(
          jobs,
          jobs.map(() => '1'),
        ),
      });
      got = jobs.length;
    }
    expect(run.filter((id) => /^[abcdz]$/.test(id))).toEqual(['a', 'b', 'c', 'd', 'z']);
    expect(run.filter((id) => id === 'x' || id === 'y').sort()).toEqual(['x', 'y']);
  });

  it('mend none twice, and lower none', async () => {
    await fill();
    const row = ['miscounted', 'q', 'turn', '9'];
    const rows = [...row, ...row, 'miscounted', 'q', 'turn', '8', 'miscounted', 'q', 'turn', 'garbage'];
    expect(await queue().run(mend, { ...queue().lane(), rows })).toMatchObject({ fates: 'MCCC' });
    expect(await meta('turn')).toBe('9');
  });
});

describe('verify and repair of settings and other fields of the meta', () => {
  const FIELDS = [
    'lease',
    'grace',
    'keep:failed',
    'listening',
    'concurrency',
    'rate',
    'group:concurrency',
    'group:rate',
  ];

  it.each([...FIELDS, 'stats', 'free', 'seen', 'waits', 'dropped'])(
    'find one that cannot be read, and take it away: %s [case:R16]',
    async (field) => {
      for (const text of ['garbage', '-1', '1'.repeat(40)]) {
        await queue().configure('concurrency', '5', 'rate', '5,1000');
        await spoil(field, text);
        const { found, outcomes, after } = await repaired();
        expect([found, new Set(outcomes), after]).toEqual([[`unreadable q ${field}`], new Set(['mended']), []]);
        expect(await meta(field)).toBeNull();
      }
      expect(await queue().redis.hgetall(`${queue().base}!q`)).toMatchObject({ [field]: '1'.repeat(40) });
    },
  );

  it('find the states that are not kept where the settings say others [case:R16]', async () => {
    await queue().configure('keep:completed', '0,');
    await spoil('drop', 'fb');
    const { found, after } = await repaired();
    expect([found, after, await meta('drop')]).toEqual([['miscounted q drop'], [], 'c']);
    await queue().redis.hdel(queue().key('q'), 'drop');
    expect((await repaired()).found).toEqual(['miscounted q drop']);
    expect(await meta('drop')).toBe('c');
  });

  it.each(['ghosts', 'gone', 'active', 'batches'])('count anew what cannot be read: %s [case:R16]', async (field) => {
    await queue().configure('concurrency', '5');
    await spoil(field, 'garbage');
    const { found, outcomes, after } = await repaired();
    expect([found, outcomes, after]).toEqual([[`unreadable q ${field}`], ['mended'], []]);
    expect(await meta(field)).toBe('0');
  });

  it('keep what cannot be read where a key of that name was set aside before', async () => {
    await queue().redis.set(`${queue().base}!q`, 'foreign');
    await spoil('grace', 'garbage');
    expect((await repaired()).after).toEqual([]);
    expect(await queue().redis.hgetall(`${queue().base}!q!2`)).toEqual({ grace: 'garbage' });
  });
});
