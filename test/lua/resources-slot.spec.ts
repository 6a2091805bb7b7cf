import { beforeEach, describe, expect, it } from '@jest/globals';

import { limitResources } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue, type TestQueue } from './support/harness.js';
import { assertInvariants } from './support/invariants.js';
import { body } from './support/records.js';

const queue = luaQueue({ slot: 'shop' });
let other: TestQueue;

beforeEach(async () => {
  other = await queue().neighbour('other');
  await queue().run(limitResources, { rows: ['gpu', '1'] });
});

async function add(to: TestQueue, id: string): Promise<void> {
  const { laneId, seq } = to.lane();
  await to.raw('add-checked', laneId, seq, 0, `${id}\t\nr\tgpu\t1`, body());
}

/** The keys that all queues of the slot share. */
const shared = (suffix: string): string => `${queue().base.replace(/}.*/, '}')}:${suffix}`;

describe('queues of one slot', () => {
  it('share their resources: who waits in another queue is called, and a worker of it woken [seed:O7]', async () => {
    await add(queue(), 'a');
    await add(other, 'b');
    const [here, there] = [await queue().worker('E'), await other.worker('F')];
    const [a] = await here.lease(1);
    expect((await there.exchange({ want: 1, park: 1 })).leased).toEqual([]);
    expect(await queue().redis.zrange(shared('rw:gpu'), 0, '-1')).toEqual(['other\tb']);
    expect(await other.counts()).toMatchObject({ waiting: 1 });
    await here.end(a);
    expect(await other.redis.smembers(other.key('i'))).toEqual([]);
    const [b] = await there.lease(1);
    expect([b?.id, await queue().redis.hgetall(shared('ru'))]).toEqual(['b', { gpu: '1' }]);
    await there.end(b);
    expect(await queue().redis.exists([shared('ru'), shared('rw:gpu'), shared('rn')])).toBe(0);
    await assertInvariants(other);
  });

  it('do not hold a resource while they are paused: a job that was called there lets others pass, and keeps its turn', async () => {
    for (const id of ['a', 'c']) await add(queue(), id);
    await add(other, 'b');
    const [here, there] = [await queue().worker('E'), await other.worker('F')];
    const [a] = await here.lease(1);
    await there.lease(1);
    await other.raw('pause', 1);
    await here.end(a);
    const [c] = await here.lease(1);
    expect(c?.id).toBe('c');
    await add(queue(), 'd');
    await other.raw('pause', 0);
    expect(await there.lease(1)).toEqual([]);
    expect((await here.exchange({ want: 1, ends: [[c, '5']] })).leased).toEqual([]);
    expect((await there.lease(1)).map(({ id }) => id)).toEqual(['b']);
    await assertInvariants(other);
  });

  it('take a job along that waits for a resource when it is moved', async () => {
    for (const id of ['a', 'b']) await add(queue(), id);
    const here = await queue().worker('E');
    const [a] = await here.lease(2);
    expect(await queue().move('b', 'other')).toBe('M');
    expect(await queue().counts()).toMatchObject({ waiting: 0 });
    const there = await other.worker('F');
    expect(await there.lease(1)).toEqual([]);
    await here.end(a);
    expect((await there.lease(1)).map(({ id }) => id)).toEqual(['b']);
    await assertInvariants(other);
  });

  it('strike from their lines who waited in a queue that was deleted', async () => {
    await add(queue(), 'a');
    await add(other, 'b');
    const [here, there] = [await queue().worker('E'), await other.worker('F')];
    const [a] = await here.lease(1);
    await there.lease(1);
    await other.redis.del(await other.redis.keys(`${other.base}:*`));
    await here.end(a);
    expect(await queue().redis.exists([shared('ru'), shared('rw:gpu'), shared('rn')])).toBe(0);
    expect(await other.redis.keys(`${other.base}:*`)).toEqual([]);
  });
});
