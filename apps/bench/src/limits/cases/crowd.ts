import { addInPages } from '../../million/fill.js';
import { p99, type LimitCase } from '../figure.js';
import { pause, probe, until } from '../scene.js';

const MIB = 2 ** 20;
const schedulesFor = (jobs: number): number => Math.floor(jobs / 6);
const PAGE = 100;

/** Many groups, half of all jobs in one of them. */
export const groups: LimitCase = {
  id: 'L6',
  section: 'Jobs that wait',
  title: (size) => `${size} groups, and half of ${4 * size} jobs in one of them`,
  full: 100_000,
  small: 2_000,
  async run(scene, size) {
    const connection = await scene.connect();
    const queue = scene.queue('groups', connection);
    await queue.config.set({ keep: { completed: { count: 0 } } });
    await addInPages(queue, 'any', 4 * size, (n) => ({ group: n % 2 === 0 ? 'hot' : `g${((n - 1) / 2) % size}` }));
    const bytes = await scene.dataBytes();
    let done = 0;
    await scene.beginSlow();
    const handler = (): void => void (done += 1);
    await scene.worker({ connection, queues: 'groups', concurrency: 50, handler });
    const calls = probe(() => queue.counts());
    await until('all to run', () => done === 4 * size);
    const took = await calls();
    await until('the last ends', async () => (await queue.counts()).active === 0);
    return [
      { what: 'memory of Redis, a job with its share of a group', value: bytes / (4 * size), unit: 'bytes' },
      { what: 'counts meanwhile, p99', value: p99(took), unit: 'ms' },
      { what: 'longest command', value: await scene.longestMs(), unit: 'ms', atMost: 10 },
      { what: 'memory of Redis when all are empty', value: (await scene.dataBytes()) / MIB, unit: 'MiB' },
    ];
  },
};

/** All workers were away, and come back at once. */
export const herd: LimitCase = {
  id: 'L8',
  section: 'Queues, workers, applications',
  title: (size) => `200 workers start within a second on ${size} jobs and ${schedulesFor(size)} schedules that are due`,
  full: 300_000,
  small: 2_000,
  async run(scene, size) {
    const connection = await scene.connect();
    const queue = scene.queue('herd', connection);
    const schedules = schedulesFor(size);
    for (let first = 0; first < schedules; first += PAGE) {
      const page = Array.from({ length: Math.min(PAGE, schedules - first) }, (_, n) => first + n);
      const timing = { everyMs: 3_600_000, startAt: Date.now() + 100 };
      await Promise.all(page.map((n) => queue.schedule(`s${n}`, timing, { name: 'tick', data: n })));
    }
    await addInPages(queue, 'any', size, () => undefined);
    const connections = await Promise.all(Array.from({ length: 200 }, () => scene.connect()));
    const ran = new Map<string, number>();
    const handler = ({ id }: { readonly id: string }): void => void ran.set(id, (ran.get(id) ?? 0) + 1);
    await scene.beginSlow();
    const stop = await scene.pinging();
    const lease = { keeper: 'main' } as const;
    const options = { queues: 'herd', concurrency: 10, startJitterMs: 1_000, handler, lease };
    await Promise.all(connections.map((own) => scene.worker({ connection: own, ...options })));
    await until('all to run', () => ran.size >= size + schedules);
    const twice = [...ran.values()].filter((times) => times > 1).length;
    return [
      { what: 'PING meanwhile, p99', value: p99(await stop()), unit: 'ms', atMost: 50 },
      { what: 'longest command', value: await scene.longestMs(), unit: 'ms', atMost: 10 },
      { what: 'run more than once', value: twice, unit: 'jobs', atMost: 0 },
      {
        what: 'more than one job for a time of a schedule',
        value: ran.size - size - schedules,
        unit: 'jobs',
        atMost: 0,
      },
    ];
  },
};

/** Jobs and events that are not kept. */
export const kept: LimitCase = {
  id: 'L10, L11',
  section: 'What is kept',
  title: (size) => `${size} jobs run, and a thousand are kept`,
  full: 1_000_000,
  small: 20_000,
  async run(scene, size) {
    const connection = await scene.connect();
    const queue = scene.queue('kept', connection);
    await queue.config.set({ keep: { completed: { count: 1_000 } } });
    let done = 0;
    const handler = (): void => void (done += 1);
    await scene.worker({ connection, queues: 'kept', concurrency: 100, handler });
    await scene.beginSlow();
    const bytes: number[] = [];
    for (let part = 1; part <= 4; part++) {
      await addInPages(queue, 'any', size / 4, () => undefined);
      await until('all to run', async () => done >= (part * size) / 4 && (await queue.counts()).completed <= 1_000);
      await pause(1_500);
      bytes.push(await scene.dataBytes());
    }
    return [
      { what: 'memory of Redis after a quarter', value: bytes[0]! / MIB, unit: 'MiB' },
      { what: 'memory of Redis at the end', value: bytes[3]! / MIB, unit: 'MiB' },
      { what: 'end to quarter', value: bytes[3]! / bytes[0]!, unit: '×', atMost: 1.1 },
      { what: 'longest command', value: await scene.longestMs(), unit: 'ms', atMost: 10 },
    ];
  },
};

/** A producer that waits for nothing. */
export const burst: LimitCase = {
  id: 'L13',
  section: 'Jobs that wait',
  title: (size) => `${size} calls of add at once, none awaited`,
  full: 100_000,
  small: 5_000,
  async run(scene, size) {
    const queue = scene.queue('burst', await scene.connect());
    const heapBefore = process.memoryUsage().heapUsed;
    const from = performance.now();
    const adding = Promise.all(Array.from({ length: size }, (_, n) => queue.add('any', n)));
    const heap = process.memoryUsage().heapUsed - heapBefore;
    await adding;
    const tookMs = performance.now() - from;
    const { waiting } = await queue.counts();
    return [
      { what: 'until all are confirmed', value: tookMs, unit: 'ms' },
      { what: 'heap of a call that is not answered', value: heap / size, unit: 'bytes' },
      { what: 'missing', value: size - waiting, unit: 'jobs', atMost: 0 },
    ];
  },
};
