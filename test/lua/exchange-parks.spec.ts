import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { envelope } from './support/records.js';

const queue = luaQueue();

describe('exchange parks', () => {
  it('a worker for which the queue ran dry, and says how long it may sleep [core:B13]', async () => {
    await queue().add('a', ['later', 'd7000']);
    const worker = await queue().worker('E');
    const reply = await worker.exchange({ want: 5, park: 1 });
    expect(reply).toMatchObject({ dry: 1, due: 7_000 });
    expect(reply.leased).toHaveLength(1);
    expect((await queue().dump())['i']).toEqual(['E']);
  });

  it('nobody who asks for nothing, or whose want was filled', async () => {
    await queue().add('a', 'b', 'c');
    const worker = await queue().worker('E');
    expect(await worker.exchange({ want: 2, park: 1 })).toMatchObject({ dry: 0, due: -1 });
    expect(await worker.exchange({ want: 0, park: 1 })).toMatchObject({ dry: 0 });
    expect((await queue().dump())['i']).toBeUndefined();
  });

  it('a worker no longer that found enough, and wakes another one for what is left [core:B13]', async () => {
    const [first, second] = [await queue().worker('E'), await queue().worker('F')];
    await first.exchange({ want: 1, park: 1 });
    await queue().redis.sadd(queue().key('i'), 'E', 'F');
    await queue().redis.rpush(queue().key('r'), 'a', 'b');
    await queue().redis.hset(queue().key('j'), { a: envelope(START), b: envelope(START) });
    await first.exchange({ want: 1, park: 2 });
    expect((await queue().dump())['i']).toBeUndefined();
    expect(await second.lease(1)).toHaveLength(1);
  });

  it('and wakes nobody but others: a worker that found enough is not parked any more', async () => {
    const worker = await queue().worker('E');
    await worker.exchange({ want: 1, park: 1 });
    await queue().redis.sadd(queue().key('i'), 'E');
    await queue().add('a');
    await queue().redis.sadd(queue().key('i'), 'E');
    const { publish = 0, srem = 0 } = await queue().callsOf(() => worker.exchange({ want: 1, park: 2 }));
    expect([publish, srem]).toEqual([0, 1]);
  });

  it('nobody among ghosts: where more than 1,000 lie before a job, it is to ask again at once [core:A18]', async () => {
    const ids = Array.from({ length: 2_500 }, (_, i) => `g${i}`);
    for (let i = 0; i < ids.length; i += 500) await queue().add(...ids.slice(i, i + 500));
    await queue().add('live');
    for (let i = 0; i < ids.length; i += 500) await queue().cancel(...ids.slice(i, i + 500));
    const worker = await queue().worker('E');
    const first = await worker.exchange({ want: 10, park: 1 });
    expect(first).toMatchObject({ jobs: [], dry: 0, due: -1 });
    expect((await queue().dump())['i']).toBeUndefined();
    expect(await queue().redis.llen(queue().key('r'))).toBeGreaterThan(1_400);
    let leased = first.leased;
    for (let calls = 1; leased.length === 0; calls++) {
      expect(calls).toBeLessThan(4);
      leased = (await worker.exchange({ want: 10, park: 1 })).leased;
    }
    expect(leased.map(({ id }) => id)).toEqual(['live']);
  });
});

describe('exchange tells what was taken away', () => {
  it('until the worker has shown that it knows [core:B2]', async () => {
    await queue().add('a', 'b', 'c');
    const worker = await queue().worker('E');
    await worker.lease(3);
    await queue().cancel('a', 'b');
    const both = '1\ta\t0.1\tcancelled\n2\tb\t0.1\tcancelled\n';
    expect((await worker.exchange()).taken).toBe(both);
    expect((await worker.exchange()).taken).toBe(both);
    expect((await worker.exchange({ received: 1 })).taken).toBe('2\tb\t0.1\tcancelled\n');
    expect((await worker.exchange({ received: 2 })).taken).toBe('');
    await queue().cancel('c');
    expect((await worker.exchange({ received: 2 })).taken).toBe('3\tc\t0.1\tcancelled\n');
  });
});
