/** Connections that go silent and stay open. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { FaultCase, Figures } from '../case.js';
import type { Lab } from '../lab.js';
import { acceptedAgain, ended, fate, settled, since } from './outcome.js';

/** Longer than the intervals at which idle workers ask. */
const PHASE_MS = 5_000;
const ADD_EVERY_MS = 1_000;
/** Long enough for another worker to be there before it ends. */
const BUSY_MS = 4_000;

async function silentIdle(lab: Lab): Promise<Figures> {
  const proxy = await lab.proxy();
  const observer = await lab.member();
  const worker = await lab.member({ port: proxy.port });
  await worker.call('work', 1);
  await observer.call('add', { key: 'first', ms: 0 });
  await lab.started('first');
  await sleep(lab.settings.phase * PHASE_MS);
  proxy.silence();
  const silentAt = Date.now();
  const id = await observer.call('add', { key: 'job', ms: 0 });
  const startedAt = await lab.started('job');
  if (startedAt !== undefined) await ended(lab, observer, id);
  const outcome = await fate(observer, id);
  return {
    ...outcome,
    twice: Math.max(0, (await lab.runs('start', 'job')).length - 1),
    recoveryMs: since(silentAt, startedAt),
  };
}

async function silentRun(lab: Lab): Promise<Figures> {
  const proxy = await lab.proxy();
  const observer = await lab.member();
  await observer.call('watch');
  const other = await lab.member();
  const worker = await lab.member({ port: proxy.port });
  await worker.call('work', 1);
  const id = await observer.call('add', { key: 'job', ms: BUSY_MS });
  await lab.started('job');
  await other.call('work', 1);
  proxy.silence();
  const silentAt = Date.now();
  const isOver = await ended(lab, observer, id);
  const overAt = Date.now();
  const outcome = await fate(observer, id);
  return {
    ...outcome,
    twice: (await lab.runs('start', 'job')).length - 1,
    acceptedTwice: await acceptedAgain(lab, observer, id),
    recoveryMs: since(silentAt, isOver ? overAt : undefined),
  };
}

async function silentAdd(lab: Lab): Promise<Figures> {
  const proxy = await lab.proxy();
  const producer = await lab.member({ port: proxy.port });
  await producer.call('add', { key: 'warm', ms: 0 });
  proxy.silence();
  const silentAt = Date.now();
  let storedAt: number | undefined;
  let refused = 0;
  let open = 0;
  const add = async (number: number): Promise<void> => {
    open++;
    await producer.call('add', { key: `job-${number}`, ms: 0 }).then(
      () => (storedAt ??= Date.now()),
      () => refused++,
    );
    open--;
  };
  const first = settled(lab, add(0));
  for (let number = 1; storedAt === undefined && Date.now() - silentAt < lab.settings.patienceMs; number++) {
    await sleep(ADD_EVERY_MS);
    void add(number);
  }
  const { ms } = await first;
  await lab.until(async () => open === 0, ADD_EVERY_MS);
  return { errors: refused, unanswered: open, settledMs: ms, recoveryMs: since(silentAt, storedAt) };
}

export const SILENCE: readonly FaultCase[] = [
  {
    name: 'R9-worker',
    title: 'the connections of an idle worker go silent',
    setup:
      'A proxy before the worker swallows everything on the connections that are open, and leaves them open; new ones pass. A job is added; it is measured until that worker starts it.',
    remark: 'Another worker would take the job meanwhile; this shows whether the silent one comes back.',
    run: silentIdle,
  },
  {
    name: 'R9-run',
    title: 'the connections of a busy worker go silent',
    setup:
      'The same while a job of 4 s runs there; another worker is idle, with connections of its own. It is measured until the job has completed.',
    remark: 'At least once allows another run here; one is needed only if the first worker cannot hand in its result.',
    run: silentRun,
  },
  {
    name: 'R9-add',
    title: 'the connection of a producer goes silent',
    setup:
      'The same before a producer, which adds a job a second. It is measured until the first add settles, and until any is stored.',
    run: silentAdd,
  },
];
