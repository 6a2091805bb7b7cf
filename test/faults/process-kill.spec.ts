import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/wait-for.ts';
import { Dice } from './support/fleet/dice.ts';
import { Fleet } from './support/fleet/fleet.ts';
import type { Line } from './support/fleet/history.ts';
import { PATIENCE, type WorkerProcess } from './support/fleet/worker-process.ts';

const ROUNDS = 20;
const JOBS = 1_000;
/** Short, for each round waits for the end of one; long enough that a busy machine does not cost the survivor its own. */
const SETTINGS = { lease: { durationMs: 1_200 }, concurrency: 10 };
/** Between the death of a process and the moment in which its parent knows. */
const DEATH_IS_KNOWN_MS = 50;

/** A round: which of its two workers dies, and when: as soon as so many jobs have been started. */
interface Round {
  readonly name: string;
  readonly victim: number;
  readonly afterStarts: number;
}

describe('a worker process that is killed', () => {
  let fleet: Fleet;
  let workers: WorkerProcess[];

  beforeEach(async () => {
    fleet = await Fleet.prepare();
    workers = [await fleet.process(SETTINGS), await fleet.process(SETTINGS)];
  });

  afterEach(() => fleet.close());

  /** Kills a worker in the midst of its jobs, starts another in its place, and returns how often jobs ran again. */
  async function play({ name, victim, afterStarts }: Round): Promise<number> {
    const queue = await fleet.queue(name);
    await fleet.history.clear();
    const added = await queue.addMany(Array.from({ length: JOBS }, (_, n) => ({ name: 'wait', data: { ms: n % 8 } })));
    await Promise.all(workers.map((worker) => worker.work(name)));
    const isTime = async (): Promise<boolean> => (await fleet.history.of('start')).length >= afterStarts;
    await waitFor(`${afterStarts} starts`, isTime, { ...PATIENCE, intervalMs: 1 });
    const dead = workers[victim]!;
    await dead.kill();
    const killedAt = Date.now() - DEATH_IS_KNOWN_MS;
    workers[victim] = await fleet.process(SETTINGS);
    await workers[victim].work(name);
    await waitFor('all to end', async () => (await queue.counts()).completed === JOBS, PATIENCE);
    const jobs = await Promise.all(added.map(({ id }) => queue.get(id)));
    await queue.close();
    expect(jobs.filter((job) => job?.state !== 'completed')).toEqual([]);
    // One death is no evidence against any of the jobs: they become suspects.
    expect(jobs.filter((job) => job?.failures !== 0 || job.stalls !== 0)).toEqual([]);
    const again = repeatedRuns(await fleet.history.of('start'));
    const unexplained = again.filter(
      ([first, second, third]) => first!.pid !== dead.pid || second!.at < killedAt || third !== undefined,
    );
    expect(unexplained).toEqual([]);
    return again.length;
  }

  it(`loses no job, at ${ROUNDS} random moments; what ran twice was in its hands, and nothing is charged [case:C1] [case:C5]`, async () => {
    const dice = Dice.fromEnvironment('MILLRACE_KILL_SEED');
    let repeated = 0;
    for (let n = 1; n <= ROUNDS; n++) {
      const round = { name: `round-${n}`, victim: dice.below(2), afterStarts: 1 + dice.below(JOBS - 100) };
      try {
        repeated += await play(round);
      } catch (error) {
        throw new Error(`${dice.toString()}, ${JSON.stringify(round)}: ${(error as Error).message}`, { cause: error });
      }
    }
    // Else no kill came in the midst of anything.
    expect(repeated).toBeGreaterThan(ROUNDS);
  }, 300_000);
});

/** The starts of each job that was started more than once. */
function repeatedRuns(starts: readonly Line[]): Line[][] {
  const byJob = new Map<string, Line[]>();
  for (const line of starts) byJob.set(line.id, [...(byJob.get(line.id) ?? []), line]);
  return [...byJob.values()].filter((runs) => runs.length > 1);
}
