import type { Figure, LimitCase } from '../figure.js';
import { pause, until } from '../scene.js';
import { idleCpu } from './backlog.js';

const MIB = 2 ** 20;

/** Many queues, one process. */
export const queues: LimitCase = {
  id: 'L4',
  section: 'Queues, workers, applications',
  title: (size) => `${size} queues in one process`,
  full: 10_000,
  small: 500,
  async run(scene, size) {
    const { figures, warnings } = await warned(async () => {
      const connection = await scene.connect();
      const rssBefore = process.memoryUsage.rss();
      const from = performance.now();
      const all = namesOf(size).map((name) => scene.queue(name, connection));
      await Promise.all(all.map((queue) => queue.add('any', queue.name)));
      const tookMs = performance.now() - from;
      const bytes = process.memoryUsage.rss() - rssBefore;
      return [
        { what: 'made, and a job added to each', value: tookMs, unit: 'ms', atMost: 10_000 },
        { what: 'connections', value: await scene.clients(), unit: '', atMost: 3 },
        { what: 'memory of the process, a queue', value: bytes / size, unit: 'bytes' },
        { what: 'memory of Redis, a queue with one job', value: (await scene.dataBytes()) / size, unit: 'bytes' },
      ];
    });
    return [...figures, { what: 'warnings of Node', value: warnings, unit: '', atMost: 0 }];
  },
};

/** Many queues, one worker. */
export const served: LimitCase = {
  id: 'L4',
  section: 'Queues, workers, applications',
  title: (size) => `${size} queues, all served by one worker`,
  full: 10_000,
  small: 500,
  async run(scene, size) {
    const { figures, warnings } = await warned(async () => {
      const connection = await scene.connect();
      const names = namesOf(size);
      const ran = new Set<string>();
      let from = performance.now();
      await scene.worker({ connection, queues: names, handler: ({ data }) => void ran.add(String(data)) });
      const startMs = performance.now() - from;
      const all = names.map((name) => scene.queue(name, connection));
      from = performance.now();
      await Promise.all(all.map((queue) => queue.add('any', queue.name)));
      await until('a job of each queue', () => ran.size === size);
      return [
        { what: 'start', value: startMs, unit: 'ms', atMost: 10_000 },
        { what: 'a job added to each, until all have run', value: performance.now() - from, unit: 'ms' },
        { what: 'connections', value: await scene.clients(), unit: '', atMost: 3 },
        { what: 'CPU of Redis, idle', value: await idleCpu(scene, 10_000), unit: '%' },
      ];
    });
    return [...figures, { what: 'warnings of Node', value: warnings, unit: '', atMost: 0 }];
  },
};

function namesOf(size: number): string[] {
  return Array.from({ length: size }, (_, n) => `q${n}`);
}

/** What was measured, and how many warnings Node gave meanwhile. */
async function warned(run: () => Promise<Figure[]>): Promise<{ figures: Figure[]; warnings: number }> {
  let warnings = 0;
  const count = (): void => void (warnings += 1);
  process.on('warning', count);
  try {
    const figures = await run();
    return { figures, warnings };
  } finally {
    process.off('warning', count);
  }
}

/** Many workers, each with a connection of its own, as in processes of their own. */
export const workers: LimitCase = {
  id: 'L5',
  section: 'Queues, workers, applications',
  title: (size) => `${size} workers, each with a connection of its own`,
  full: 1_000,
  small: 50,
  async run(scene, size) {
    const handler = (): void => undefined;
    const began = performance.now();
    for (let n = 0; n < size; n++) {
      const connection = await scene.connect();
      await scene.worker({ connection, queues: 'wide', handler, lease: { keeper: 'main' } });
    }
    const startMs = performance.now() - began;
    await pause(2_000);
    const clients = await scene.clients();
    // Two thirds of a lease: each renews it twice.
    const percent = await idleCpu(scene, 20_000);
    const queue = scene.queue('wide', await scene.connect());
    const from = performance.now();
    const { id } = await queue.add('any', 1);
    await queue.result(id, { timeoutMs: 30_000 });
    return [
      { what: 'start of all, one after the other', value: startMs, unit: 'ms' },
      { what: 'connections, a worker', value: clients / size, unit: '', atMost: 3 },
      { what: 'CPU of Redis for heartbeats and looks', value: percent, unit: '%' },
      { what: 'a job, added until its result is there', value: performance.now() - from, unit: 'ms' },
    ];
  },
};

/** Applications that come and go. */
export const cycles: LimitCase = {
  id: 'L12',
  section: 'Queues, workers, applications',
  title: (size) => `a connection, a queue and a worker are opened and closed ${size} times`,
  full: 50,
  small: 10,
  async run(scene, size) {
    const cycle = async (): Promise<void> => {
      const connection = await scene.connect();
      const queue = scene.queue('cycle', connection);
      const worker = await scene.worker({ connection, queues: 'cycle', handler: () => undefined });
      const { id } = await queue.add('any', 1);
      await queue.result(id, { timeoutMs: 10_000 });
      await worker.stop();
      await queue.close();
      await connection.close();
    };
    await cycle();
    const before = { handles: process.getActiveResourcesInfo().length, rss: process.memoryUsage.rss() };
    for (let n = 0; n < size; n++) await cycle();
    await pause(500);
    return [
      { what: 'connections left', value: await scene.clients(), unit: '', atMost: 0 },
      { what: 'handles more', value: process.getActiveResourcesInfo().length - before.handles, unit: '', atMost: 0 },
      { what: 'growth of the process', value: (process.memoryUsage.rss() - before.rss) / MIB, unit: 'MiB' },
    ];
  },
};
