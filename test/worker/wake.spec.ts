import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Connection, type Queue } from '@millrace/core';
import { Redis } from 'ioredis';
import { Harness } from '../core/support/harness.ts';
import { redisUrl } from '../support/redis.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { NotingClock } from './support/noting-clock.ts';
import { Gate } from './support/gate.ts';

/** The next look of a worker that sleeps comes after 800 ms at the earliest: what is faster was woken. */
const BEFORE_THE_POLL_MS = 700;

describe('a wake-up', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let gate: Gate;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    gate = new Gate();
    await queue.counts();
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
  });

  /** How many workers sleep, as the core sees it. */
  async function parked(connection: Connection): Promise<number> {
    const [key = ''] = await connection.client.keys(`${harness.prefix}:*:i`);
    return key === '' ? 0 : connection.client.scard(key);
  }

  it('goes to no more workers than there are new jobs [core:B13] [seed:I6]', async () => {
    const connection = await harness.connection;
    for (let n = 0; n < 8; n++)
      await harness.worker({ handler: () => gate.opened, connection: await harness.connect() });
    await waitFor('all to sleep', async () => (await parked(connection)) === 8);
    const heard: string[] = [];
    const listener = new Redis(redisUrl());
    await listener.psubscribe(`${harness.prefix}:*:w:*`);
    listener.on('pmessage', (_: string, channel: string) => heard.push(channel));
    await queue.addMany([1, 2, 3].map((data) => ({ name: 'any', data })));
    await waitFor('the jobs to run', async () => (await queue.counts()).active === 3);
    expect(heard.length).toBeGreaterThanOrEqual(1);
    expect(heard.length).toBeLessThanOrEqual(3);
    expect(new Set(heard).size).toBe(heard.length);
    listener.disconnect();
  });

  it('that reaches a worker without a free slot is passed on to one that has [core:B13]', async () => {
    const connection = await harness.connection;
    // Asleep as far as Redis knows, and full: the predicate says no after it went to sleep.
    let mayTake = true;
    const full = await harness.worker({
      handler: () => 'by the full one',
      concurrency: { max: 1, when: () => mayTake },
      connection: await harness.connect(),
    });
    await waitFor('it to sleep', async () => (await parked(connection)) === 1);
    mayTake = false;
    await waitFor('the predicate to be asked', () => new Promise((resolve) => setTimeout(() => resolve(true), 250)));
    await harness.worker({ handler: () => 'by the idle one', connection: await harness.connect() });
    await waitFor('both to sleep', async () => (await parked(connection)) === 2);
    for (let round = 0; round < 6; round++) {
      const { id } = await queue.add('any', round);
      expect(await within('the job', queue.result(id), BEFORE_THE_POLL_MS)).toBe('by the idle one');
    }
    expect(full.health().queues[0]?.running).toBe(0);
  });

  it('that is lost costs a second or so: the worker looks [core:B13] [seed:I8] [seed:H13] [seed:O5] [seed:A4]', async () => {
    const connection = await harness.connect();
    connection.subscriber.subscribe = () => Promise.resolve(() => {});
    await harness.worker({ handler: () => 'polled', connection });
    await waitFor('it to sleep', async () => (await parked(connection)) === 1);
    const { id } = await queue.add('any', 1);
    expect(await within('the job', queue.result(id), 2_700)).toBe('polled');
  });

  it('is made up for by polls at random moments, so that workers that began together do not ask together [seed:I7]', async () => {
    const clock = new NotingClock();
    const connection = await harness.connect({ clock });
    for (let n = 0; n < 10; n++) await harness.worker({ handler: () => 'done', connection });
    const polls = (): number[] => clock.delays.filter((ms) => ms >= 5_000 && ms <= 6_250);
    await waitFor('all to sleep', async () => (await parked(connection)) === 10 && polls().length >= 10);
    expect(new Set(polls()).size).toBe(polls().length);
    expect(Math.max(...polls()) - Math.min(...polls())).toBeGreaterThan(100);
  });

  it('is not needed where the process itself adds the job, and none is lost for others [core:B13]', async () => {
    const connection = await harness.connect();
    // Deaf to wake-ups.
    connection.subscriber.subscribe = () => Promise.resolve(() => {});
    for (let n = 0; n < 2; n++) await harness.worker({ handler: () => 'here', connection, concurrency: 1 });
    await waitFor('both to sleep', async () => (await parked(connection)) === 2);
    const local = await harness.queue('mail', { connection });
    // The first call of a queue waits for the one that declares it.
    await local.counts();
    for (let round = 0; round < 5; round++) {
      const { id } = await local.add('any', round);
      expect(await within('the job', queue.result(id), BEFORE_THE_POLL_MS)).toBe('here');
    }
    const later = await local.add('any', 1, { delayMs: 3_600_000 });
    expect((await queue.get(later.id))?.state).toBe('delayed');
  });

  it('goes to others for those jobs only that the worker of the process cannot use [core:B13]', async () => {
    const connection = await harness.connect();
    await harness.worker({ handler: () => gate.opened, connection, concurrency: 4 });
    await harness.worker({ handler: () => gate.opened, connection: await harness.connect(), concurrency: 4 });
    await waitFor('both to sleep', async () => (await parked(connection)) === 2);
    const local = await harness.queue('mail', { connection });
    await local.counts();
    const heard: string[] = [];
    const listener = new Redis(redisUrl());
    try {
      await listener.psubscribe(`${harness.prefix}:*:w:*`);
      listener.on('pmessage', (_: string, channel: string) => heard.push(channel));
      await local.add('any', 1);
      await waitFor('it to run', async () => (await queue.counts()).active === 1);
      await listener.ping();
      expect(heard).toEqual([]);
      await local.addMany(Array.from({ length: 7 }, (_, data) => ({ name: 'any', data })));
      const quickly = { timeoutMs: BEFORE_THE_POLL_MS };
      await waitFor('all to run', async () => (await queue.counts()).active === 8, quickly);
      await listener.ping();
      expect(heard).not.toEqual([]);
    } finally {
      listener.disconnect();
    }
  });

  it('is not needed for a delayed job: the worker sleeps until it is due [core:B13] [seed:O5] [seed:A12]', async () => {
    await harness.worker({ handler: () => 'due' });
    const { id } = await queue.add('any', 1, { delayMs: 300 });
    const from = performance.now();
    expect(await queue.result(id)).toBe('due');
    expect(performance.now() - from).toBeGreaterThan(290);
    expect(performance.now() - from).toBeLessThan(290 + BEFORE_THE_POLL_MS);
  });
});
