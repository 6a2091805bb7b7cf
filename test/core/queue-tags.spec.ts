import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, InvalidNameError, InvalidOptionError, JobNotFoundError, type Queue } from '@millrace/core';
import { EventReader } from './support/event-reader.ts';
import { Harness } from './support/harness.ts';

describe('tags of jobs', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  const add = async (id: string, ...tags: readonly string[]): Promise<void> =>
    void (await queue.add('first', 1, { id, tags }));

  it('are said when a job is added, or later, and read with it [seed:Q15] [seed:R2]', async () => {
    await add('x', 'red', 'red', 'blue');
    expect((await queue.get('x'))?.tags).toEqual(['red', 'blue']);
    await queue.tag('x', 'green', 'red');
    await queue.untag('x', 'blue', 'none');
    expect((await queue.get('x'))?.tags).toEqual(['red', 'green']);
    await queue.tag('x');
  });

  it('lead to the jobs that have them, in the order in which they got them, a page at a time [seed:Q15]', async () => {
    const clock = harness.virtualClock();
    queue = await harness.queue('timed', { connection: await harness.connect({ clock }) });
    for (const id of ['c', 'a', 'b']) {
      await add(id, 'red');
      await clock.advance(1);
    }
    const first = await queue.tagged('red', { limit: 2 });
    expect([first.total, first.jobs.map(({ id }) => id)]).toEqual([3, ['c', 'a']]);
    const rest = await queue.tagged('red', { limit: 2, cursor: first.cursor });
    expect([rest.cursor, rest.jobs.map(({ id }) => id)]).toEqual([undefined, ['b']]);
    expect((await queue.tagged('red', { reverse: true })).jobs.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
    await expect(queue.tagged('blue', { cursor: first.cursor })).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(queue.tagged('red', { cursor: 'x' })).rejects.toBeInstanceOf(InvalidOptionError);
    expect(await queue.tagged('blue')).toEqual({ jobs: [], total: 0 });
  });

  it('are counted exactly, the most used ones first [seed:Q15]', async () => {
    await add('x', 'red', 'blue');
    await add('y', 'red');
    await queue.tag('x', 'red');
    await queue.untag('y', 'blue');
    expect(await queue.topTags()).toEqual([
      { tag: 'red', count: 2 },
      { tag: 'blue', count: 1 },
    ]);
    expect(await queue.topTags({ min: 2 })).toEqual([{ tag: 'red', count: 2 }]);
    expect(await queue.topTags({ offset: 1, limit: 1 })).toEqual([{ tag: 'blue', count: 1 }]);
    await queue.remove('x');
    expect(await queue.topTags()).toEqual([{ tag: 'red', count: 1 }]);
  });

  it('go with their job, which its retention deletes', async () => {
    await queue.add('first', 1, { id: 'x', tags: ['red'], keep: { completed: { ageMs: 0 } } });
    await harness.worker({ handler: () => 1 });
    await queue.result('x');
    await queue.remove('x');
    expect(await queue.topTags()).toEqual([]);
  });

  it('are refused where they are none, are too many, or there is no such job', async () => {
    await add('x');
    await expect(queue.tag('x', '')).rejects.toBeInstanceOf(InvalidNameError);
    await expect(queue.tag('no', 'red')).rejects.toBeInstanceOf(JobNotFoundError);
    const many = Array.from({ length: 33 }, (_, n) => `t${n}`);
    await expect(queue.tag('x', ...many)).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(queue.add('first', 1, { tags: many })).rejects.toBeInstanceOf(InvalidOptionError);
  });
});

describe('jobs that are tracked', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  it('are listed as they are now, those that are gone by their ids [seed:Q16, seed:R1]', async () => {
    for (const id of ['a', 'b']) await queue.add('first', 1, { id });
    expect(await queue.track('a', 'no', 'b')).toEqual(['tracked', 'not found', 'tracked']);
    await queue.cancel('a');
    await queue.remove('b');
    const { jobs, gone } = await queue.tracked();
    expect([jobs.map(({ id, state }) => [id, state]), gone]).toEqual([[['a', 'cancelled']], ['b']]);
    await queue.untrack('a', 'b');
    expect(await queue.tracked()).toEqual({ jobs: [], gone: [] });
  });

  it('are told as events [seed:Q16]', async () => {
    const reader = await EventReader.start(queue);
    await queue.add('first', 1, { id: 'a', delayMs: 3_600_000 });
    await queue.track('a');
    await queue.untrack('a');
    await reader.until('all to be told', (events) => events.length === 3);
    expect(reader.events.map(({ type, id }) => `${type} ${id}`)).toEqual(['delayed a', 'tracked a', 'untracked a']);
    await reader.stop();
  });
});
