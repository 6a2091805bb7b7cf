import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Job, Queue } from '@millrace/core';
import { EventReader } from '../core/support/event-reader.ts';
import { waitFor } from '../support/wait-for.ts';
import { Fleet } from './support/fleet/fleet.ts';
import { PATIENCE, type WorkerProcess } from './support/fleet/worker-process.ts';

const LEASE_MS = 1_200;

describe('a worker process that is stopped for longer than its lease and goes on', () => {
  let fleet: Fleet;
  let queue: Queue<AnyJobs>;
  let stopped: WorkerProcess;
  let other: WorkerProcess;
  let events: EventReader;

  beforeEach(async () => {
    fleet = await Fleet.prepare();
    queue = await fleet.queue();
    stopped = await fleet.process({ lease: { durationMs: LEASE_MS }, concurrency: 3, prefetch: 5 });
    other = await fleet.process({ lease: { durationMs: LEASE_MS } });
    other.tell({ type: 'release' });
    events = await EventReader.start(queue);
  });

  afterEach(async () => {
    await events.stop();
    await fleet.close();
  });

  async function add(count: number, name: string, ms = 0): Promise<Job[]> {
    return queue.addMany(Array.from({ length: count }, () => ({ name, data: { ms } })));
  }

  it('starts nothing stale; its outcomes are refused and its handlers aborted; it goes on under a new epoch [core:A4] [core:A6] [case:C15] [seed:H12, seed:A14, seed:R6] [case:T14]', async () => {
    // One whose handler comes to its end in the moment of waking up, two that last, five that have not started.
    const ending = await add(1, 'wait', LEASE_MS);
    const lasting = await add(2, 'hold');
    const waiting = await add(5, 'wait');
    const all = [...ending, ...lasting, ...waiting];
    await stopped.work('mail');
    await fleet.started([...ending, ...lasting]);
    const before = await stopped.health();
    expect(before).toMatchObject({ running: 3, buffered: 5 });

    stopped.signal('SIGSTOP');
    await other.work('mail');
    const jobs = await fleet.ended(queue, all);
    const stillStopped = await fleet.history.lines();
    stopped.signal('SIGCONT');

    const isNew = async (): Promise<boolean> => ![undefined, before.epoch].includes((await stopped.health()).epoch);
    await waitFor('a new epoch', isNew, PATIENCE);
    await waitFor('the handler to end', async () => (await linesOf('end', stopped)).length >= 3, PATIENCE);
    const ids = (some: readonly Job[]): string[] => some.map(({ id }) => id).toSorted();
    expect(await linesOf('abort', stopped)).toEqual(expect.arrayContaining(ids(lasting)));
    expect(await linesOf('timeout', stopped)).toEqual(ids([...ending, ...lasting]));
    const reasons = (await fleet.history.of('abort')).map(({ detail }) => detail);
    expect(new Set(reasons)).toEqual(new Set(['LEASE_LOST']));
    expect(stillStopped.filter(({ pid, op }) => pid === stopped.pid && op !== 'start')).toEqual([]);
    for (const job of jobs)
      expect(job).toMatchObject({ state: 'completed', failures: 0, stalls: 0, result: other.pid });
    // What was refused has changed nothing.
    const facts = (some: readonly Job[]): unknown[] =>
      some.map(({ id, result, finishedAt }) => [id, result, finishedAt]);
    expect(facts(await fleet.ended(queue, all))).toEqual(facts(jobs));
    const completed = (): string[] => events.events.filter(({ type }) => type === 'completed').map(({ id }) => id);
    await events.until('all to be told', () => completed().length >= all.length);
    expect(completed().toSorted()).toEqual(ids(all));

    await other.kill();
    const next = await add(1, 'wait');
    expect(await fleet.ended(queue, next)).toEqual([expect.objectContaining({ result: stopped.pid })]);
    expect(await linesOf('start', stopped)).toEqual(ids([...ending, ...lasting, ...next]));
  }, 60_000);

  /** The ids of the jobs to which a process did this. */
  async function linesOf(op: 'start' | 'end' | 'abort' | 'timeout', { pid }: WorkerProcess): Promise<string[]> {
    return (await fleet.history.of(op, { pid })).map(({ id }) => id).toSorted();
  }
});
