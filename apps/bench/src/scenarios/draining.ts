import type { DrainScenario, Scenario } from './scenario.js';

const ONE = { concurrency: 1, jobs: 40_000, peerJobs: 800 } as const;
const TEN = { concurrency: 10, jobs: 50_000, peerJobs: 5_000 } as const;
const HUNDRED = { concurrency: 100, jobs: 70_000, peerJobs: 6_000 } as const;

type Size = Pick<DrainScenario, 'concurrency' | 'jobs' | 'peerJobs'>;

function draining(title: string, size: Size, more: Partial<Scenario> = {}): Scenario {
  return {
    title,
    group: 'Working off',
    method: 'drain',
    kind: 'small',
    handler: 'nothing',
    keep: 'default',
    inNest: false,
    queues: 1,
    workerProcesses: 0,
    persistence: 'off',
    needs: [],
    isQuick: false,
    ...size,
    ...more,
  } as Scenario;
}

/** How cost grows: Millrace against itself, with one thing changed. */
function growing(
  title: string,
  change: Partial<DrainScenario>,
  otherwise: string,
  small: Partial<DrainScenario>,
): Scenario {
  const against = { name: `millrace (${otherwise})`, change: small };
  return draining(title, HUNDRED, { group: 'Growth', isOwn: true, rounds: 3, ...change, against });
}

/** Scenarios that work off what waits. */
export const DRAINING = Object.freeze({
  'drain-1': draining('drain, concurrency 1', ONE, { isQuick: true }),
  'drain-10': draining('drain, concurrency 10', TEN, { isQuick: true }),
  'drain-100': draining('drain, concurrency 100', HUNDRED, { isQuick: true }),
  'drain-1-none': draining('drain, concurrency 1, none kept', ONE, { keep: 'none' }),
  'drain-10-none': draining('drain, concurrency 10, none kept', TEN, { keep: 'none' }),
  'drain-100-none': draining('drain, concurrency 100, none kept', HUNDRED, { keep: 'none' }),
  'drain-1ms': draining('drain, concurrency 100, handlers of 1 ms', HUNDRED, { handler: '1 ms', isQuick: true }),
  'drain-0-5ms': draining(
    'drain, concurrency 100, handlers of 0–5 ms',
    { ...HUNDRED, jobs: 40_000 },
    {
      handler: '0–5 ms',
    },
  ),
  'drain-priorities': draining('drain, concurrency 100, five priorities', HUNDRED, {
    group: 'With options',
    kind: 'prioritised',
    needs: ['priorities'],
  }),
  'drain-retries': draining(
    'drain, concurrency 100, 10 % fail once',
    { ...HUNDRED, jobs: 60_000 },
    {
      group: 'With options',
      kind: 'numbered',
      handler: 'fails once',
      needs: ['retries'],
    },
  ),
  'drain-unique': draining('drain, concurrency 100, an id of its own each', HUNDRED, {
    group: 'With options',
    kind: 'unique',
    needs: ['ids'],
  }),
  'processes-2': draining('drain, 2 worker processes, concurrency 100 each', HUNDRED, {
    group: 'Processes',
    workerProcesses: 2,
  }),
  'processes-4': draining('drain, 4 worker processes, concurrency 100 each', HUNDRED, {
    group: 'Processes',
    workerProcesses: 4,
  }),
  'drain-nest': draining('drain in a NestJS application, concurrency 100', HUNDRED, {
    group: 'NestJS',
    inNest: true,
    needs: ['NestJS'],
    against: { name: 'millrace (without NestJS)', change: { inNest: false } },
  }),
  'growth-payload': growing('drain, payloads of 1 KiB', { kind: 'large' }, '100 B', { kind: 'small' }),
  'growth-queues': growing('drain, one worker for 100 queues', { queues: 100 }, 'one queue', { queues: 1 }),
  'growth-processes': growing('drain, 4 worker processes', { workerProcesses: 4 }, 'one process', {
    workerProcesses: 1,
  }),
  'drain-100-everysec': draining('drain, concurrency 100, append-only file', HUNDRED, {
    group: 'Append-only file',
    persistence: 'everysec',
  }),
});
