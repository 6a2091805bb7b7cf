/** Worker processes that are killed. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { FaultCase, Figures } from '../case.js';
import type { Lab } from '../lab.js';
import { ended, fate, FOR_EVER_MS, since } from './outcome.js';

/** Timers of both sides have cycles of up to 30 s. */
const CYCLE = 2 / 3;
const DEFAULT_LEASE_MS = 30_000;

/** Waits for a part of a lease: the kill comes at another point of the timers' cycles in each round. */
function phaseOf({ settings }: Lab): Promise<void> {
  return sleep(settings.phase * CYCLE * (settings.leaseMs ?? DEFAULT_LEASE_MS));
}

async function killHolders(lab: Lab, kills: number): Promise<Figures> {
  const observer = await lab.member();
  let holder = await lab.member({ holdMs: FOR_EVER_MS });
  await holder.call('work', 1);
  const id = await observer.call('add', { key: 'held', ms: 0 });
  await lab.started('held');
  let killedAt = 0;
  for (let kill = 1; kill <= kills; kill++) {
    const next = await lab.member(kill === kills ? {} : { holdMs: FOR_EVER_MS });
    await next.call('work', 1);
    if (kill === 1) await phaseOf(lab);
    killedAt = Date.now();
    await holder.kill();
    holder = next;
    const isOver = async (): Promise<boolean> => (await observer.call('look', id))?.state === 'failed';
    await lab.until(async () => (await lab.runs('start', 'held')).length > kill || (await isOver()));
  }
  await ended(lab, observer, id);
  const runs = await lab.runs('start', 'held');
  const outcome = await fate(observer, id);
  return {
    ...outcome,
    twice: Math.max(0, runs.length - 1 - kills),
    recoveryMs: since(killedAt, runs[kills]?.at),
  };
}

async function killUnderLimit(lab: Lab): Promise<Figures> {
  const observer = await lab.member();
  await observer.call('limit', 1);
  const holder = await lab.member({ holdMs: FOR_EVER_MS });
  await holder.call('work', 1);
  const ids = [await observer.call('add', { key: 'held', ms: 300 })];
  await lab.started('held');
  for (const key of ['second', 'third']) ids.push(await observer.call('add', { key, ms: 300 }));
  const next = await lab.member();
  await next.call('work', 5);
  await phaseOf(lab);
  const killedAt = Date.now();
  await holder.kill();
  for (const id of ids) await ended(lab, observer, id);
  const fates = await Promise.all(ids.map((id) => fate(observer, id)));
  const starts = (await lab.runs('start')).filter(({ at }) => at >= killedAt);
  const ends = await lab.runs('end');
  const running = starts.map(
    ({ at }) => starts.filter((other) => other.at <= at).length - ends.filter((end) => end.at <= at).length,
  );
  return {
    lost: fates.reduce((sum, { lost }) => sum + (lost ?? 0), 0),
    failed: fates.reduce((sum, { failed }) => sum + (failed ?? 0), 0),
    twice: Math.max(0, starts.length - ids.length),
    overLimit: Math.max(0, ...running.map((count) => count - 1)),
    recoveryMs: since(killedAt, starts[0]?.at),
  };
}

export const KILLED: readonly FaultCase[] = [
  {
    name: 'C1-killed',
    title: 'a worker is killed in the midst of a handler',
    setup:
      'Two worker processes, one job that may be tried once. Its process gets kill -9; it is measured until the other one starts the job.',
    remark:
      'Both promise at least once. BullMQ documents that a stalled job goes back to wait once its lock (30 s) has run out and the check for it (every 30 s) has found it.',
    run: (lab) => killHolders(lab, 1),
  },
  {
    name: 'C1-killed-twice',
    title: 'two workers in a row are killed under the same job',
    setup: 'As above, and the process that takes it over gets kill -9 as well; a third one is there.',
    remark:
      'BullMQ documents maxStalledCount: 1 as its default, for a job that stalls again is likely at fault itself; it can be raised. maxStalls of Millrace is 3.',
    run: (lab) => killHolders(lab, 2),
  },
  {
    name: 'C6-limit',
    title: 'the holder of the only place is killed',
    setup:
      'One job at once over all workers (setGlobalConcurrency(1), config.set({ concurrency: 1 })), one runs and two wait. Its process gets kill -9; it is measured until any of the three starts.',
    remark:
      'BullMQ has groups only in its Pro edition, which is not compared; the limit of a whole queue is what both have.',
    run: killUnderLimit,
  },
];
