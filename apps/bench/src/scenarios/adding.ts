import type { AddScenario, Scenario } from './scenario.js';

const SEQUENTIAL = { jobs: 4_000, peerJobs: 2_500, inFlight: 1, jobsPerCall: 1 } as const;
const CONCURRENT = { jobs: 60_000, peerJobs: 14_000, inFlight: 100, jobsPerCall: 1 } as const;
const BULK = { jobs: 100_000, peerJobs: 14_000, inFlight: 1, jobsPerCall: 1_000 } as const;

function adding(title: string, size: Omit<AddScenario, 'method' | 'kind'>, more: Partial<Scenario> = {}): Scenario {
  return {
    title,
    group: 'Adding',
    method: 'add',
    kind: 'small',
    persistence: 'off',
    needs: [],
    isQuick: false,
    ...size,
    ...more,
  } as Scenario;
}

/** Scenarios that add jobs. */
export const ADDING = Object.freeze({
  'enqueue-sequential': adding('add, one at a time', SEQUENTIAL, { isQuick: true }),
  'enqueue-sequential-1k': adding('add, one at a time, 1 KiB', SEQUENTIAL, { kind: 'large' }),
  enqueue: adding('add, 100 in flight', CONCURRENT, { isQuick: true }),
  'enqueue-1k': adding('add, 100 in flight, 1 KiB', { ...CONCURRENT, jobs: 40_000 }, { kind: 'large' }),
  'enqueue-unique': adding(
    'add, 100 in flight, an id of its own each',
    { ...CONCURRENT, jobs: 40_000 },
    {
      kind: 'unique',
      needs: ['ids'],
    },
  ),
  'add-many': adding('addMany of 1,000', BULK, { isQuick: true }),
  'add-many-1k': adding('addMany of 1,000, 1 KiB', { ...BULK, jobs: 40_000 }, { kind: 'large' }),
  'enqueue-everysec': adding('add, 100 in flight, append-only file', CONCURRENT, {
    group: 'Append-only file',
    persistence: 'everysec',
  }),
  'add-many-everysec': adding('addMany of 1,000, append-only file', BULK, {
    group: 'Append-only file',
    persistence: 'everysec',
  }),
});
