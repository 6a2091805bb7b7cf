import { nameOf } from '../world/edges.js';
import { dependentsOf } from '../world/edges.js';
import { refOf, wireEnvelope, type Job } from '../world/job.js';
import { counted, countedOfGroup, rateOf } from '../world/limits.js';
import type { Epoch, QueueModel, Schedule } from '../world/queue-model.js';
import type { World } from '../world/world.js';
import { compact, type EpochView, type JobView, type QueueView } from './view.js';

const LANE_IDLE_MS = 86_400_000;

/** A queue as the model predicts it. */
export function viewOfModel(world: World, queue: QueueModel): QueueView {
  const jobs = [...queue.jobs.values()];
  const ready = jobs.filter(({ state, line }) => state === 'waiting' && line === undefined);
  const groups = new Set(ready.map(({ group }) => group));
  return {
    jobs: Object.fromEntries(jobs.map((job) => [job.id, jobOfModel(world, job)])),
    waiting: Object.fromEntries([...groups].map((group) => [group ?? '', queue.waiting(group).map(({ id }) => id)])),
    completed: queue
      .inState('completed')
      .filter(({ keptUntil }) => keptUntil === undefined)
      .sort((a, b) => a.turn - b.turn)
      .map(({ id }) => id),
    aside: asideOf(queue),
    epochs: Object.fromEntries([...queue.epochs].map(([name, epoch]) => [name, epochOf(epoch)])),
    settings: Object.fromEntries(queue.settings),
    groups: groupsOf(queue),
    pause: queue.pause,
    seen: queue.seen,
    isHeard: queue.isHeard,
    uniques: uniquesOf(queue, world.now),
    remembered: rememberedOf(queue, world.now),
    lanes: lanesOf(queue, world.now),
    schedules: Object.fromEntries([...queue.schedules].map(([id, schedule]) => [id, scheduleOf(schedule)])),
    tracked: Object.fromEntries(queue.tracked),
    counted: Object.fromEntries(queue.counted),
    starts: counted(queue.starts, rateOf(queue), world.now).length,
    groupStarts: groupStartsOf(world, queue),
    told: [...queue.told].sort(),
  };
}

function jobOfModel(world: World, job: Job): JobView {
  const { outcome, lease } = job;
  const named = (refs: Iterable<string>): string[] => [...refs].map((ref) => nameOf(world, ref, job.queue)).sort();
  const results = [...job.results].map(([ref, result]) => [nameOf(world, ref, job.queue), result]);
  return compact({
    state: job.state,
    envelope: wireEnvelope(job),
    priority: job.priority,
    charged: `${job.failures} ${job.stalls} ${job.uncounted}`,
    letters: lettersOf(job),
    at: ['delayed', 'retrying', 'blocked'].includes(job.state) ? job.at : undefined,
    error: job.error,
    outcome: outcome && `${outcome.letter}${outcome.at},${outcome.attempt},${outcome.durationMs}\n${outcome.text}`,
    kind: job.kind && `${job.name}:${job.kind}`,
    keptUntil: job.keptUntil,
    lines: linesOf(world, job),
    notes: Object.fromEntries(job.notes),
    history: job.history,
    lease: lease && `${lease.epoch} ${lease.token} ${lease.nth}${lease.isMarked ? ' marked' : ''}`,
    needs: named(job.needs.keys()),
    dependents: named(dependentsOf(world, refOf(job), 'open').map(refOf)),
    failed: named(dependentsOf(world, refOf(job), 'failed').map(refOf)),
    results: Object.fromEntries(results),
  }) as JobView;
}

function lettersOf(job: Job): string {
  const letters: readonly (readonly [string, boolean])[] = [
    ['D', job.said.length > 0],
    ['G', job.group !== undefined],
    ['N', job.notes.size > 0],
    ['P', job.isParent],
    ['R', job.uses.length > 0],
    ['S', job.isSuspect],
    ['T', job.tags.length > 0],
    ['X', job.isUnending],
    ['Y', job.history.length > 0],
  ];
  return letters.map(([letter, isSaid]) => (isSaid ? letter : '')).join('');
}

function linesOf(world: World, job: Job): string | undefined {
  const said = job.said.map((ref) => nameOf(world, ref, job.queue));
  const lines = [
    ...(job.tags.length === 0 ? [] : [['t', ...job.tags]]),
    ...(job.group === undefined ? [] : [['g', job.group]]),
    ...(job.uses.length === 0 ? [] : [['r', ...usesOf(job)]]),
    ...(said.length === 0 ? [] : [['d', `${job.policy}${job.isLenient ? 'd' : ''}`, ...said]]),
  ];
  return lines.length === 0
    ? undefined
    : lines
        .map((line) => line.join('\t'))
        .sort()
        .join('\n');
}

function usesOf({ uses, useTurn }: Job): string[] {
  return [...uses.flatMap(({ name, amount }) => [name, amount]), ...(useTurn === undefined ? [] : [useTurn])].map(
    String,
  );
}

function epochOf(epoch: Epoch): EpochView {
  return {
    ...(epoch.isOpen ? { lease: epoch.lease } : {}),
    expiry: epoch.expiry,
    isOpen: epoch.isOpen,
    isSpared: epoch.isSpared,
    ...(epoch.late === undefined ? {} : { late: epoch.late }),
    obeyed: epoch.obeyed,
    leased: epoch.leased,
    taken: [
      String(epoch.takenSoFar),
      ...epoch.taken.map(({ number, id, token, reason }) => `${number}\t${id}\t${token}\t${reason}`),
    ],
    slots: Object.fromEntries([...epoch.slots].map(([slot, { seq, refused }]) => [slot, `${seq},${refused}`])),
  };
}

function asideOf(queue: QueueModel): Record<string, string[]> {
  const aside: Record<string, string[]> = {};
  for (const job of queue.inState('aside').sort((a, b) => a.turn - b.turn)) (aside[job.name] ??= []).push(job.id);
  return aside;
}

function groupsOf(queue: QueueModel): Record<string, string> {
  return Object.fromEntries(
    [...queue.groups].map(([name, { concurrency, rate, paused }]) => [name, `${concurrency};${rate};${paused}`]),
  );
}

function groupStartsOf({ now }: World, queue: QueueModel): Record<string, number> {
  const all = [...queue.groupStarts.keys()].map((name) => [name, countedOfGroup(queue, name, now).length] as const);
  return Object.fromEntries(all.filter(([, count]) => count > 0));
}

function uniquesOf(queue: QueueModel, now: number): Record<string, string> {
  const held = [...queue.uniques].filter(([, { expiry }]) => expiry === undefined || expiry > now);
  return Object.fromEntries(held.map(([key, { id, expiry }]) => [key, `${id}\t${expiry ?? ''}`]));
}

function rememberedOf(queue: QueueModel, now: number): Record<string, number> {
  const ids = [...queue.remembered].map(([id, until]) => [id, until > now ? until : 0] as const);
  return Object.fromEntries(ids.filter(([id, until]) => until > 0 || queue.jobs.has(id)));
}

function lanesOf(queue: QueueModel, now: number): Record<string, string> {
  const lanes = [...queue.lanes].filter(([, { usedAt }]) => usedAt > now - LANE_IDLE_MS);
  return Object.fromEntries(lanes.map(([lane, { seq, usedAt }]) => [lane, `1${seq},${usedAt}`]));
}

function scheduleOf({ state, at, revision, count, last, hash, job, definition, history }: Schedule): unknown {
  return { record: `1${revision},${count},${last}\t${hash}\t${job}\n${definition}`, state, at, history };
}
