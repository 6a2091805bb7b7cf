import { addInPages } from '../../million/fill.js';
import { p99, type LimitCase } from '../figure.js';
import { pause, probe, until } from '../scene.js';

const MIB = 2 ** 20;

/** Many jobs wait, and ten workers work them off. */
export const waiting: LimitCase = {
  id: 'L1',
  section: 'Jobs that wait',
  title: (size) => `${size} jobs wait, and ten workers drain them`,
  full: 1_000_000,
  small: 20_000,
  async run(scene, size) {
    const connection = await scene.connect();
    const queue = scene.queue('backlog', connection);
    await queue.config.set({ keep: { completed: { count: 0 } } });
    await addInPages(queue, 'any', size, () => undefined);
    const bytes = await scene.dataBytes();
    const rssBefore = process.memoryUsage.rss();
    const marks: number[] = [performance.now()];
    let done = 0;
    const handler = (): void => {
      done += 1;
      if (done % (size / 10) === 0) marks.push(performance.now());
    };
    await scene.beginSlow();
    for (let n = 0; n < 10; n++) await scene.worker({ connection, queues: 'backlog', concurrency: 50, handler });
    await until('the draining', () => done >= size);
    /** Jobs a second in three tenths, from this one on. */
    const rate = (n: number): number => (3 * size) / 10 / ((marks[n + 3]! - marks[n]!) / 1_000);
    return [
      { what: 'memory of Redis, a job', value: bytes / size, unit: 'bytes' },
      { what: 'rate, from the second tenth to the fourth', value: rate(1), unit: 'jobs/s' },
      { what: 'rate, in the last three', value: rate(7), unit: 'jobs/s' },
      { what: 'the end to the beginning', value: rate(7) / rate(1), unit: '×', atLeast: 0.9 },
      { what: 'growth of the process', value: (process.memoryUsage.rss() - rssBefore) / MIB, unit: 'MiB' },
      { what: 'longest command', value: await scene.longestMs(), unit: 'ms', atMost: 10 },
      { what: 'run more than once, or not at all', value: Math.abs(done - size), unit: 'jobs', atMost: 0 },
    ];
  },
};

/** Many jobs have the same time. */
export const due: LimitCase = {
  id: 'L2',
  section: 'Jobs that wait',
  title: (size) => `${size} jobs fall due in the same moment`,
  full: 100_000,
  small: 10_000,
  async run(scene, size) {
    const connection = await scene.connect();
    const queue = scene.queue('due', connection);
    const other = scene.queue('other', await scene.connect());
    const runAt = Date.now() + 2_000 + size / 10;
    await addInPages(queue, 'any', size, () => ({ runAt }));
    await scene.worker({ connection, queues: 'due', concurrency: 50, handler: () => undefined });
    await pause(runAt - Date.now() - 200);
    const left = (await queue.counts()).delayed;
    await scene.beginSlow();
    const stop = probe(() => other.add('any', 1));
    const began = runAt;
    await until('all to be due', async () => (await queue.counts()).delayed === 0, 10);
    const tookMs = Date.now() - began;
    const calls = await stop();
    return [
      { what: 'delayed before', value: left, unit: 'jobs', atLeast: size },
      { what: 'until none is delayed', value: tookMs, unit: 'ms', atMost: 10_000 },
      { what: 'add to another queue meanwhile, p99', value: p99(calls), unit: 'ms' },
      { what: 'longest command', value: await scene.longestMs(), unit: 'ms', atMost: 10 },
    ];
  },
};

/** Many jobs have a time that is far away. */
export const later: LimitCase = {
  id: 'L3',
  section: 'Jobs that wait',
  title: (size) => `${size} jobs are due in an hour, and 50 workers have nothing to do`,
  full: 1_000_000,
  small: 10_000,
  async run(scene, size) {
    const connection = await scene.connect();
    const queue = scene.queue('later', connection);
    await addInPages(queue, 'any', size, (n) => ({ delayMs: 3_600_000 + n }));
    const bytes = await scene.dataBytes();
    for (let n = 0; n < 50; n++) await scene.worker({ connection, queues: 'later', handler: () => undefined });
    await pause(2_000);
    return [
      { what: 'memory of Redis, a job', value: bytes / size, unit: 'bytes' },
      { what: 'CPU of Redis, idle', value: await idleCpu(scene, 10_000), unit: '%', atMost: 2 },
    ];
  },
};

/** Percent of a core that Redis uses while nobody asks for anything. */
export async function idleCpu(scene: { cpuSeconds(): Promise<number> }, forMs: number): Promise<number> {
  const before = await scene.cpuSeconds();
  await pause(forMs);
  return (((await scene.cpuSeconds()) - before) / (forMs / 1_000)) * 100;
}
