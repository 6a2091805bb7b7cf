import { expect } from '@jest/globals';

import * as scripts from '../../../../libs/core/src/redis/scripts.generated.js';
import { define, fire } from '../lua-schedule.js';
import { START } from '../lua-queue.js';
import type { Leased, LuaWorker } from '../lua-worker.js';
import { body } from '../records.js';
import type { Race, Step } from './interleave.js';
import { oneByOne } from './workers.js';

/** X12: many fire the same times. */
export const manyFire: Race = {
  async prepare(cell) {
    await define(cell, { nextAt: START + 1_000 });
    const tick: Step = async () => {
      const at = START + 1_000 * (1 + cell.random.int(3));
      if (at > cell.now) return;
      await cell.run(scripts.fire, firingAt(at));
    };
    cell.pass(3_000);
    return {
      parties: Array.from({ length: 5 }, () => [tick, tick, tick]),
      async judge() {
        const { ids } = await cell.run(scripts.list, { state: 'waiting', cursor: '', limit: 100, reverse: 0 });
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBeLessThanOrEqual(3);
        const stored = await cell.redis.hget(cell.key('sc'), 'nightly');
        expect(Number(stored?.split(',')[1])).toBe(ids.length);
      },
    };
  },
};

function firingAt(at: number): Parameters<typeof scripts.fire.encode>[0] {
  return {
    id: 'nightly',
    hash: 'h1',
    at,
    nextAt: at + 1_000,
    left: 0,
    alone: 0,
    rows: [String(at), 'ck,m3600000', body()],
  };
}

/** X13: a schedule is taken away, or said anew, while it fires and its job fails and is retried. */
export const scheduleGoes: Race = {
  async prepare(cell) {
    await define(cell, { nextAt: START + 1_000 });
    cell.pass(2_000);
    const e = await cell.worker('E');
    let isRemoved = false;
    let firedAfter = 0;
    const shoot: Step = async () => {
      const late = isRemoved;
      const fired = await fire(cell, { at: START + 1_000, nextAt: START + 2_000 });
      if (late && typeof fired === 'number') firedAfter += fired;
    };
    let job: Leased | undefined;
    return {
      parties: [
        [shoot, shoot],
        [shoot],
        [
          async () => {
            await cell.run(scripts.unschedule, { ...cell.lane(), id: 'nightly', hash: '' });
            isRemoved = true;
          },
        ],
        [
          async () => ([job] = await cell.take(e)),
          () => cell.finish(e, job, 'f5\t0\tgreet\tno'),
          async () => job !== undefined && cell.retry(job.id),
        ],
      ],
      async judge() {
        await shoot();
        expect(firedAfter).toBe(0);
        const { sc, sn, sp, si } = await cell.dump();
        expect([sc, sn, sp, si]).toEqual([undefined, undefined, undefined, undefined]);
        await cell.drainAll();
        expect(new Set(cell.leases).size).toBeLessThanOrEqual(1);
        expect(cell.leases.length).toBeLessThanOrEqual(2);
      },
    };
  },
};

/** X14: the queue is paused while workers ask and jobs fall due. */
export const paused: Race = {
  async prepare(cell) {
    await cell.add('a', 'b', ['c', 'd5'], ['d', 'd10']);
    let isPaused = false;
    const asks = async (of: LuaWorker): Promise<void> => {
      const was = isPaused;
      const jobs = await cell.take(of);
      if (was && jobs.length > 0) throw new Error(`${jobs[0]?.id} was given although the queue is paused`);
    };
    const workers = await Promise.all(['E', 'F'].map((epoch) => cell.worker(epoch)));
    return {
      parties: [
        [
          async () => {
            await cell.run(scripts.pause, { on: 1 });
            isPaused = true;
          },
        ],
        [async () => cell.pass(5), () => cell.housekeep(), async () => cell.pass(5), () => cell.promote('d')],
        ...workers.map((of) => Array.from({ length: 3 }, () => () => asks(of))),
      ],
      async judge() {
        await Promise.all(workers.map((of) => asks(of)));
        isPaused = false;
        await cell.run(scripts.pause, { on: 0 });
        for (const of of workers) await of.close();
        await cell.drainAll();
        expect([...cell.completed].sort()).toEqual(['a', 'b', 'c', 'd']);
      },
    };
  },
};

/** X18: a queue is drained while jobs come and are taken. */
export const drained: Race = {
  async prepare(cell) {
    await cell.add('a', 'b', ['c', 'd5']);
    const e = await cell.worker('E');
    const later: string[] = [];
    let isDrained = false;
    const add =
      (id: string): Step =>
      async () => {
        if (isDrained) later.push(id);
        await cell.add(id);
      };
    return {
      parties: [
        [
          async () => {
            await cell.run(scripts.drain, { ...cell.lane(), state: 'waiting', limit: 500 });
            isDrained = true;
          },
        ],
        [add('x'), add('y')],
        [add('z')],
        oneByOne(cell, e, 2),
      ],
      async judge() {
        cell.pass(5);
        await cell.housekeep();
        await cell.drainAll();
        expect(cell.completed).toEqual(expect.arrayContaining([...later, 'c']));
        expect(new Set(cell.completed).size).toBe(cell.completed.length);
        const { j, m, r } = await cell.dump();
        expect([Object.keys(j ?? {}).sort(), m, r]).toEqual([[...cell.completed].sort(), undefined, undefined]);
      },
    };
  },
};

/** X19: a finished job is past its retention while it is read, retried, or depended on. */
export const trimmed: Race = {
  async prepare(cell) {
    await cell.configure('keep:completed', '1,10');
    await cell.add('a', 'b', 'c');
    const e = await cell.worker('E');
    const read: Step = async () => {
      const { rows } = await cell.run(scripts.get, { ids: ['a', 'b', 'c'] });
      for (let i = 0; i < rows.length; i += 10) {
        const [, state, text, , end] = [rows[i], rows[i + 1], rows[i + 2], rows[i + 3], rows[i + 4]];
        if (state === '') continue;
        if (!text?.startsWith('1')) throw new Error(`${state}, and no record`);
        if (state === 'completed' && !JSON.stringify(rows.slice(i, i + 10)).includes('"c'))
          throw new Error(`no outcome: ${end}`);
      }
    };
    const depend: Step = async () => {
      const reply = await cell.addRows([['d\tck,m60000\nd\tf\ta', body()]]);
      cell.done.push(`depends: ${JSON.stringify(reply)}`);
    };
    return {
      parties: [
        oneByOne(cell, e, 3),
        [read, read, read],
        [() => cell.retry('a'), () => cell.retry('b')],
        [depend],
        [async () => cell.pass(20), () => cell.housekeep(), async () => cell.pass(20), () => cell.housekeep()],
      ],
      async judge() {
        await read();
        await cell.drainAll();
        await read();
        expect(await cell.counts()).toMatchObject({ waiting: 0, active: 0, blocked: 0 });
      },
    };
  },
};
