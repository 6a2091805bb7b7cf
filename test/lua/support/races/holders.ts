import { expect } from '@jest/globals';

import { addChecked, promote } from '../../../../libs/core/src/redis/scripts.generated.js';
import type { Leased, LuaWorker } from '../lua-worker.js';
import { body } from '../records.js';
import { KEY, row } from '../unique-row.js';
import type { Cell } from './cell.js';
import type { Race, Step } from './interleave.js';

const FAIL = 'f5\t0\tgreet\tno';

/** Takes jobs and ends each as `code` says, one call after the other. */
function work(cell: Cell, worker: LuaWorker, rounds: number, code: () => string = () => '5'): Step[] {
  let jobs: Leased[] = [];
  const steps: Step[] = [];
  for (let round = 0; round < rounds; round++) {
    steps.push(async () => (jobs = await cell.take(worker)));
    steps.push(() => cell.finish(worker, jobs[0], code()));
  }
  return steps;
}

/** Adds `c`, which waits for `a` and `b`. */
function addDependent(cell: Cell, policy = 'f'): Step {
  return async () => {
    const reply = await cell.run(addChecked, {
      ...cell.lane(),
      atomic: 0,
      rows: [`c\tck,m60000\nd\t${policy}d\ta\tb`, body(), `d\tck,m60000\nd\t${policy}d\tc`, body()],
    });
    cell.done.push(`added c and d: ${reply.code}`);
  };
}

/** X8, X9: the last of what a job waits for ends while the job is added; both end at once. */
export const lastParent: Race = {
  async prepare(cell) {
    await cell.addChecked('a', 'ck,m60000');
    await cell.addChecked('b', 'ck,m60000');
    const [e, f, g] = [await cell.worker('E'), await cell.worker('F'), await cell.worker('G')];
    return {
      parties: [[addDependent(cell)], work(cell, e, 1), work(cell, f, 1), work(cell, g, 2)],
      async judge() {
        await cell.drainAll();
        expect([...cell.completed].sort()).toEqual(['a', 'b', 'c', 'd']);
        const at = (id: string): number => cell.completed.indexOf(id);
        expect(cell.leases.indexOf('c')).toBeGreaterThanOrEqual(2);
        expect([at('c') > Math.max(at('a'), at('b')), at('d') > at('c')]).toEqual([true, true]);
        const dump = await cell.dump();
        expect(Object.keys(dump).filter((key) => /^(b|dq|d[dlf]:.*|dx:.*)$/.test(key))).toEqual([]);
      },
    };
  },
};

/** X10: what a job waits for fails, is cancelled or removed, while the job is added. */
export const parentEnds: Race = {
  async prepare(cell) {
    await cell.addChecked('a', 'ck,m60000');
    await cell.addChecked('b', 'ck,m60000');
    const policy = cell.random.pick(['f', 'c', 'r']);
    const worker = await cell.worker('E');
    const end: Step = cell.random.pick<Step>([
      async () => cell.finish(worker, (await cell.take(worker))[0], FAIL),
      () => cell.cancel('a'),
      () => cell.remove('a'),
    ]);
    return {
      parties: [[addDependent(cell, policy)], [end], work(cell, await cell.worker('F'), 1), [() => cell.housekeep()]],
      async judge() {
        await cell.drainAll();
        const states = [await cell.state('c'), await cell.state('d')];
        // Where all had gone well by then, or what is missing counts as done, the jobs complete.
        const bad = { f: ['failed', 'failed'], c: ['cancelled', 'cancelled'], r: ['completed', 'completed'] }[policy];
        expect([JSON.stringify(bad), '["completed","completed"]']).toContain(JSON.stringify(states));
        expect(await cell.counts()).toMatchObject({ blocked: 0, waiting: 0, active: 0 });
      },
    };
  },
};

/** X11: adds with one key meet the end, the expiry and the removal of the job that holds it. */
export const oneKey: Race = {
  async prepare(cell) {
    const forMs = cell.random.chance(0.5) ? '40' : '';
    const add =
      (id: string): Step =>
      async () => {
        const reply = await cell.addRows([row(id, 'k', { ms: forMs })]);
        cell.done.push(`add ${id} at ${cell.now}: ${JSON.stringify(reply)}`);
        await soleOwner(cell, forMs !== '');
      };
    await add('a')();
    const worker = await cell.worker('E');
    return {
      parties: [
        [add('b'), add('c')],
        [add('d')],
        work(cell, worker, 2),
        [() => cell.remove('a'), () => cell.cancel('b'), () => cell.retry('b')],
        [async () => cell.pass(25), () => cell.housekeep(), async () => cell.pass(25), () => cell.housekeep()],
      ],
      async judge() {
        await soleOwner(cell, forMs !== '');
        await cell.drainAll();
        cell.pass(1_000);
        await cell.housekeep();
        const { uk, uz } = await cell.dump();
        expect([uk, uz]).toEqual([undefined, undefined]);
      },
    };
  },
};

/** Of the live jobs with the key at most one holds it; without an expiry there is no other. */
async function soleOwner(cell: Cell, expires: boolean): Promise<void> {
  const ids = ['a', 'b', 'c', 'd'];
  const states = await Promise.all(ids.map((id) => cell.state(id)));
  const live = ids.filter((_, i) => ['waiting', 'active', 'retrying', 'delayed'].includes(states[i] ?? ''));
  if (!expires && live.length > 1) throw new Error(`live with one key: ${live.join()}`);
  const owner = (await cell.redis.hget(cell.key('uk'), KEY))?.split('\t')[0];
  if (!expires && owner !== undefined && !live.includes(owner))
    throw new Error(`the key is held by ${owner}, which is over`);
  if (!expires && live.length === 1 && owner !== live[0]) throw new Error(`${live[0]} does not hold its key`);
}

/** X21, X22: promoted by hand, promoted when due, and changed in priority, while workers ask. */
export const promoted: Race = {
  async prepare(cell) {
    await cell.addChecked('a', 'ck,m60000,d10');
    cell.pass(cell.random.int(15));
    const [e, f] = [await cell.worker('E'), await cell.worker('F')];
    const hand: Step = () => cell.run(promote, { ...cell.lane(), ids: ['a'] });
    return {
      parties: [
        [hand],
        [hand, () => cell.prioritize('a', 5), () => cell.prioritize('a', 0)],
        [() => cell.housekeep(), async () => cell.pass(10), () => cell.housekeep()],
        work(cell, e, 2),
        work(cell, f, 2),
      ],
      async judge() {
        await cell.drainAll();
        expect([cell.leases, cell.completed]).toEqual([['a'], ['a']]);
      },
    };
  },
};
