/** A report as a run would leave it, with figures that nobody has measured. */
import type { BenchReport, BenchResult, Costs, Unit } from '../../../apps/bench/src/result.ts';

/** A result with whatever a test wants to be different. */
export function madeUpResult(changes: Partial<BenchResult> = {}): BenchResult {
  const { ratio = 10 } = changes;
  const pairs = changes.pairs ?? [0.97, 1.04, 1, 0.93, 1.08].map((factor) => ratio * factor);
  const costs = { redisMicros: 4.2, scriptMicros: 2.6, nodeMicros: 6.1, commandsPerJob: 0.31, bytesPerJob: 214 };
  return {
    scenario: 'drain-100',
    title: 'drain, concurrency 100',
    group: 'Working off',
    unit: 'jobs/s',
    better: 'higher',
    persistence: 'off',
    peer: 'bullmq',
    ours: 150_000,
    theirs: 150_000 / ratio,
    ratio,
    spread: [Math.min(...pairs), Math.max(...pairs)],
    pairs,
    costs: { ours: costs, theirs: timesEach(costs, 11) },
    ...changes,
  };
}

/** A report with these results. */
export function madeUpReport(results: readonly BenchResult[]): BenchReport {
  return {
    machine: { cpu: 'AMD EPYC', cores: 2, memoryGiB: 23.5, os: 'Linux 6.1', node: 'v20.20.2', redis: '7.0.15' },
    versions: { millrace: '0.1.0', bullmq: '6.7.0', 'bee-queue': '2.0.0', groupmq: '1.1.0' },
    commit: '2acad3f+',
    date: '2026-11-22T17:32:54.000Z',
    rounds: 5,
    settings: {
      millrace: 'defaults: fencing, lease keeper thread, 1,000 completed jobs kept, adaptive prefetch',
      bullmq: 'defaults, removeOnComplete: { count: 1000 }',
      'bee-queue': 'isWorker only where it works, removeOnSuccess, getEvents: false, storeJobs: false',
      groupmq: '1,000 groups, keepCompleted: 1000',
    },
    notes: ['glide-mq is left out: the npm registry has neither it nor the client that it needs.'],
    results,
  };
}

/** Scenario, title, group, unit, Millrace's figure, and its ratio to BullMQ, bee-queue and groupmq. */
type Line = readonly [string, string, string, Unit, number, readonly number[]];

const LINES: readonly Line[] = [
  ['enqueue-sequential', 'add, one at a time', 'Adding', 'jobs/s', 4_410, [1.83, 1.31, 1.9]],
  ['enqueue', 'add, 100 in flight', 'Adding', 'jobs/s', 103_000, [4.4, 0.92, 4.7]],
  ['add-many', 'addMany of 1,000', 'Adding', 'jobs/s', 173_000, [9.3, 2.9, 8.2]],
  ['add-many-1k', 'addMany of 1,000, 1 KiB', 'Adding', 'jobs/s', 91_000, [7.3, 2.4, 6.1]],
  ['drain-1', 'drain, concurrency 1', 'Working off', 'jobs/s', 37_000, [15.4, 24.7, 41]],
  ['drain-10', 'drain, concurrency 10', 'Working off', 'jobs/s', 88_000, [9.1, 6.8, 8]],
  ['drain-100', 'drain, concurrency 100', 'Working off', 'jobs/s', 165_204, [12.6, 10.1, 10.9]],
  ['drain-1ms', 'drain, concurrency 100, handlers of 1 ms', 'Working off', 'jobs/s', 74_000, [6.3, 5.1, 5.5]],
  ['drain-retries', 'drain, concurrency 100, 10 % fail once', 'With options', 'jobs/s', 61_000, [6.1, 5.2, 4.8]],
  ['drain-priorities', 'drain, concurrency 100, five priorities', 'With options', 'jobs/s', 64_500, [4.9]],
  ['latency-idle-p50', 'from add to start, idle, p50', 'Latency', 'ms', 0.81, [0.48, 0.84, 0.72]],
  ['latency-idle-p99', 'from add to start, idle, p99', 'Latency', 'ms', 1.9, [0.29, 0.66, 0.54]],
  ['latency-5000-p50', 'from add to start, 5,000 jobs/s, p50', 'Latency', 'ms', 0.44, [0.11, 1, 0.4]],
  ['latency-5000-p99', 'from add to start, 5,000 jobs/s, p99', 'Latency', 'ms', 2.1, [0.031, 0.44, 0.003]],
  ['memory-waiting', 'memory of a waiting job', 'Memory', 'bytes', 185, [0.28, 0.66, 0.14]],
  ['memory-completed', 'memory of a completed job that is kept', 'Memory', 'bytes', 287, [0.25, 0.86, 0.18]],
  ['drain-nest', 'drain in a NestJS application, concurrency 100', 'NestJS', 'jobs/s', 98_000, [9.4]],
  [
    'drain-100-everysec',
    'drain, concurrency 100, append-only file',
    'Append-only file',
    'jobs/s',
    88_000,
    [7.3, 6.1, 6.4],
  ],
];

const PEERS = ['bullmq', 'bee-queue', 'groupmq'];

/** All kinds of figures, among them one where Millrace is behind, one that is even, and two with itself. */
export function fullReport(): BenchReport {
  return madeUpReport([
    ...LINES.flatMap(([scenario, title, group, unit, ours, ratios]) =>
      ratios.flatMap((ratio, index) => {
        const better = unit === 'jobs/s' ? 'higher' : 'lower';
        const persistence = scenario.endsWith('everysec') ? 'everysec' : 'off';
        const shape = { scenario, title, group, unit, better, persistence, peer: PEERS[index]!, ratio } as const;
        const { costs } = madeUpResult({ ratio });
        const note = 'It could not keep up with the rate: its figure is that of a queue that grows.';
        return [
          madeUpResult({
            ...shape,
            ours,
            theirs: ours / ratio,
            ...(unit !== 'jobs/s' && { costs: { ours: {}, theirs: {} } }),
            ...(unit === 'jobs/s' && { costs: { ours: costs.ours, theirs: timesEach(costs.ours, ratio) } }),
            ...(ratio < 0.01 && { note }),
          }),
        ];
      }),
    ),
    madeUpResult({
      scenario: 'drain-nest',
      title: 'drain in a NestJS application, concurrency 100',
      group: 'NestJS',
      peer: 'millrace (without NestJS)',
      ours: 98_000,
      theirs: 140_000,
      ratio: 0.7,
    }),
    madeUpResult({
      scenario: 'million-rate',
      title: 'add and drain while 1,000,000 jobs wait',
      group: 'Many jobs waiting',
      peer: 'millrace (10,000 waiting)',
      ours: 61_000,
      theirs: 66_000,
      ratio: 0.92,
    }),
  ]);
}

function timesEach(costs: Costs, factor: number): Costs {
  return Object.fromEntries(Object.entries(costs).map(([name, value]: [string, number]) => [name, value * factor]));
}
