/** A producer of a chaos run: adds jobs of all kinds, several at a time, and writes down what it asked for and was told. */
import { JobsError, Queue, type AnyJobs, type Job } from '@millrace/core';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dice } from '../../faults/support/fleet/dice.ts';
import type { Intent } from '../lines.ts';
import { ChaosProcess } from './chaos-process.ts';
import { draw, type Draft } from './drafts.ts';
import { QUEUES, runIn, textOf, type Work } from './work.ts';

/** So many adds are out at a time. */
const HANDS = 3;
/** Between two adds of one hand; what a run of two cores can work. */
const PAUSE_MS = { least: 10, most: 60 };
const RESULT_MS = 8_000;
/** After these codes of an error nothing was written. */
const NOTHING_WRITTEN = new Set(['NO_REDIS', 'STORAGE_REFUSED', 'DEPENDENCY_NOT_FOUND']);

const self = new ChaosProcess();
const dice = Dice.of('the seed of a producer', self.settings.seed);
const connection = await self.connect();
const queues = Object.fromEntries(Object.values(QUEUES).map((name) => [name, new Queue(name, { connection })]));
let made = 0;
let isOver = false;

type Named = Draft & { readonly n: string };

function named(draft: Draft): Named {
  made += 1;
  const n = `${self.settings.label}-${made}`;
  const { queue, fate, options } = draft;
  const intent: Pick<Intent, 'op' | 'n' | 'queue' | 'fate' | 'delayMs' | 'priority'> = {
    op: 'add',
    n,
    queue,
    fate,
    ...(options.delayMs !== undefined && { delayMs: options.delayMs }),
    ...(typeof options.priority === 'number' && { priority: options.priority }),
  };
  self.note(intent);
  if (draft.hasHeir !== true) return { ...draft, n };
  const heir: Work = { n: `${n}-heir`, ms: 0, fails: 0, text: textOf(`${n}-heir`) };
  self.note({ op: 'add', n: heir.n, queue, fate: 'completed', heirOf: n });
  return { ...draft, n, options: { ...options, onFailure: { name: 'work', data: heir } } };
}

/** Adds jobs by one call, and returns those that Redis has acknowledged. */
async function add(queue: string, drafts: readonly Named[]): Promise<Job[]> {
  const rows = drafts.map(({ name, n, ms, fails, lateMs, options }) => {
    const data: Work = { n, ms, fails, text: textOf(n), ...(lateMs !== undefined && { lateMs }) };
    return { name, data, options };
  });
  try {
    const [first] = rows;
    const jobs =
      rows.length === 1 && first !== undefined
        ? [await queueOf(queue).add(first.name, first.data, first.options)]
        : await queueOf(queue).addMany(rows);
    jobs.forEach(({ id, outcome }, index) =>
      self.note({ op: outcome === 'kept' ? 'kept' : 'added', n: drafts[index]?.n ?? '', queue, id }),
    );
    return jobs;
  } catch (error) {
    const code = JobsError.is(error) ? error.code : String(error);
    const isDefinite = NOTHING_WRITTEN.has(code);
    for (const { n } of drafts) self.note({ op: isDefinite ? 'refused' : 'unknown', n, queue, detail: code });
    if (!isDefinite && code !== 'OUTCOME_UNKNOWN')
      self.note({ op: 'wrong', detail: `an add was rejected with ${code}: ${(error as Error).message}` });
    return [];
  }
}

function queueOf(name: string): Queue<AnyJobs> {
  const queue = queues[name];
  if (queue === undefined) throw new Error(`there is no queue ${name}`);
  return queue;
}

/** Jobs, and one that depends on them: either by a call each, or by one call. */
async function addFlow(before: readonly Draft[], last: Draft): Promise<void> {
  const { queue } = last;
  if (dice.isIn(50)) {
    const parents = before.map((draft) => {
      const { options, ...rest } = named(draft);
      return { ...rest, options: { ...options, id: `flow-${rest.n}` } };
    });
    const dependsOn = parents.map(({ options }) => options.id);
    await add(queue, [...parents, { ...named(last), options: { ...last.options, dependsOn } }]);
    return;
  }
  const parents: Job[] = [];
  for (const draft of before) {
    parents.push(...(await add(queue, [named(draft)])));
    self.pass('between-adds');
  }
  if (parents.length > 0) {
    await add(queue, [{ ...named(last), options: { ...last.options, dependsOn: parents.map(({ id }) => id) } }]);
  }
}

async function hear(job: Job): Promise<void> {
  const found = await queueOf(job.queue)
    .result(job.id, { timeoutMs: RESULT_MS })
    .catch(() => undefined);
  const run = runIn(JSON.stringify(found ?? null));
  if (run !== undefined) self.note({ op: 'result', id: job.id, queue: job.queue, run });
}

async function cancel({ queue, id }: Job, afterMs: number): Promise<void> {
  await sleep(afterMs);
  self.note({ op: 'cancel', queue, id });
  const [outcome] = await queueOf(queue)
    .cancel(id)
    .catch(() => []);
  if (outcome !== undefined) self.note({ op: 'cancelled', queue, id, detail: outcome });
}

async function work(): Promise<void> {
  while (!isOver) {
    const drawn = draw(dice);
    if (drawn.before.length > 0) await addFlow(drawn.before, drawn.job);
    else {
      const drafts = Array.from({ length: drawn.job.times ?? 1 }, () => named(drawn.job));
      const [job] = await add(drawn.job.queue, drafts);
      if (job !== undefined && drawn.isAwaited) await hear(job);
      if (job !== undefined && drawn.job.cancelAfterMs !== undefined) await cancel(job, drawn.job.cancelAfterMs);
    }
    await sleep(dice.between(PAUSE_MS.least, PAUSE_MS.most));
  }
}

self.note({ op: 'ready' });
const hands = Promise.all(Array.from({ length: HANDS }, work));
self.endsBy(async () => {
  isOver = true;
  await hands;
  await Promise.all(Object.values(queues).map((queue) => queue.close()));
  await connection.close();
});
await hands;
