import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Queue } from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { Dice } from './support/fleet/dice.ts';
import { Fleet } from './support/fleet/fleet.ts';
import { PATIENCE, type WorkerProcess } from './support/fleet/worker-process.ts';

const DIAMONDS = 100;
const ROUNDS = 4;
const SETTINGS = { lease: { durationMs: 1_200 }, concurrency: 10 };

describe('a worker process that is killed between the end of a job and the start of one that waits for it', () => {
  let fleet: Fleet;
  let workers: WorkerProcess[];

  beforeEach(async () => {
    fleet = await Fleet.prepare();
    workers = [await fleet.process(SETTINGS), await fleet.process(SETTINGS)];
  });

  afterEach(() => fleet.close());

  /** Diamonds of four jobs: two wait for one, and one for both. */
  async function addDiamonds(queue: Queue<AnyJobs>): Promise<void> {
    const jobs = Array.from({ length: DIAMONDS }, (_, n) => {
      const job = (part: string, dependsOn: string[]) => ({
        name: 'wait',
        data: { ms: n % 5 },
        options: { id: `${part}${n}`, ...(dependsOn.length > 0 ? { dependsOn } : {}) },
      });
      return [job('a', []), job('b', [`a${n}`]), job('c', [`a${n}`]), job('d', [`b${n}`, `c${n}`])];
    });
    await queue.addMany(jobs.flat());
  }

  /** Of each diamond, whether a job began before one that it waits for had ended for the first time. */
  async function early(): Promise<string[]> {
    const first = new Map<string, number>();
    for (const { op, id, at } of await fleet.history.lines()) {
      if (op !== 'start' && op !== 'end') continue;
      if (!first.has(`${op} ${id}`)) first.set(`${op} ${id}`, at);
    }
    const pairs = Array.from({ length: DIAMONDS }, (_, n) => [
      [`b${n}`, `a${n}`],
      [`c${n}`, `a${n}`],
      [`d${n}`, `b${n}`],
      [`d${n}`, `c${n}`],
    ]).flat();
    const isEarly = ([child, parent]: string[]): boolean => first.get(`start ${child}`)! < first.get(`end ${parent}`)!;
    return pairs.filter(isEarly).map(([child, parent]) => `${child} before ${parent}`);
  }

  it('loses none of them, and starts none early, at random moments [seed:Q13] [core:B14] [case:C8]', async () => {
    const dice = Dice.fromEnvironment('MILLRACE_KILL_SEED');
    for (let round = 1; round <= ROUNDS; round++) {
      const afterEnds = 1 + dice.below(4 * DIAMONDS - 50);
      const victim = dice.below(2);
      try {
        const queue = await fleet.queue(`round-${round}`);
        await fleet.history.clear();
        await addDiamonds(queue);
        await Promise.all(workers.map((worker) => worker.work(`round-${round}`)));
        const isTime = async (): Promise<boolean> => (await fleet.history.of('end')).length >= afterEnds;
        await waitFor(`${afterEnds} ends`, isTime, { ...PATIENCE, intervalMs: 1 });
        await workers[victim]!.kill();
        workers[victim] = await fleet.process(SETTINGS);
        await workers[victim].work(`round-${round}`);
        await waitFor('all to end', async () => (await queue.counts()).completed === 4 * DIAMONDS, PATIENCE);
        expect(await early()).toEqual([]);
        expect(await queue.counts()).toMatchObject({ blocked: 0, waiting: 0, failed: 0, active: 0 });
      } catch (error) {
        throw new Error(`${dice.toString()}, round ${round}: ${(error as Error).message}`, { cause: error });
      }
    }
  }, 120_000);
});
