import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, listQueues, type Queue, QueueActiveError, type VirtualClock } from '@millrace/core';
import { rawCommand } from '../support/redis-client.ts';
import { waitFor } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';
import { jobInState } from './support/job-in-state.ts';

describe('a look at a queue', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    clock = harness.virtualClock();
    queue = await harness.queue('mail', { connection: await harness.connect({ clock }) });
  });

  afterEach(() => harness.close());

  it('says how long jobs wait, by priority, a delayed one from its time on [seed:A30]', async () => {
    expect(await queue.latency()).toEqual({ ms: 0, byPriority: [] });
    await queue.add('first', 1, { id: 'late', delayMs: 3_000 });
    await queue.add('first', 1, { id: 'low', priority: -5 });
    await clock.advance(1_000);
    await queue.add('first', 1, { id: 'plain' });
    await clock.advance(1_000);
    await queue.add('first', 1, { id: 'high', priority: 'high' });
    expect(await queue.latency()).toEqual({
      ms: 2_000,
      byPriority: [
        { priority: 10, ms: 0, id: 'high' },
        { priority: 0, ms: 1_000, id: 'plain' },
        { priority: -5, ms: 2_000, id: 'low' },
      ],
    });
    await queue.remove('plain', 'low', 'high');
    await queue.promote('late');
    expect((await queue.latency()).ms).toBe(0);
    await clock.advance(2_000);
    expect(await queue.latency()).toMatchObject({ ms: 1_000 });
  });

  it('gives several jobs at once, in the order that is asked [seed:Q28]', async () => {
    await queue.addMany(['a', 'b', 'c'].map((id) => ({ name: 'first', data: id, options: { id } })));
    expect((await queue.getMany(['c', 'no', 'a'])).map(({ id, data }) => [id, data])).toEqual([
      ['c', 'c'],
      ['a', 'a'],
    ]);
  });

  it('says at a glance how it stands, and so for all queues of a connection [seed:Q20, seed:A30]', async () => {
    const connection = await harness.connect({ clock });
    const other = await harness.queue('reports', { connection, slot: 'shop' });
    await queue.add('first', 1);
    await other.add('first', 1, { delayMs: 1_000 });
    await other.pause();
    await clock.advance(500);
    const [mail, reports, ...rest] = await listQueues(connection);
    expect(mail).toMatchObject({
      name: 'mail',
      slot: undefined,
      isPaused: false,
      latencyMs: 500,
      workers: 0,
      stalled: 0,
    });
    expect(mail?.counts).toMatchObject({ waiting: 1, delayed: 0 });
    expect(reports).toMatchObject({ name: 'reports', slot: 'shop', isPaused: true, latencyMs: 0 });
    expect(rest).toEqual([]);
    expect(await other.info()).toEqual(reports);
    expect((await listQueues(connection, { after: 'mail', limit: 1 })).map(({ name }) => name)).toEqual(['reports']);
    expect(await listQueues(connection, { after: 'reports' })).toEqual([]);
  });

  it('says how many jobs lie with workers whose leases have ended, which nobody took back yet [seed:Q19, seed:Q20]', async () => {
    const connection = await harness.connect({ clock });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const worker = await harness.worker({ connection, handler: () => held });
    await queue.add('first', 1);
    await waitFor('the job to run', () => worker.health().queues[0]?.running === 1);
    expect(await queue.info()).toMatchObject({ workers: 1, stalled: 0 });
    const epoch = worker.health().queues[0]?.epoch ?? '';
    await connection.client.zadd(`${harness.prefix}:{mail}:L`, clock.now() - 1, epoch);
    expect(await queue.info()).toMatchObject({ workers: 0, stalled: 1, counts: { active: 1, waiting: 0 } });
    release();
  });

  it('estimates its memory: more with more jobs and what they note [seed:A30]', async () => {
    await queue.add('first', 'x'.repeat(1_000));
    const { bytes, byKey } = await queue.memory();
    expect(byKey['j']).toBeGreaterThan(1_000);
    expect(bytes).toBe(Object.values(byKey).reduce((sum, part) => sum + part, 0));
    await queue.addMany(Array.from({ length: 200 }, () => ({ name: 'first', data: 'x'.repeat(1_000) })));
    const after = await queue.memory();
    expect(after.bytes).toBeGreaterThan(150_000);
    expect(after.bytes).toBeLessThan(600_000);
  });

  it('is taken off the list of queues and put on it again by its next use [seed:Q23]', async () => {
    const connection = await harness.connect({ clock });
    await queue.add('first', 1);
    await queue.forget();
    expect(await listQueues(connection)).toEqual([]);
    expect((await queue.counts()).waiting).toBe(1);
    expect((await listQueues(connection)).map(({ name }) => name)).toEqual(['mail']);
  });

  it('is drained of what waits, and of what is delayed if that is asked [seed:A30]', async () => {
    await queue.addMany(Array.from({ length: 1_203 }, (_, n) => ({ name: 'first', data: n })));
    await queue.add('first', 1, { delayMs: 1_000, tags: ['red'] });
    await queue.add('first', 1, { priority: 3, unique: true });
    expect(await queue.drain()).toBe(1_204);
    expect(await queue.counts()).toMatchObject({ waiting: 0, delayed: 1 });
    expect(await queue.drain({ delayed: true })).toBe(1);
    expect(await queue.topTags()).toEqual([]);
  });
});

describe('deleting a queue', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  /** All keys of the queue, whatever they are. */
  async function keys(): Promise<string> {
    return rawCommand(Number(new URL(harness.url).port), ['KEYS', `${harness.prefix}:{mail}*`]);
  }

  it('takes all of it, jobs in whichever state, and nothing of another [seed:A30, seed:H15]', async () => {
    const other = await harness.queue('mail2');
    await other.add('first', 1);
    for (const state of ['waiting', 'delayed', 'retrying', 'failed', 'completed', 'cancelled'] as const)
      await jobInState(harness, queue, state, state);
    await queue.add('first', 1, { tags: ['red', 'blue'], unique: true, priority: 5 });
    await queue.track('waiting');
    await queue.delete();
    expect(await keys()).toBe('*0\r\n');
    expect((await listQueues(await harness.connection)).map(({ name }) => name)).toEqual(['mail2']);
    expect((await other.counts()).waiting).toBe(1);
    await queue.add('first', 1);
    expect([await queue.isPaused(), (await queue.counts()).waiting]).toEqual([false, 1]);
  });

  it('is refused while jobs run, and leaves all as it was [seed:A30]', async () => {
    await jobInState(harness, queue, 'active', 'x');
    await queue.add('first', 1, { id: 'y' });
    const error = await queue.delete().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(QueueActiveError);
    expect(error).toMatchObject({ code: 'QUEUE_ACTIVE', queue: 'mail', active: expect.any(Number) });
    expect(await queue.isPaused()).toBe(false);
    expect((await queue.get('x'))?.state).toBe('active');
  });

  it('with force takes running jobs from their workers [seed:A30]', async () => {
    let isAborted = false;
    const worker = await harness.worker({
      handler: ({ signal }) =>
        new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => {
            isAborted = true;
            resolve();
          }),
        ),
    });
    await queue.add('first', 1, { id: 'x' });
    await waitFor('the job to run', () => worker.health().queues[0]?.running === 1);
    await queue.delete({ force: true });
    expect(await queue.get('x')).toBeUndefined();
    await worker.stop();
    expect(isAborted).toBe(true);
  });
});
