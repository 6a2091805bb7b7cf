import { FINAL_STATES, LIVE_STATES } from '../job/job-state.js';
import type { JobTotals, Spread } from '../stats/index.js';
import { numberOf, type Family, type Sample } from './exposition.js';
import type { Measured } from './measure.js';

/** A family, and what it has of one queue. */
interface Metric extends Omit<Family, 'samples'> {
  readonly samplesOf: (queue: Measured) => readonly Sample[];
}

type Value = number | undefined | readonly Sample[];

const STATES = [...LIVE_STATES, ...FINAL_STATES];
const ENDED = Object.freeze({
  completed: 'completed',
  failed: 'failed',
  timed_out: 'timedOut',
  broken: 'broken',
  cancelled: 'cancelled',
}) satisfies Record<(typeof FINAL_STATES)[number], keyof JobTotals>;

const METRICS: readonly Metric[] = [
  metric('gauge', 'millrace_jobs', 'Jobs by state.', ({ info }) =>
    STATES.map((state) => ({ labels: { state }, value: info.counts[state] })),
  ),
  metric(
    'gauge',
    'millrace_jobs_unclaimed',
    'Waiting jobs whose name no worker handles.',
    ({ info }) => info.counts.unclaimed,
  ),
  metric(
    'gauge',
    'millrace_jobs_stalled',
    'Active jobs whose workers let their leases end.',
    ({ info }) => info.stalled,
  ),
  metric(
    'gauge',
    'millrace_queue_latency_seconds',
    'How long the job has waited that could run and has waited longest.',
    ({ info }) => info.latencyMs / 1_000,
  ),
  metric('gauge', 'millrace_queue_paused', '1 while the queue is paused.', ({ info }) => (info.isPaused ? 1 : 0)),
  metric(
    'gauge',
    'millrace_queue_memory_bytes',
    'About how much memory of Redis the queue takes.',
    ({ bytes }) => bytes,
  ),
  metric('gauge', 'millrace_workers', 'Live workers.', ({ info }) => info.workers),
  metric(
    'counter',
    'millrace_jobs_ended_total',
    'Jobs that have ended, by the state in which they did.',
    ({ totals }) => FINAL_STATES.map((state) => ({ labels: { state }, value: totals[ENDED[state]] })),
  ),
  metric(
    'counter',
    'millrace_attempts_retried_total',
    'Attempts that failed and were followed by another.',
    ({ totals }) => totals.retried,
  ),
  metric(
    'counter',
    'millrace_attempts_stalled_total',
    'Attempts whose worker vanished.',
    ({ totals }) => totals.stalled,
  ),
  metric('histogram', 'millrace_run_seconds', 'How long attempts ran, since midnight (UTC).', ({ today }) =>
    samplesOf(today.run),
  ),
  metric(
    'histogram',
    'millrace_wait_seconds',
    'From the time at which jobs were due to their first attempts, since midnight (UTC).',
    ({ today }) => samplesOf(today.wait),
  ),
];

function metric(type: Metric['type'], name: string, help: string, read: (queue: Measured) => Value): Metric {
  const samples = (queue: Measured): readonly Sample[] => {
    const value = read(queue);
    if (typeof value === 'object') return value;
    return value === undefined ? [] : [{ labels: {}, value }];
  };
  return { type, name, help, samplesOf: samples };
}

/** The metrics of queues. @param registered how many there are, where all could be asked */
export function familiesOf(queues: readonly Measured[], registered: number | undefined): Family[] {
  const families: Family[] = METRICS.map(({ samplesOf: read, ...family }) => ({
    ...family,
    samples: queues.flatMap((queue) =>
      read(queue).map((sample) => ({ ...sample, labels: { queue: queue.info.name, ...sample.labels } })),
    ),
  })).filter(({ samples }) => samples.length > 0);
  if (registered === undefined) return families;
  const count: Sample = { labels: {}, value: registered };
  return [{ name: 'millrace_queues', type: 'gauge', help: 'Registered queues.', samples: [count] }, ...families];
}

/** Buckets count all that is up to their bound, where those of a spread count what is above the one before. */
function samplesOf({ histogram, count, meanMs }: Spread): Sample[] {
  let upTo = 0;
  const samples: Sample[] = histogram.map((bucket) => ({
    suffix: '_bucket',
    labels: { le: numberOf(bucket.upToMs / 1_000) },
    value: (upTo += bucket.count),
  }));
  // Times are whole ms, and so is their sum: rounded, the error of the mean never makes it fall.
  samples.push({ suffix: '_sum', labels: {}, value: Math.round(count * meanMs) / 1_000 });
  samples.push({ suffix: '_count', labels: {}, value: upTo });
  return samples;
}
