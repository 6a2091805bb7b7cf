import {
  FINAL_STATES,
  listQueues,
  LIVE_STATES,
  Worker,
  type Connection,
  type JobState,
  type Queue,
} from '@millrace/core';

/** Something that a worker, a person or a program does to a queue. */
export type Action = readonly [name: string, act: () => Promise<unknown>];

const STATES: readonly JobState[] = [...LIVE_STATES, ...FINAL_STATES];

/** All that can be asked of a queue and done to it, in an order in which each finds enough to do. */
export function actionsOn(connection: Connection, queue: Queue): Action[] {
  return [
    ...reads(connection, queue),
    ...checks(connection, queue),
    ...changes(queue),
    ...work(connection, queue),
    ...endings(queue),
  ];
}

function checks({ client, prefix }: Connection, queue: Queue): Action[] {
  const key = (suffix: string): string => `${prefix}:{${queue.name}}:${suffix}`;
  return [
    ['verify', async () => expectFindings((await queue.verify()).findings.length, 0)],
    [
      'repair of 1,000 jobs that were lost',
      async () => {
        await client.zremrangebyrank(key('d'), 0, 999);
        const { findings, isClean } = await queue.repair();
        expectFindings(isClean ? findings.length : NaN, 1_000);
      },
    ],
  ];
}

function expectFindings(found: number, expected: number): void {
  if (found !== expected) throw new Error(`There were ${found} findings, and not ${expected}.`);
}

function reads(connection: Connection, queue: Queue): Action[] {
  const lists = STATES.flatMap((state): Action[] => [
    [`list ${state}`, () => pages((cursor) => queue.list(state, { limit: 1_000, cursor }))],
    [`list ${state}, reverse`, () => pages((cursor) => queue.list(state, { limit: 1_000, cursor, reverse: true }))],
  ]);
  return [
    ['counts', () => queue.counts()],
    ['info', () => queue.info()],
    ['latency', () => queue.latency()],
    ['memory', () => queue.memory()],
    ['listQueues', () => listQueues(connection)],
    ['workers', () => queue.workers()],
    ['unclaimed', () => queue.unclaimed()],
    ...lists,
    ['tagged', () => pages((cursor) => queue.tagged('all', { limit: 1_000, cursor }))],
    ['topTags', () => queue.topTags({ limit: 1_000 })],
    ['failures', () => queue.failures()],
    ['failures of a group', () => firstGroup(queue, (group) => pages((cursor) => queue.failures(group, { cursor })))],
    ['stats', () => queue.stats()],
    ['statsByName', () => queue.statsByName()],
    ['statsHistory', () => queue.statsHistory(90)],
    ['throughput', () => queue.throughput()],
    ['topTags, deep', () => queue.topTags({ limit: 1_000, offset: 900 })],
  ];
}

/** The first pages, and nothing else of them. */
async function pages(read: (cursor: string | undefined) => Promise<{ readonly cursor?: string }>): Promise<void> {
  let cursor: string | undefined;
  for (let n = 0; n < 5; n++) {
    ({ cursor } = await read(cursor));
    if (cursor === undefined) return;
  }
}

async function firstGroup(queue: Queue, act: (group: string) => Promise<unknown>): Promise<void> {
  const { groups } = await queue.failures();
  if (groups[0] === undefined) throw new Error('There is no group of failures.');
  await act(groups[0].group);
}

async function ids(queue: Queue, state: JobState, limit = 1_000): Promise<string[]> {
  return (await queue.list(state, { limit })).jobs.map(({ id }) => id);
}

function changes(queue: Queue): Action[] {
  return [
    ['addMany of 1,000', () => queue.addMany(Array.from({ length: 1_000 }, (_, data) => ({ name: 'idle', data })))],
    ['cancel 1,000', async () => queue.cancel(...(await ids(queue, 'waiting')))],
    ['retry 1,000', async () => queue.retry(...(await ids(queue, 'completed')))],
    ['retry a group', () => firstGroup(queue, (group) => queue.retry({ group }))],
    ['discard 10,000 failed', () => queue.discard({ state: 'failed', limit: 10_000 })],
    ['promote 1,000', async () => queue.promote(...(await ids(queue, 'delayed')))],
    ['remove 1,000', async () => queue.remove(...(await ids(queue, 'completed')))],
    ['prioritize 100', async () => each(await ids(queue, 'waiting', 100), (id) => queue.prioritize(id, 7))],
    ['tag 100', async () => each(await ids(queue, 'waiting', 100), (id) => queue.tag(id, 'new', 'all'))],
    ['untag 100', async () => each(await ids(queue, 'waiting', 100), (id) => queue.untag(id, 'new', 'all'))],
    ['track 1,000', async () => queue.track(...(await ids(queue, 'completed')))],
    ['tracked', () => queue.tracked()],
    ['pause and resume', () => queue.pause().then(() => queue.resume())],
  ];
}

async function each(from: readonly string[], act: (id: string) => Promise<unknown>): Promise<void> {
  for (const id of from) await act(id);
}

function work(connection: Connection, queue: Queue): Action[] {
  return [
    ['a worker for 5 s', () => workFor(connection, queue, 5_000)],
    [
      'retention of all that is completed',
      async () => {
        await queue.config.set({ keep: { completed: { count: 0 } } });
        await workFor(connection, queue, 5_000);
      },
    ],
    ['promote 50,000 as they fall due', () => fallDue(connection, queue)],
  ];
}

/** Takes jobs, looks after the queue, and stops in the midst of it. */
async function workFor(connection: Connection, queue: Queue, ms: number): Promise<void> {
  const worker = new Worker({ connection, queues: queue.name, concurrency: 200, handler: () => pause(10) });
  await worker.start();
  await pause(ms);
  await worker.stop();
}

async function fallDue(connection: Connection, queue: Queue): Promise<void> {
  const jobs = Array.from({ length: 500 }, (_, data) => ({ name: 'idle', data, options: { delayMs: 1_500 } }));
  for (let n = 0; n < 100; n++) await queue.addMany(jobs);
  await workFor(connection, queue, 4_000);
}

function endings(queue: Queue): Action[] {
  return [
    ['drain', () => queue.drain()],
    ['drain what is delayed', () => queue.drain({ delayed: true })],
    ['delete', () => queue.delete()],
  ];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
