import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { move } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue, type TestQueue } from './support/harness.js';
import { assertInvariants } from './support/invariants.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';
import { START } from './support/lua-queue.js';
import { body, type JobSketch } from './support/records.js';

const queue = luaQueue({ slot: 'shop' });
let other: TestQueue;

beforeEach(async () => {
  other = await queue().neighbour('other');
});
afterEach(() => assertInvariants(other));

describe('move', () => {
  it('puts a waiting job into another queue: same id and data, and nothing of it stays [seed:Q1]', async () => {
    await queue().add(['a', '', { payload: 'data', options: '{"maxAttempts":2}' }]);
    const envelope = await queue().redis.hget(queue().key('j'), 'a');
    expect(await queue().move('a', 'other')).toBe('M');
    expect((await queue().dump())['j']).toBeUndefined();
    expect(await other.redis.hgetall(other.key('j'))).toEqual({ a: envelope });
    expect(await other.ids('waiting')).toEqual(['a']);
  });

  it('gives a failed job all its attempts again, and takes away its error, notes and outcome [seed:Q1, seed:R2]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await queue().raw('note', 'E', 'a', job.token, 't', 'step', '1');
    await worker.end(job, 'f1\t\t\t{"message":"no"}');
    expect(await queue().move('a', 'other')).toBe('M');
    const left = await queue().dump();
    for (const key of ['j', 'm', 'o', 'e', 'f:failed', 's:a']) expect(left[key]).toBeUndefined();
    expect(await other.dump()).toMatchObject({ m: { a: '10,0,0,1,,' }, r: ['a\t1'] });
    expect(Object.keys(await other.dump())).toEqual(['j', 'm', 'q', 'r']);
  });

  it.each([
    ['delayed', ['a', 'd1000'] as const],
    ['with a priority', ['a', 'p5', { fields: 'p5' }] as const],
    ['with a priority below 0', ['a', 'p-5', { fields: 'p-5' }] as const],
  ])('takes a job that is %s out of its collection, and keeps its priority', async (_, row) => {
    await queue().add([...row]);
    expect(await queue().move('a', 'other')).toBe('M');
    expect(await queue().counts()).toMatchObject({ waiting: 0, delayed: 0 });
    expect(await other.state('a')).toBe('waiting');
    expect((await other.dump())['pp'] !== undefined).toBe(row[1] === 'p5');
  });

  it('takes name, data, priority and time of the call', async () => {
    await queue().add(['a', 'p5', { fields: 'p5' }]);
    await queue().move('a', 'other', 'd20,p-1', { name: 'bill', data: '{"n":1}' });
    expect(await other.dump()).toMatchObject({
      d: { a: START + 20 },
      j: { a: `1${START}p\tbill\tp5\t\n{"n":1}` },
      m: { a: '10,0,0,1,,-1' },
    });
    other.now = START + 20;
    await other.housekeep();
    expect(Object.keys((await other.dump())['pn'] ?? {})).toEqual(['a']);
  });

  it('into the same queue puts a job anew, at the back [seed:Q1]', async () => {
    await queue().add('a', 'b');
    expect(await queue().move('a')).toBe('M');
    expect(await queue().move('b', 'own', 'd5')).toBe('M');
    expect([await queue().ids('waiting'), await queue().ids('delayed')]).toEqual([['a'], ['b']]);
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), '1');
    expect(await queue().move('a')).toBe('M');
    expect((await worker.leaseOne()).id).toBe('a');
  });

  it('takes tags, unique key, given id and who waits for the job along', async () => {
    const rows = ['a\tck,m5000\nt\tred\tblue\nu\t77\tu\t\tj', body({ fields: 'u77' })];
    await queue().raw('add-checked', 'l', 1, 1, ...rows);
    await queue().raw('wait', 'a', 'channel', 1_000);
    await queue().move('a', 'other');
    const left = await queue().dump();
    for (const key of ['x', 'tg:red', 'tc', 'uk', 'ids', 'aw']) expect(left[key]).toBeUndefined();
    expect(await other.dump()).toMatchObject({
      x: { a: 't\tred\tblue' },
      'tg:red': { a: START },
      uk: { '77': 'a\t' },
      ids: { a: START + 5_000 },
      aw: { a: `${START + 1_000}\tchannel` },
    });
    const worker = await other.worker('E');
    await worker.end(await worker.leaseOne(), '1');
    expect((await other.dump())['uk']).toBeUndefined();
  });

  it('says what is in its way, and changes nothing then [seed:Q2]', async () => {
    await queue().add('active', 'twin');
    const worker = await queue().worker('E');
    const [active] = await worker.lease(1);
    await other.add('twin');
    const rows = ['keyed\tck,m5000\nu\t77\tu\t\tj', body({ fields: 'u77' })];
    await queue().raw('add-checked', 'l', 1, 1, ...rows);
    await other.raw('add-checked', 'l', 1, 1, 'k2\tck,m5000\nu\t77\tu\t\tj', body({ fields: 'u77' }));
    const before = await other.dump();
    const { reply, changed } = await queue().change(async () => [
      await queue().move('active', 'other'),
      await queue().move('twin', 'other'),
      await queue().move('keyed', 'other'),
      await queue().move('none', 'other'),
    ]);
    expect([reply, changed]).toEqual([['A', 'T', 'D', 'N'], {}]);
    expect(await other.dump()).toEqual(before);
    await worker.end(active);
  });

  it('tells of it: moved here, waiting there', async () => {
    await queue().configure('listening', '60000');
    await other.configure('listening', '60000');
    await queue().add('a');
    await queue().move('a', 'other');
    expect((await queue().told()).slice(-1)).toEqual(['m\ta\tgreet']);
    expect((await other.told()).slice(-1)).toEqual(['w\ta\tgreet']);
  });

  it('sent twice, moves once and answers the same [core:A13]', async () => {
    await queue().add('a');
    const call = { laneId: 'l', seq: 1, id: 'a', queue: 'other', how: '', name: '', hasData: 0, data: '' };
    expect(await queue().twice(move, call)).toEqual([
      { code: 'OK', fate: 'M' },
      { code: 'OK', fate: 'M' },
    ]);
    expect(await other.ids('waiting')).toEqual(['a']);
  });

  describe('of a job that has another one in store', () => {
    const risky = (fields = ''): JobSketch => ({
      onFailure: { id: 'Mint00000~1', body: body({ name: 'alarm', fields }) },
    });

    async function fail(at: TestQueue, epoch: string, times: number): Promise<void> {
      const worker = await at.worker(epoch);
      for (let n = 1; n <= times; n++) {
        await at.retry('a');
        const leased = await worker.lease(9);
        await worker.exchange({ ends: leased.map((job) => [job, job.id === 'a' ? 'f5\t\t\tno' : '5'] as const) });
      }
    }

    it('runs that one there when it fails, also where no job had a priority', async () => {
      await queue().add(['a', '', risky('p7')]);
      await queue().move('a', 'other');
      await fail(other, 'E', 1);
      const worker = await other.worker('F');
      expect((await worker.lease(5)).map(({ id }) => id)).toEqual(['Mint00000~1.2']);
    });

    it('adds it under an id that no job there has: one that it added before may have been moved there', async () => {
      await queue().add(['a', '', risky()]);
      await fail(queue(), 'E', 4);
      expect(await queue().move('Mint00000~1.4', 'other')).toBe('M');
      expect(await queue().move('a', 'other')).toBe('M');
      await fail(other, 'F', 2);
      expect((await other.ids('waiting')).concat(await other.ids('completed'))).toEqual([
        'Mint00000~1.5',
        'Mint00000~1.4',
        'Mint00000~1.3',
      ]);
    });
  });

  it('is refused as a whole when memory is full', async () => {
    await queue().add('a');
    await queue().withFullMemory(() => expect(queue().move('a', 'other')).rejects.toThrow(/OOM/));
    expect(await queue().state('a')).toBe('waiting');
  });

  it('refuses a queue that was not declared in the slot, or that lives by another time [core:A21]', async () => {
    await queue().add('a');
    await expect(queue().move('a', 'strange')).rejects.toThrow(/QUEUE_MISMATCH.*"strange" was not declared/);
    await other.redis.hset(other.key('q'), 'virtual', '0');
    await expect(queue().move('a', 'other')).rejects.toThrow(/QUEUE_MISMATCH/);
    await other.redis.hset(other.key('q'), 'virtual', '1', 'bits', '!');
    await expect(queue().move('a', 'other')).rejects.toThrow(/QUEUE_MISMATCH.*features/);
    await other.redis.hdel(other.key('q'), 'bits');
  });

  describeMalformed(
    queue,
    'move',
    [
      ...malformedLanes('a', '', '', '', 0, ''),
      ['an instruction that is none', ['l', 1, 'a', '', 'z', '', 0, ''], /PROTOCOL The instruction/],
      ['a name with a control character', ['l', 1, 'a', '', '', 'x\ty', 0, ''], /PROTOCOL The name/],
    ],
    (q) => q.add('a'),
  );
});

describe('move, of a queue with a slot of its own,', () => {
  const lonely = luaQueue();

  it('refuses any other queue [core:A21]', async () => {
    await lonely().add('a');
    await expect(lonely().move('a', 'other')).rejects.toThrow(/QUEUE_MISMATCH.*another slot.*same slot/);
    expect(await lonely().move('a')).toBe('M');
  });
});
