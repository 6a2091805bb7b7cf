import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/wait-for.ts';
import { Dice } from './support/fleet/dice.ts';
import { Fleet } from './support/fleet/fleet.ts';
import type { Line } from './support/fleet/history.ts';
import { PATIENCE } from './support/fleet/worker-process.ts';

const ROUNDS = 5;
const JOBS = 300;
const SETTINGS = { lease: { durationMs: 1_200 }, concurrency: 4 };

describe('a worker process that is killed while it runs batches', () => {
  let fleet: Fleet;

  beforeEach(async () => {
    fleet = await Fleet.prepare();
  });

  afterEach(() => fleet.close());

  it(`loses no job, at ${ROUNDS} random moments; what ran twice was in its hands, and nothing is charged [seed:A13]`, async () => {
    const dice = Dice.fromEnvironment('MILLRACE_BATCH_SEED');
    const workers = [await fleet.process(SETTINGS), await fleet.process(SETTINGS)];
    for (let n = 1; n <= ROUNDS; n++) {
      const name = `round-${n}`;
      const queue = await fleet.queue(name);
      await fleet.history.clear();
      await Promise.all(workers.map((worker) => worker.work(name)));
      const drafts = Array.from({ length: JOBS }, (_, i) => ({
        name: 'together',
        data: { ms: dice.below(20), key: `k${i % 7}` },
      }));
      const added = await queue.addMany(drafts);
      const afterStarts = 1 + dice.below(JOBS - 50);
      const isTime = async (): Promise<boolean> => (await fleet.history.of('start')).length >= afterStarts;
      await waitFor(`${afterStarts} starts`, isTime, { ...PATIENCE, intervalMs: 1 });
      const victim = dice.below(2);
      const dead = workers[victim]!;
      await dead.kill();
      workers[victim] = await fleet.process(SETTINGS);
      await workers[victim].work(name);
      const ended = await fleet.ended(queue, added).catch((error: Error) => {
        throw new Error(`${dice.toString()}, round ${n}: ${error.message}`, { cause: error });
      });
      expect(ended.filter(({ state, failures, stalls }) => state !== 'completed' || failures + stalls > 0)).toEqual([]);
      const again = repeated(await fleet.history.of('start'));
      expect([dice.toString(), again.filter(([first]) => first?.pid !== dead.pid)]).toEqual([dice.toString(), []]);
      expect(await queue.counts()).toMatchObject({ aggregating: 0, waiting: 0, active: 0 });
      await queue.close();
    }
  }, 120_000);

  it('does not take the neighbours of the job that kills it with it: that one fails, they complete [core:A8]', async () => {
    const queue = await fleet.queue();
    const drafts = [1, 1, -1, 1, 1].map((ms) => ({ name: 'together', data: { ms, key: 'k' } }));
    const added = await queue.addMany(drafts);
    let deaths = 0;
    const isOver = async (): Promise<boolean> => (await queue.counts()).failed === 1;
    while (deaths < 8 && !(await isOver())) {
      const worker = await fleet.process({ ...SETTINGS, concurrency: 1 });
      await worker.work('mail');
      const dead = worker.exited.then(() => true);
      const over = waitFor('the end', isOver, PATIENCE).then(() => false);
      if (!(await Promise.race([dead, over]))) break;
      over.catch(() => {});
      deaths += 1;
    }
    const last = await fleet.process(SETTINGS);
    await last.work('mail');
    const ended = await fleet.ended(queue, added);
    expect(ended.map(({ state }) => state)).toEqual(['completed', 'completed', 'failed', 'completed', 'completed']);
    expect(ended[2]).toMatchObject({ stalls: 3, error: { kind: 'stalled' } });
    expect(ended.filter(({ stalls }) => stalls > 1)).toHaveLength(1);
    expect(deaths).toBe(4);
  }, 120_000);
});

/** The starts of each job that was started more than once. */
function repeated(starts: readonly Line[]): Line[][] {
  const byJob = new Map<string, Line[]>();
  for (const line of starts) byJob.set(line.id, [...(byJob.get(line.id) ?? []), line]);
  return [...byJob.values()].filter((runs) => runs.length > 1);
}
