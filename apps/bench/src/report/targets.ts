/** What Millrace is to reach: each target with the figure of the report that it is read from. */

/** One target: a ratio to another library, or what a job may cost. */
export interface Target {
  readonly title: string;
  /** The figure that it is read from, and the peer in it. */
  readonly scenario: string;
  readonly peer: string;
  /** What of it: Millrace ÷ peer, or what a job costs Millrace. */
  readonly reads: 'ratio' | 'redisMicros' | 'nodeMicros';
  /** Whether it has to be at least this much, or at most. */
  readonly better: 'higher' | 'lower';
  readonly atLeast: number;
  /** What would be better still; a limit has none. */
  readonly aim?: number;
}

/** The peer that the targets compare with. */
export const REFERENCE_PEER = 'bullmq';

/** The targets, in the order in which they are shown. */
export const TARGETS: readonly Target[] = Object.freeze([
  more('drain, concurrency 100, no-op', 'drain-100', [8, 12]),
  more('drain, concurrency 10', 'drain-10', [5, 10]),
  more('drain, concurrency 1', 'drain-1', [8, 15]),
  more('drain, 1 ms handlers, concurrency 100', 'drain-1ms', [4, 6]),
  more('drain through NestJS decorators, concurrency 100', 'drain-nest', [6, 10]),
  more('enqueue, 100 in flight', 'enqueue', [4, 5]),
  more('enqueue, 100 in flight, 1 KiB', 'enqueue-1k', [4, 5]),
  more('addMany', 'add-many', [8, 10]),
  more('addMany, 1 KiB', 'add-many-1k', [8, 10]),
  more('enqueue, one at a time', 'enqueue-sequential', [1.3, 1.8]),
  more('enqueue, one at a time, 1 KiB', 'enqueue-sequential-1k', [1.3, 1.8]),
  less('latency idle, p50', 'latency-idle-p50', [0.7, 0.5]),
  less('latency at 5,000 jobs/s, p99', 'latency-5000-p99', [0.2, 0.05]),
  less('memory a waiting job (100 B payload)', 'memory-waiting', [0.4, 0.27]),
  less('memory a completed job kept', 'memory-completed', [0.35, 0.25]),
  {
    ...more('rate at 1,000,000 waiting to rate at 10,000', 'million-rate', [0.9, 1]),
    peer: 'millrace (10,000 waiting)',
  },
  { ...less('Redis time a job, drain at concurrency 100', 'drain-100', [8]), reads: 'redisMicros' },
  { ...less('Node time a job, drain at concurrency 100', 'drain-100', [10]), reads: 'nodeMicros' },
]);

type Limits = readonly [atLeast: number, aim?: number];

function more(title: string, scenario: string, [atLeast, aim]: Limits): Target {
  const limits = aim === undefined ? { atLeast } : { atLeast, aim };
  return { title, scenario, peer: REFERENCE_PEER, reads: 'ratio', better: 'higher', ...limits };
}

function less(title: string, scenario: string, limits: Limits): Target {
  return { ...more(title, scenario, limits), better: 'lower' };
}
