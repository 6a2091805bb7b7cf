import { describe, expect, it } from '@jest/globals';

import { list } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

/** All pages of a state; `between` runs after each. */
async function pages(
  state: string,
  limit: number,
  reverse = 0,
  between?: (ids: readonly string[]) => Promise<unknown>,
) {
  const found: string[][] = [];
  for (let cursor = ''; ;) {
    const page = await queue().run(list, { state, cursor, limit, reverse });
    found.push([...page.ids]);
    if (page.cursor === '') return found;
    cursor = page.cursor;
    await between?.(page.ids);
  }
}

let epochs = 0;
const numbered = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i}`);

describe('list', () => {
  it.each(['waiting', 'active', 'delayed', 'retrying', 'completed', 'failed', 'timed_out', 'broken', 'cancelled'])(
    'of %s is one empty page in an empty queue',
    async (state) => {
      expect(await pages(state, 10)).toEqual([[]]);
    },
  );

  it('gives the waiting jobs in the order in which they will run, those without a handler last [seed:Q4, seed:Q19]', async () => {
    await queue().add(
      'set aside',
      'a',
      'b',
      ['low', 'p-1', { fields: 'p-1' }],
      ['high', 'p1', { fields: 'p1' }],
      'gone',
      'c',
    );
    const worker = await queue().worker('E');
    const jobs = await worker.lease(2);
    await worker.exchange({
      ends: [
        [jobs[0]!, 'g0\t0\t\t'],
        [jobs[1]!, 'n0\t0\tgreet\t'],
      ],
    });
    await queue().cancel('gone');
    const order = ['high', 'a', 'b', 'c', 'low', 'set aside'];
    expect((await pages('waiting', 2)).flat()).toEqual(order);
    expect(await pages('waiting', 10)).toEqual([order]);
  });

  it.each(['delayed', 'retrying'])(
    'pages through the %s jobs, the first due first, exactly under change',
    async (state) => {
      const ids = numbered('a', 10);
      if (state === 'delayed') await queue().add(...ids.map((id, i) => [id, `d${10 + i}`] as const));
      else {
        await queue().add(...ids);
        const worker = await queue().worker('E');
        const jobs = await worker.lease(10);
        await worker.exchange({ ends: jobs.map((job, i) => [job, `r1\t${10 + i}\t\t`]) });
      }
      expect(await pages(state, 4)).toEqual([ids.slice(0, 4), ids.slice(4, 8), ids.slice(8)]);
      expect((await pages(state, 4, 1)).flat()).toEqual([...ids].reverse());
      const seen = await pages(state, 4, 0, async (page) => {
        await queue().add([`new${page[0]}`, 'd1']);
        await queue().cancel(page[3]!);
      });
      expect(seen.flat()).toEqual(ids);
    },
  );

  it('pages through finished jobs both ways, then through those with an age of their own', async () => {
    await queue().add(...numbered('a', 5), ...['k1', 'k2', 'k3'].map((id) => [id, '', { fields: 'k5000:' }] as const));
    const worker = await queue().worker('E');
    for (const job of await worker.lease(8)) {
      queue().pass(1);
      await worker.end(job);
    }
    expect(await pages('completed', 3)).toEqual([
      ['a0', 'a1', 'a2'],
      ['a3', 'a4', 'k1'],
      ['k2', 'k3'],
    ]);
    expect(await pages('completed', 5)).toEqual([numbered('a', 5), ['k1', 'k2', 'k3']]);
    expect((await pages('completed', 3, 1)).flat()).toEqual(['a4', 'a3', 'a2', 'a1', 'a0', 'k3', 'k2', 'k1']);
  });

  it('does not lose its place when jobs with the same end are deleted under it', async () => {
    await queue().add(...numbered('a', 9));
    const worker = await queue().worker('E');
    const jobs = await worker.lease(9);
    await worker.exchange({ ends: jobs.map((job) => [job, '1']) });
    const seen = await pages('completed', 3, 0, (page) => queue().remove(page[0]!));
    expect(seen.flat()).toEqual(numbered('a', 9));
  });

  it('does not lose its place among completed jobs when others end, are pruned or retried [case:X20]', async () => {
    const finish = async (...ids: string[]): Promise<void> => {
      await queue().add(...ids);
      const worker = await queue().worker(`E${epochs++}`);
      for (const job of await worker.lease(ids.length)) await worker.end(job);
      await worker.close();
    };
    await finish(...numbered('a', 9));
    await queue().configure('keep:completed', '8,');
    let rounds = 0;
    const change = async (): Promise<void> => {
      rounds++;
      if (rounds === 1) {
        await queue().retry('a5');
        await queue().remove('a7');
      }
      await finish(`b${rounds}`);
      await queue().housekeep();
    };
    const forward = await pages('completed', 3, 0, change);
    // The retried one ran with b1, and is the last but the later ones.
    expect(forward.flat().slice(0, 6)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a6']);
    expect(new Set(forward.flat()).size).toBe(forward.flat().length);
    const before = (await pages('completed', 3)).flat();
    expect((await pages('completed', 3, 1)).flat()).toEqual([...before].reverse());
    const backward = await pages('completed', 3, 1, change);
    expect(backward.flat()).toEqual([...before].reverse().filter((id) => backward.flat().includes(id)));
  });

  it('knows a job that completed twice once, and prunes it with its last end [core:B10]', async () => {
    const run = async (): Promise<void> => {
      const worker = await queue().worker(`E${epochs++}`);
      await worker.end(await worker.leaseOne());
      await worker.close();
    };
    for (const id of ['a', 'b', 'c']) {
      await queue().add(id);
      await run();
    }
    for (let n = 0; n < 3; n++) {
      await queue().retry('a');
      await run();
    }
    expect(await pages('completed', 10)).toEqual([['b', 'c', 'a']]);
    await queue().configure('keep:completed', '1,');
    for (let n = 0; n < 4; n++) await queue().housekeep();
    expect(await pages('completed', 10)).toEqual([['a']]);
    expect((await queue().dump())['fc']).toHaveLength(1);
    expect(await queue().state('a')).toBe('completed');
  });

  it('gives the running jobs worker by worker', async () => {
    await queue().add(...numbered('a', 6));
    await (await queue().worker('E')).lease(3);
    await (await queue().worker('F')).lease(3);
    expect((await pages('active', 2)).map((page) => page.length)).toEqual([3, 3]);
    expect((await pages('active', 100)).flat().sort()).toEqual(numbered('a', 6));
  });

  it('looks at 2,000 entries at most, and gives a short page with a cursor [core:A18]', async () => {
    const ids = numbered('a', 5_000);
    for (let i = 0; i < 5_000; i += 1_000) await queue().add(...ids.slice(i, i + 1_000));
    await queue().add('live');
    for (let i = 0; i < 5_000; i += 1_000) await queue().cancel(...ids.slice(i, i + 1_000));
    const { lrange = 0, hget = 0 } = await queue().callsOf(() =>
      queue().run(list, { state: 'waiting', cursor: '', limit: 100, reverse: 0 }),
    );
    expect(lrange).toBeLessThanOrEqual(25);
    expect(hget).toBeLessThanOrEqual(2_000);
    const found = await pages('waiting', 100);
    expect(found.flat()).toEqual(['live']);
    expect(found.length).toBeGreaterThan(1);
  });
});

describeMalformed(
  queue,
  'list',
  [
    ['a state that is none', ['stalled', '', 10, 0], /PROTOCOL There is no state "stalled"/],
    ['a limit of 0, which would be no limit at all', ['completed', '', 0, 0], /PROTOCOL limit/],
    ['a limit above 1,000', ['completed', '', 1_001, 0], /PROTOCOL limit/],
    ['a cursor of another state', ['completed', '1:5', 10, 0], /INVALID_OPTION The cursor/],
    ['a cursor that is none', ['waiting', 'x', 10, 0], /INVALID_OPTION The cursor/],
    ['a cursor of waiting jobs for active ones', ['active', '1:5', 10, 0], /INVALID_OPTION The cursor/],
  ],
  (prepared) => prepared.add('a'),
);
