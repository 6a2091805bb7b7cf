import { Queue, Worker, type Connection, type JobDraft, type JobOptions } from '@millrace/core';

const PAGE = 1_000;
const FINISHED = 300_000;

/** How many jobs there are by default. */
export const MILLION = 1_000_000;

/** The kinds of jobs that stay, and how many of each of a million: with those that run first. */
const KINDS: readonly [count: number, options: (n: number) => JobOptions | undefined][] = [
  [250_000, () => undefined],
  [100_000, (n) => ({ priority: (n % 11) - 5 })],
  [200_000, (n) => ({ delayMs: 3_600_000 + n })],
  [100_000, (n) => ({ tags: ['all', `tag-${n % 1_000}`] })],
  [50_000, (n) => ({ unique: { key: `k${n}` } })],
];

/** Fills a queue with jobs in all states but active. */
export async function fill(connection: Connection, queue: Queue, jobs: number): Promise<void> {
  const keep = { count: MILLION, ageMs: 86_400_000 };
  const part = (count: number): number => Math.ceil(((count / MILLION) * jobs) / PAGE) * PAGE;
  await queue.config.set({ keep: { completed: keep, failed: keep } });
  await finish(connection, queue, part(FINISHED));
  for (const [count, options] of KINDS) await addInPages(queue, 'idle', part(count), options);
}

async function finish(connection: Connection, queue: Queue, count: number): Promise<void> {
  await addInPages(queue, 'run', count, () => ({ maxAttempts: 1 }));
  let left = count;
  let done = (): void => undefined;
  const all = new Promise<void>((resolve) => (done = resolve));
  const handler = ({ data }: { readonly data: unknown }): void => {
    if (--left === 0) done();
    if (Number(data) % 10 === 0) throw new Error(`failure of kind ${Number(data) % 70}`);
  };
  const worker = new Worker({ connection, queues: queue.name, concurrency: 500, handler });
  await worker.start();
  await all;
  await worker.stop();
}

/** Adds so many jobs, a thousand a call. */
export async function addInPages(
  queue: Queue,
  name: string,
  count: number,
  options: (n: number) => JobOptions | undefined,
): Promise<void> {
  for (let from = 0; from < count; from += PAGE) {
    const page = Array.from({ length: PAGE }, (_, i): JobDraft => ({
      name,
      data: from + i,
      options: options(from + i),
    }));
    await queue.addMany(page);
  }
}
