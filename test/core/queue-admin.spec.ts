import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, FINAL_STATES, type JobState, JobNotFoundError, LIVE_STATES, type Queue } from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';
import { jobInState } from './support/job-in-state.ts';

const STATES = [...LIVE_STATES, ...FINAL_STATES];
const isFinal = (state: JobState): boolean => FINAL_STATES.some((final) => final === state);

describe('by hand, a job', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  it.each(STATES)('that is %s can be cancelled unless it has ended [seed:O13, seed:A30]', async (state) => {
    await jobInState(harness, queue, state, 'x');
    const outcome = isFinal(state) ? 'had ended' : state === 'active' ? 'cancelled while active' : 'cancelled';
    expect(await queue.cancel('x')).toEqual([outcome]);
    const after = await queue.get('x');
    expect(after?.state).toBe(isFinal(state) ? state : 'cancelled');
    if (!isFinal(state)) expect(after?.error).toMatchObject({ kind: 'cancelled' });
  });

  it.each(STATES)('that is %s can be removed unless it runs [seed:O13, seed:A30]', async (state) => {
    await jobInState(harness, queue, state, 'x');
    const isActive = state === 'active';
    expect(await queue.remove('x')).toEqual([isActive ? 'is active' : 'removed']);
    expect((await queue.get('x'))?.state).toBe(isActive ? 'active' : undefined);
  });

  it.each(STATES)('that is %s can be retried if it has ended [seed:O13, seed:A30]', async (state) => {
    await jobInState(harness, queue, state, 'x');
    expect(await queue.retry('x')).toEqual([isFinal(state) ? 'waiting' : 'has not ended']);
    const after = await queue.get('x');
    expect(after?.state).toBe(isFinal(state) ? 'waiting' : state);
    if (isFinal(state)) expect(after).toMatchObject({ failures: 0, stalls: 0, result: undefined, error: undefined });
  });

  it.each(STATES)('that is %s can be promoted if it waits for its time [seed:O13, seed:A30]', async (state) => {
    await jobInState(harness, queue, state, 'x');
    const waits = state === 'delayed' || state === 'retrying';
    // The batch of one that waits for it may run now.
    expect(await queue.promote('x')).toEqual([waits || state === 'aggregating' ? 'waiting' : 'was not delayed']);
    expect((await queue.get('x'))?.state).toBe(waits ? 'waiting' : state);
  });

  it.each(STATES)('that is %s can be given another priority unless it has ended', async (state) => {
    await jobInState(harness, queue, state, 'x');
    expect(await queue.prioritize('x', 7)).toBe(!isFinal(state));
    const after = await queue.get('x');
    expect([after?.state, after?.priority]).toEqual([state, isFinal(state) ? 0 : 7]);
  });

  it('that does not exist is told as that', async () => {
    expect(await queue.cancel('no')).toEqual(['not found']);
    expect(await queue.remove('no')).toEqual(['not found']);
    expect(await queue.retry('no')).toEqual(['not found']);
    expect(await queue.promote('no')).toEqual(['not found']);
    await expect(queue.prioritize('no', 1)).rejects.toBeInstanceOf(JobNotFoundError);
  });

  it('is told in the order of the ids, however many they are [seed:R1]', async () => {
    const jobs = await queue.addMany(Array.from({ length: 90 }, () => ({ name: 'first', data: 1 })));
    const ids = jobs.flatMap(({ id }, n) => (n % 3 === 0 ? [id, 'no'] : [id]));
    const outcomes = await queue.cancel(...ids);
    expect(outcomes).toEqual(ids.map((id) => (id === 'no' ? 'not found' : 'cancelled')));
    expect((await queue.counts()).cancelled).toBe(90);
  });

  it('that was retried, promoted or given a priority runs once, in its turn', async () => {
    await jobInState(harness, queue, 'failed', 'retried');
    await jobInState(harness, queue, 'delayed', 'promoted');
    await queue.add('first', 1, { id: 'first' });
    await queue.add('first', 1, { id: 'urgent' });
    await queue.promote('promoted');
    await queue.retry('retried');
    for (const priority of [5, 0, 9]) await queue.prioritize('urgent', priority);
    const ran: string[] = [];
    await harness.worker({ concurrency: 1, handler: ({ id }) => void ran.push(id) });
    await waitFor('all to run', async () => (await queue.counts()).completed === 4);
    expect(ran).toEqual(['urgent', 'first', 'promoted', 'retried']);
  });

  it('with an id that is none is refused by a rejection, before Redis is touched [case:A13]', async () => {
    await queue.counts();
    const count = await CommandCount.start(harness.url);
    const calls = [
      () => queue.cancel('ok', ''),
      () => queue.remove('a\nb'),
      () => queue.retry('{a}'),
      () => queue.promote('x'.repeat(10_240)),
      () => queue.prioritize('', 1),
      () => queue.get('\ud800'),
      () => queue.log(''),
      () => queue.result(''),
      () => queue.get(5 as unknown as string),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'NAME' });
    expect(await count.ofScripts()).toBe(0);
  });
});
