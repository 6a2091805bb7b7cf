import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/wait-for.ts';
import { StoppedWorker, START_MS } from './support/stopped-worker.ts';

const TEST_MS = 2 * START_MS;
const CLEAN = { code: 0, signal: null };

describe('a process that is told to end [case:O5]', () => {
  let scene: StoppedWorker;

  beforeEach(() => {
    scene = new StoppedWorker();
  });
  afterEach(() => scene.close());

  it(
    'ends by itself where nothing runs, and leaves nothing of its worker [case:C11]',
    async () => {
      await scene.start(5_000);
      scene.signal('SIGTERM');
      const { afterMs, ...exit } = await scene.exit();
      expect(exit).toEqual(CLEAN);
      expect(afterMs).toBeLessThan(4_000);
      expect(await scene.traces()).toEqual([]);
      expect(scene.told('warning')).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'finishes and hands in what runs, starts nothing more, and ends [case:C11]',
    async () => {
      const jobs = await scene.add(...Array.from({ length: 8 }, () => ({ runMs: 1_500 })));
      await scene.start(15_000);
      await scene.running(2);
      scene.signal('SIGTERM');
      const { afterMs, ...exit } = await scene.exit();
      expect(exit).toEqual(CLEAN);
      expect(afterMs).toBeLessThan(6_000);
      const queue = await scene.queue();
      expect(await queue.counts()).toMatchObject({ completed: 2, waiting: 6, active: 0 });
      expect(scene.told('running').map(({ id }) => id)).toEqual(jobs.slice(0, 2).map(({ id }) => id));
      expect(scene.told('finished')).toHaveLength(2);
      expect(scene.told('aborted')).toEqual([]);
      expect(await scene.traces()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'aborts what runs longer than the grace and gives it back to the front, uncharged: another worker runs it at once [case:C12] [core:B1]',
    async () => {
      const jobs = await scene.add(...Array.from({ length: 5 }, () => ({ runMs: 60_000 })));
      await scene.start(1_000);
      await scene.running(2);
      scene.signal('SIGTERM');
      const { afterMs, ...exit } = await scene.exit();
      expect(exit).toEqual(CLEAN);
      expect(afterMs).toBeGreaterThan(950);
      expect(afterMs).toBeLessThan(1_000 + 3_000);
      expect(scene.told('aborted').map(({ code }) => code)).toEqual(['ABORTED', 'ABORTED']);
      expect(scene.told('finished')).toEqual([]);
      expect(await scene.traces()).toEqual([]);
      const queue = await scene.queue();
      expect(await queue.counts()).toMatchObject({ waiting: 5, active: 0, retrying: 0 });

      const order: string[] = [];
      const started = performance.now();
      const note = ({ id, attempt }: { id: string; attempt: number }): void => void order.push(`${id} ${attempt}`);
      await scene.harness.worker({ handler: note, concurrency: 1 });
      await waitFor('all to run', () => order.length === 5, { timeoutMs: 10_000 });
      // The lease of the first worker would have lasted for 30 s.
      expect(performance.now() - started).toBeLessThan(5_000);
      expect(order).toEqual(jobs.map(({ id }) => `${id} 1`));
      for (const { id } of jobs) expect(await queue.get(id)).toMatchObject({ failures: 0, stalls: 0 });
    },
    TEST_MS,
  );

  it(
    'gives a job back although its handler ignores the abort; what that returns later counts no more [case:C12]',
    async () => {
      const [job] = await scene.add({ runMs: 4_000, ignoresAbort: true });
      await scene.start(200);
      await scene.running(1);
      scene.signal('SIGTERM');
      const queue = await scene.queue();
      await waitFor('it to be back', async () => (await queue.counts()).waiting === 1, { timeoutMs: 3_000 });
      expect(scene.told('warning').map(({ message }) => message)).toEqual([
        expect.stringContaining(`mail/${job?.id} (any) still ran`),
      ]);
      await scene.exit();
      expect(scene.told('finished')).toHaveLength(1);
      expect(await queue.counts()).toMatchObject({ waiting: 1, completed: 0 });
    },
    TEST_MS,
  );

  it.each([['SIGTERM'], ['SIGINT']] as const)(
    'drains once where it is told so again by %s [case:C13]',
    async (second) => {
      await scene.add({ runMs: 1_500 });
      await scene.start(15_000);
      await scene.running(1);
      scene.signal('SIGTERM');
      await waitFor('it to have heard', () => scene.told('stopping').length === 1);
      scene.signal(second);
      const { afterMs, ...exit } = await scene.exit();
      expect(exit).toEqual(CLEAN);
      expect(afterMs).toBeLessThan(6_000);
      expect(scene.told('stopping')).toHaveLength(2);
      expect(scene.told('finished')).toHaveLength(1);
      expect(scene.told('aborted')).toEqual([]);
      const queue = await scene.queue();
      expect(await queue.counts()).toMatchObject({ completed: 1, waiting: 0, active: 0 });
    },
    TEST_MS,
  );
});
