import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, type ActiveJob, type Job } from '@millrace/core';
import { Random } from '../lua/support/random.ts';
import { redisUrl } from '../support/redis.ts';
import { within } from '../support/wait-for.ts';
import { ProxiedWorker } from './support/proxied-worker.ts';
import { ScriptFlusher } from './support/script-flusher.ts';

/** The same again: the seed of a run that failed is in its title. */
const SEED = Number(process.env['MILLRACE_REPLY_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const JOBS = 400;
const CUTS = 30;
const MAX_ATTEMPTS = 3;
const FLUSH_EVERY_MS = 50;
const LIMIT_MS = 60_000;

describe('many jobs under lost replies and an empty script cache', () => {
  let scene: ProxiedWorker;
  let flusher: ScriptFlusher;

  beforeEach(async () => {
    scene = await ProxiedWorker.prepare();
    flusher = new ScriptFlusher(Number(new URL(redisUrl()).port), FLUSH_EVERY_MS);
  });
  afterEach(async () => {
    await flusher.stop();
    await scene.close();
  });

  /** Cuts connections one after the other, each at a call that the dice choose. Resolves after the last. */
  async function cutOften(random: Random): Promise<void> {
    for (let n = 0; n < CUTS; n++) {
      let left = random.int(20);
      await scene.proxy.cutAfterExecuted(([command]) => /^eval(sha)?$/i.test(command ?? '') && left-- <= 0);
    }
  }

  /** How often each job fails: up to as often as it may. */
  function plan(random: Random): readonly number[] {
    return Array.from({ length: JOBS }, () => (random.chance(0.5) ? 0 : random.int(MAX_ATTEMPTS + 1)));
  }

  async function addAll(): Promise<Job[]> {
    const queue = await scene.harness.queue('mail', { connection: await scene.connect() });
    const options = { maxAttempts: MAX_ATTEMPTS, backoff: { type: 'fixed', delayMs: 20 } } as const;
    const jobs: Job[] = [];
    // In small batches, so that they are added all along the run.
    for (let from = 0; from < JOBS; from += 10) {
      const drafts = Array.from({ length: 10 }, (_, i) => ({ name: 'any', data: from + i, options }));
      jobs.push(...(await queue.addMany(drafts)));
    }
    return jobs;
  }

  it.each([SEED])(
    'end once each, every attempt runs once, and the counts are exact (MILLRACE_REPLY_SEED=%i) [core:A1] [core:A9] [core:A10] [case:R7] [case:R20]',
    async (seed) => {
      const random = new Random(seed);
      const failuresOf = plan(random);
      const pauses = Array.from({ length: JOBS }, () => random.int(15));
      const { witness, queue } = scene;
      const attempts: string[] = [];
      const errors: string[] = [];
      const logger = { ...silentLogger, error: (message: string) => void errors.push(message) };
      const handler = witness.handler(async ({ data, attempt }: ActiveJob) => {
        if (data === 'after') return;
        attempts.push(`${String(data)} ${attempt}`);
        await new Promise((resolve) => setTimeout(resolve, pauses[Number(data)]));
        if (attempt <= failuresOf[Number(data)]!) throw new Error(`attempt ${attempt}`);
      });
      const cuts = cutOften(random);
      const other = await scene.start({ handler, concurrency: 4, logger });
      await scene.start({ handler, concurrency: 4, logger });
      const jobs = await addAll();
      await within('all cuts', cuts, LIMIT_MS);
      const ended = await scene.ended(jobs);

      const failed = failuresOf.filter((count) => count === MAX_ATTEMPTS).length;
      const attemptsOf = failuresOf.map((count) => Math.min(count + 1, MAX_ATTEMPTS));
      const expected = attemptsOf.flatMap((count, job) => Array.from({ length: count }, (_, n) => `${job} ${n + 1}`));
      expect(attempts.sort()).toEqual(expected.sort());
      expect(ended.map(({ failures }) => failures)).toEqual(failuresOf);
      expect(await scene.leavesNothing(other)).toEqual([]);
      expect(await queue.counts()).toMatchObject({ completed: JOBS - failed + 1, failed, active: 0, waiting: 0 });
      // A hook is told when the answer has come; where that was late, the next attempt has begun before.
      for (const [job, { id }] of jobs.entries())
        expect([...witness.toldOf(id)].sort()).toEqual(toldOf(failuresOf[job]!).sort());
      expect(witness.aborted).toEqual([]);
      expect(errors).toEqual([]);
      expect(flusher.count).toBeGreaterThan(5);
    },
    3 * LIMIT_MS,
  );

  /** What hooks hear of a job that fails so often. */
  function toldOf(failures: number): string[] {
    const told = Array.from({ length: failures }, (_, n) =>
      n + 1 < MAX_ATTEMPTS ? ['start', 'failure, to be retried'] : ['start', 'failure', 'permanent: failed'],
    ).flat();
    return failures < MAX_ATTEMPTS ? [...told, 'start', 'success'] : told;
  }
});
