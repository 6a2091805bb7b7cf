import type { Leased, LuaWorker } from '../lua-worker.js';
import type { Cell } from './cell.js';
import type { Step } from './interleave.js';

/** Takes one job at a time and completes it, or vanishes with it. */
export function oneByOne(cell: Cell, of: LuaWorker, rounds: number, vanishes = 0): Step[] {
  let jobs: Leased[] = [];
  let isGone = false;
  return Array.from({ length: 2 * rounds }, (_, i) => async () => {
    if (isGone) return;
    if (i % 2 === 0) jobs = await cell.take(of);
    else if (cell.random.chance(vanishes)) isGone = true;
    else await cell.finish(of, jobs[0]);
  });
}

/** Somebody looks often enough, and what vanished comes back. */
export function sweeps(cell: Cell): Step[] {
  return Array.from({ length: 8 }, () => async () => {
    cell.pass(5_000);
    const before = new Set(await cell.ids('active'));
    await cell.housekeep();
    for (const id of before) if ((await cell.state(id)) !== 'active') cell.held.delete(id);
  });
}
