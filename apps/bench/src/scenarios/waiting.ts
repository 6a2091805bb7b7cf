import type { LatencyScenario, MemoryScenario, Scenario } from './scenario.js';

const PLAIN = { persistence: 'off', needs: [], isQuick: false } as const;
const SECONDS_OF_LOAD = 1;

function latency(title: string, how: Pick<LatencyScenario, 'perSecond' | 'jobs' | 'concurrency'>): Scenario {
  return { ...PLAIN, title, group: 'Latency', method: 'latency', ...how };
}

function underLoad(perSecond: number): Scenario {
  const title = `from add to start, ${perSecond.toLocaleString('en')} jobs/s`;
  return latency(title, { perSecond, jobs: SECONDS_OF_LOAD * perSecond, concurrency: 100 });
}

function memory(title: string, what: Partial<MemoryScenario & Scenario> = {}): Scenario {
  const scenario = { ...PLAIN, title, group: 'Memory', method: 'memory', jobs: 6_000, kind: 'small', rounds: 3 };
  return { ...scenario, completed: false, ...what } as Scenario;
}

/** Scenarios about jobs that wait: until they are due, until they start, and in memory. */
export const WAITING = Object.freeze({
  due: {
    ...PLAIN,
    title: 'delayed jobs that are due together, concurrency 100',
    group: 'With options',
    method: 'due',
    jobs: 4_000,
    concurrency: 100,
    needs: ['delays'],
  } satisfies Scenario,
  'latency-idle': {
    ...latency('from add to start, idle', { perSecond: undefined, jobs: 60, concurrency: 10 }),
    isQuick: true,
  },
  'latency-1000': underLoad(1_000),
  'latency-5000': underLoad(5_000),
  'latency-20000': underLoad(20_000),
  'memory-waiting': memory('memory of a waiting job', { isQuick: true }),
  'memory-waiting-1k': memory('memory of a waiting job, 1 KiB', { kind: 'large' }),
  'memory-delayed': memory('memory of a delayed job', { kind: 'delayed', needs: ['delays'] }),
  'memory-completed': memory('memory of a completed job that is kept', { completed: true }),
  'million-rate': {
    ...PLAIN,
    title: 'add and drain while 1,000,000 jobs wait',
    group: 'Many jobs waiting',
    method: 'backlog',
    waiting: 1_000_000,
    jobs: 60_000,
    concurrency: 100,
    isOwn: true,
    against: { name: 'millrace (10,000 waiting)', change: { waiting: 10_000 } },
  } satisfies Scenario,
});
