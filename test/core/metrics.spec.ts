import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AnyJobs,
  type Connection,
  FINAL_STATES,
  LIVE_STATES,
  metricsText,
  METRICS_CONTENT_TYPE,
  type Queue,
  UnrecoverableError,
  type VirtualClock,
} from '@millrace/core';
import { sleep } from '@millrace/core/internal';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';
import { jobInState } from './support/job-in-state.ts';
import { readMetrics, type ReadFamily } from './support/prometheus.ts';

describe('metrics', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    ({ clock, connection, queue } = await harness.timed());
  });

  afterEach(() => harness.close());

  const read = async (...args: Parameters<typeof metricsText>): Promise<Map<string, ReadFamily>> =>
    readMetrics(await metricsText(...args));

  /** Samples of a family of one queue, by what is left of their labels. */
  function of(families: Map<string, ReadFamily>, family: string, name = 'mail'): Record<string, number> {
    const samples = [...(families.get(family)?.samples ?? [])].filter(([key]) => key.includes(`{queue=${name}`));
    return Object.fromEntries(samples.map(([key, value]) => [key.replace(/\{queue=[^,}]*,?/, '{'), value]));
  }

  it('have the jobs of each state, those without a handler, latency and pause [seed:A34, seed:A30]', async () => {
    await queue.add('first', 1);
    await queue.add('first', 1, { delayMs: 60_000 });
    await queue.pause();
    await clock.advance(1_500);
    const families = await read(queue);
    const jobs = of(families, 'millrace_jobs');
    expect(Object.keys(jobs)).toEqual([...LIVE_STATES, ...FINAL_STATES].map((state) => `{state=${state}}`));
    expect(jobs).toMatchObject({ '{state=waiting}': 1, '{state=delayed}': 1, '{state=completed}': 0 });
    expect(of(families, 'millrace_queue_latency_seconds')).toEqual({ '{}': 1.5 });
    expect(of(families, 'millrace_queue_paused')).toEqual({ '{}': 1 });
    expect(of(families, 'millrace_jobs_unclaimed')).toEqual({ '{}': 0 });
    expect(of(families, 'millrace_workers')).toEqual({ '{}': 0 });
    expect(of(families, 'millrace_queue_memory_bytes')['{}']).toBeGreaterThan(100);
    expect([...families.values()].every(({ help }) => help.length > 10)).toBe(true);
  });

  it('count what has ended and what was tried again, and time runs and waits [seed:A34]', async () => {
    await harness.worker({
      connection,
      concurrency: 10,
      handler: async ({ data }) => {
        await sleep(clock, Number(data));
        if (data === 30) throw new UnrecoverableError('no');
        if (data === 40) throw new Error('again');
      },
    });
    await queue.add('first', 20, { delayMs: 1_000 });
    for (const ms of [20, 30]) await queue.add('first', ms);
    await queue.add('first', 40, { maxAttempts: 2, backoff: { type: 'fixed', delayMs: 1_000 } });
    await clock.advance(5_000);
    const families = await read(queue);
    expect(of(families, 'millrace_workers')).toEqual({ '{}': 1 });
    expect(of(families, 'millrace_jobs_ended_total')).toEqual({
      '{state=completed}': 2,
      '{state=failed}': 2,
      '{state=timed_out}': 0,
      '{state=broken}': 0,
      '{state=cancelled}': 0,
    });
    expect(of(families, 'millrace_attempts_retried_total')).toEqual({ '{}': 1 });
    expect(of(families, 'millrace_attempts_stalled_total')).toEqual({ '{}': 0 });
    const run = of(families, 'millrace_run_seconds');
    expect(run).toMatchObject({ '_sum{}': 0.15, '_count{}': 5 });
    expect(run).toMatchObject({
      '_bucket{le=0.01}': 0,
      '_bucket{le=0.02}': 2,
      '_bucket{le=0.05}': 5,
      '_bucket{le=+Inf}': 5,
    });
    expect(of(families, 'millrace_wait_seconds')).toMatchObject({ '_sum{}': 0, '_count{}': 4, '_bucket{le=0.001}': 4 });
  });

  it('of all queues of a connection come by name, up to a limit, and say how many there are [seed:A34]', async () => {
    const name = String.raw`quo"te\d é`;
    const odd = await harness.queue(name, { connection });
    await odd.add('first', 1);
    await queue.add('first', 1);
    const families = await read(connection);
    expect(families.get('millrace_queues')?.samples).toEqual(new Map([['{}', 2]]));
    expect(of(families, 'millrace_jobs', name)).toMatchObject({ '{state=waiting}': 1 });
    const latencies = families.get('millrace_queue_latency_seconds')?.samples ?? [];
    expect([...latencies.keys()]).toEqual(['{queue=mail}', `{queue=${name}}`]);
    const first = await read(connection, { limit: 1, memory: false });
    expect([...first.keys()]).not.toContain('millrace_queue_memory_bytes');
    expect([...(first.get('millrace_workers')?.samples.keys() ?? [])]).toEqual(['{queue=mail}']);
    expect(first.get('millrace_queues')?.samples).toEqual(new Map([['{}', 2]]));
    expect([...(await read([queue, odd])).keys()]).not.toContain('millrace_queues');
    expect(await metricsText([])).toBe('');
    expect(METRICS_CONTENT_TYPE).toMatch(/^text\/plain; version=0\.0\.4;/);
  });

  it('refuse options that they do not know', async () => {
    await expect(metricsText(queue, { memry: false } as never)).rejects.toThrow(/did you mean "memory"/i);
    await expect(metricsText(queue, { limit: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

describe('asking for metrics', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  it('costs as much with many jobs as with few [seed:A34]', async () => {
    const queue = await harness.queue();
    for (const state of ['waiting', 'delayed', 'failed', 'completed'] as const)
      await jobInState(harness, queue, state, state);
    const cost = async (): Promise<number> => {
      const count = await CommandCount.start(harness.url);
      await metricsText(queue);
      return [...(await count.all()).values()].reduce((sum, calls) => sum + calls, 0);
    };
    const add = (length: number): Promise<unknown> =>
      queue.addMany(Array.from({ length }, (_, n) => ({ name: 'first', data: n })));
    await add(50);
    const few = await cost();
    await add(3_000);
    expect(await cost()).toBe(few);
    expect(few).toBeLessThan(150);
  });
});
