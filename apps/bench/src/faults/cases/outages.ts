/** A Redis that is killed and comes back with its data, or that is full. */
import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';

import type { FaultCase, Figures } from '../case.js';
import type { Lab } from '../lab.js';
import type { Member } from '../member.js';
import { ended, fate, since } from './outcome.js';

const ADD_EVERY_MS = 25;
const BEFORE_MS = 1_000;
const AFTER_MS = 2_000;
const SHORT_MS = 200;
/** Of a long outage, as parts of how long it is on average. */
const SHORTEST = 0.7;
const LONGEST = 1.3;

/** What a producer was told of its calls. */
interface Adds {
  readonly stored: Map<string, string>;
  refused: number;
  open: number;
}

async function restart(lab: Lab, awayMs: number): Promise<Figures> {
  const producer = await lab.member();
  await producer.call('watch');
  const worker = await lab.member();
  await worker.call('work', 10);
  const adds: Adds = { stored: new Map(), refused: 0, open: 0 };
  const stop = new AbortController();
  const adding = addOnAndOn(producer, adds, stop.signal);
  await sleep(BEFORE_MS + lab.settings.phase * ADD_EVERY_MS);
  await lab.server.crash();
  await sleep(awayMs);
  await lab.server.resume();
  const backAt = Date.now();
  let firstAt: number | undefined;
  await lab.until(async () => (firstAt = (await lab.runs('start')).find(({ at }) => at > backAt)?.at) !== undefined);
  await sleep(AFTER_MS);
  stop.abort();
  await adding;
  await lab.until(async () => adds.open === 0);
  const isThrough = async (): Promise<boolean> => {
    const done = new Set((await lab.runs('end')).map(({ key }) => key));
    return [...adds.stored.keys()].every((key) => done.has(key));
  };
  await lab.until(isThrough);
  const done = new Set((await lab.runs('end')).map(({ key }) => key));
  const starts = await lab.runs('start');
  const keys = new Set(starts.map(({ key }) => key));
  const completions = Object.values(await producer.call('completions'));
  return {
    lost: [...adds.stored.keys()].filter((key) => !done.has(key)).length,
    twice: starts.length - keys.size,
    storedTwice: Math.max(0, (await producer.call('stored')) - keys.size),
    acceptedTwice: completions.reduce((sum, count) => sum + count - 1, 0),
    errors: adds.refused,
    unanswered: adds.open,
    recoveryMs: since(backAt, firstAt),
  };
}

async function addOnAndOn(producer: Member, adds: Adds, signal: AbortSignal): Promise<void> {
  for (let number = 0; !signal.aborted; number++) {
    const key = `job-${number}`;
    adds.open++;
    producer
      .call('add', { key, ms: 100 })
      .then((id) => adds.stored.set(key, id))
      .catch(() => adds.refused++)
      .finally(() => adds.open--);
    await sleep(ADD_EVERY_MS);
  }
}

async function full(lab: Lab): Promise<Figures> {
  const producer = await lab.member();
  const worker = await lab.member();
  const ids: string[] = [];
  for (let number = 0; number < 10; number++) ids.push(await producer.call('add', { key: `job-${number}`, ms: 200 }));
  await worker.call('work', 1);
  await lab.started('job-0');
  const redis = new Redis({ host: '127.0.0.1', port: lab.server.port });
  try {
    await redis.config('SET', 'maxmemory', '1');
    const storedBefore = await producer.call('stored');
    const adds = [1, 2, 3, 4, 5].map((number) => producer.call('add', { key: `more-${number}`, ms: 0 }));
    const refused = (await Promise.allSettled(adds)).filter(({ status }) => status === 'rejected').length;
    const storedAfter = await producer.call('stored');
    await lab.until(async () => (await lab.runs('end')).length >= 10, Math.min(10_000, lab.settings.patienceMs));
    const looks = await Promise.all(ids.map((id) => producer.call('look', id)));
    const endedMeanwhile = looks.filter((look) => look?.state === 'completed').length;
    await redis.config('SET', 'maxmemory', '0');
    const freeAt = Date.now();
    const last = await producer.call('add', { key: 'last', ms: 0 });
    const lastAt = await lab.started('last');
    for (const id of [...ids, last]) await ended(lab, producer, id);
    const fates = await Promise.all(ids.map((id) => fate(producer, id)));
    const starts = await lab.runs('start');
    return {
      lost: fates.reduce((sum, { lost }) => sum + (lost ?? 0), 0),
      failed: fates.reduce((sum, { failed }) => sum + (failed ?? 0), 0),
      storedTwice: Math.max(0, storedAfter - storedBefore - (adds.length - refused)),
      twice: starts.length - new Set(starts.map(({ key }) => key)).size,
      errors: refused,
      endedMeanwhile,
      recoveryMs: since(freeAt, lastAt),
    };
  } finally {
    redis.disconnect();
  }
}

export const OUTAGES: readonly FaultCase[] = [
  {
    name: 'R1-short',
    title: 'Redis is killed and back after 0.2 s',
    setup:
      'A producer adds 40 jobs a second, a worker runs ten at a time, 100 ms each. Redis (append-only, everysec) gets kill -9 and starts again with its data. It is measured from its first answer until a job starts.',
    run: (lab) => restart(lab, SHORT_MS),
  },
  {
    name: 'R1-long',
    title: 'Redis is killed and back after about 10 s',
    setup:
      'The same, away for 7 to 13 s, another time in each round and the same on both sides: who tries again at fixed times is neither lucky nor unlucky.',
    remark:
      'BullMQ documents that add waits while Redis is away, and enableOfflineQueue: false for those who want an error. add of Millrace waits for commandTimeoutMs (10 s), and then says that nothing was sent.',
    run: (lab) => restart(lab, lab.settings.outageMs * (SHORTEST + (LONGEST - SHORTEST) * lab.settings.phase)),
  },
  {
    name: 'R14-full',
    title: 'memory is full',
    setup:
      'Ten jobs of 200 ms wait, one runs at a time. With the first one maxmemory (noeviction) is reached and stays so for 10 s; five more jobs are added meanwhile, of which none can be stored. Then there is room.',
    remark: 'noeviction is what both ask for.',
    run: full,
  },
];
