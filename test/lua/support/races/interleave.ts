import type { TestQueue } from '../harness.js';
import { assertInvariants } from '../invariants.js';
import { Random } from '../random.js';
import { Cell } from './cell.js';

/** A call of a client, or a few that it makes at once. */
export type Step = () => Promise<unknown>;

/** What meets: each party makes its calls in their order; what stands between two of them is chance. */
export interface Race {
  /** Makes the queue, its jobs and its workers. */
  prepare(cell: Cell): Promise<Meeting>;
}

/** The parties of one cell, and what must be true when all have done what they do. */
export interface Meeting {
  readonly parties: readonly (readonly Step[])[];
  judge(): Promise<void>;
}

/** Cells that run at the same time, so that the server never waits. */
const ABREAST = 40;

/** In how many orders each race is run. The full number is 10,000. */
export const ROUNDS = Number(process.env['MILLRACE_RACE_ROUNDS'] ?? 40);
export const SEED = Number(process.env['MILLRACE_RACE_SEED'] ?? 20_261_123);

/** Runs a race in many orders, and judges each. One queue in forty is checked as a whole, too. */
export async function interleave(race: Race, own: TestQueue): Promise<void> {
  const random = new Random(SEED);
  for (let from = 0; from < ROUNDS; from += ABREAST) {
    const size = Math.min(ABREAST, ROUNDS - from);
    const seeds = Array.from({ length: size }, () => random.int(2 ** 31));
    await Promise.all(seeds.map((seed, i) => meet(race, own, seed, i === 0)));
    await own.redis.flushall();
  }
}

async function meet(race: Race, own: TestQueue, seed: number, isChecked: boolean): Promise<void> {
  const cell = new Cell(own.redis, `${own.base.replace(/\{.*$/, '')}{c${seed}}3:own`, new Random(seed));
  await cell.raw('declare', 1);
  try {
    const { parties, judge } = await race.prepare(cell);
    const left = parties.map((steps) => [...steps]);
    for (let going = left; going.length > 0; going = going.filter((steps) => steps.length > 0)) {
      await cell.random.pick(going).shift()?.();
    }
    await judge();
    if (isChecked) await assertInvariants(cell);
  } catch (error) {
    (error as Error).message += `\nin the cell of seed ${seed}:\n  ${cell.done.join('\n  ')}`;
    throw error;
  }
}
