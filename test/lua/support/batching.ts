import type { TestQueue } from './harness.js';
import type { Random } from './random.js';
import { zip, type Answered, type LuaWorker } from './lua-worker.js';

/** An end that lets a job wait for its batch: ten seconds after the newest, a minute after the first, three at most. */
export function gather(key = 'k', { grace = 10_000, delay = 60_000, most = 3 } = {}): string {
  return `a0\t\tgreet\t${grace},${delay},${most},${key}`;
}

/** The ids of an answer by the batches in it; those that came alone as lists of one. */
export function unitsOf({ leased, headers }: Answered): string[][] {
  const ids = leased.map(({ id }) => id);
  const units: string[][] = [];
  let next = 1;
  for (let i = 0; i < headers.length; i += 2) {
    const [, first, last] = /^(\d+)-(\d+)$/.exec(headers[i] ?? '') ?? [];
    if (first === undefined) continue;
    while (next < Number(first)) units.push([`alone ${ids[next++ - 1]}`]);
    units.push(ids.slice(Number(first) - 1, Number(last)));
    next = Number(last) + 1;
  }
  while (next <= ids.length) units.push([`alone ${ids[next++ - 1]}`]);
  return units;
}

/** What tests of batches do on their queue. */
export function batching(queue: () => TestQueue): {
  readonly gathered: (worker: LuaWorker, ids: readonly string[], code?: string) => Promise<void>;
} {
  /** Leases jobs one by one as a worker does, and lets each wait for its batch. */
  async function gathered(worker: LuaWorker, ids: readonly string[], code = gather()): Promise<void> {
    await queue().add(...ids);
    const jobs = await worker.lease(ids.length);
    await worker.exchange({
      ends: zip(
        jobs,
        jobs.map(() => code),
      ),
    });
  }
  return { gathered };
}

/** Fires open batches, one or all. */
export async function randomFire(queue: TestQueue, random: Random, calls: string[]): Promise<void> {
  calls.push('fire-batches');
  const { laneId, seq } = queue.lane();
  await queue.raw('fire-batches', laneId, seq, 'greet', random.int(2), 'k', '0');
}
