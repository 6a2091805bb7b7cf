import { expect } from '@jest/globals';

import { grouping } from '../grouping.js';
import type { LuaWorker } from '../lua-worker.js';
import type { Race, Step } from './interleave.js';
import { oneByOne, sweeps } from './workers.js';

/** X15: a rate that many use up, which is lowered, and of which some is lost with a worker. */
export const rate: Race = {
  async prepare(cell) {
    await cell.configure('rate', '3,100');
    await cell.add(...Array.from({ length: 12 }, (_, i) => `a${i}`));
    const starts: { at: number; max: number }[] = [];
    let max = 3;
    const asks =
      (of: LuaWorker): Step =>
      async () => {
        const jobs = await cell.take(of, 1 + cell.random.int(3));
        starts.push(...jobs.map(() => ({ at: cell.now, max })));
      };
    const workers = await Promise.all(['E', 'F', 'G', 'H'].map((epoch) => cell.worker(epoch)));
    return {
      parties: [
        ...workers.map((of) => [asks(of), asks(of), asks(of)]),
        Array.from({ length: 5 }, () => async () => cell.pass(10 + cell.random.int(50))),
        [
          async () => {
            await cell.configure('rate', '1,100');
            max = 1;
          },
        ],
      ],
      async judge() {
        for (const { at, max: bound } of starts) {
          const within = starts.filter((other) => other.at > at - 100 && other.at <= at);
          if (within.length > (bound === 1 && within.some((other) => other.max === 3) ? 3 : bound))
            throw new Error(`${within.length} started within 100 ms`);
        }
        for (const of of workers) await of.close();
        cell.leases.length = 0;
        await cell.configure('rate', '');
        await cell.drainAll();
        expect(cell.completed).toHaveLength(12);
      },
    };
  },
};

/** X16: a limit is lowered below what runs, while a worker vanishes. */
export const limit: Race = {
  async prepare(cell) {
    await cell.configure('concurrency', '3');
    await cell.add(...Array.from({ length: 8 }, (_, i) => `a${i}`));
    let most = 3;
    const guarded = (steps: Step[]): Step[] =>
      steps.map((step) => async () => {
        const before = cell.held.size;
        await step();
        if (cell.held.size > before && cell.held.size > most)
          throw new Error(`${cell.held.size} run, at most ${most} may`);
      });
    const workers = await Promise.all(['E', 'F', 'G', 'H'].map((epoch) => cell.worker(epoch)));
    return {
      parties: [
        ...workers.map((of) => guarded(oneByOne(cell, of, 3, 0.2))),
        sweeps(cell),
        [
          async () => {
            most = 1;
            await cell.configure('concurrency', '1');
          },
        ],
      ],
      async judge() {
        for (const step of sweeps(cell)) await step();
        await cell.drainAll();
        expect(new Set(cell.completed).size).toBe(8);
        expect(cell.completed).toHaveLength(8);
      },
    };
  },
};

/** X17: a group that runs one job at a time, and workers that vanish. */
export const group: Race = {
  async prepare(cell) {
    const groups = grouping(() => cell);
    await groups.setGroup('g', 'concurrency', '1');
    const ids = Array.from({ length: 6 }, (_, i) => `a${i}`);
    await groups.add('g', ids);
    const alone = (steps: Step[]): Step[] =>
      steps.map((step) => async () => {
        await step();
        if (cell.held.size > 1) throw new Error(`${[...cell.held].join(' and ')} run at once`);
      });
    const workers = await Promise.all(['E', 'F', 'G', 'H'].map((epoch) => cell.worker(epoch)));
    return {
      parties: [...workers.map((of) => alone(oneByOne(cell, of, 3, 0.2))), sweeps(cell)],
      async judge() {
        for (const step of sweeps(cell)) await step();
        await cell.drainAll();
        expect(cell.completed).toEqual(ids);
      },
    };
  },
};
