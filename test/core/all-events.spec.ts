import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  allEvents,
  InvalidOptionError,
  probeJobs,
  silentLogger,
  type AllEventsOptions,
  type AnyQueueEvent,
  type JobChange,
} from '@millrace/core';
import { waitFor, within } from '../support/wait-for.ts';
import { EventReader } from './support/event-reader.ts';
import { Harness } from './support/harness.ts';

describe('events of several queues, of one job, and probes', () => {
  let harness: Harness;
  let ending: AbortController;

  beforeEach(() => {
    harness = new Harness();
    ending = new AbortController();
  });

  afterEach(async () => {
    ending.abort();
    await harness.close();
  });

  /** Reads in the background. */
  async function read(options: AllEventsOptions = {}): Promise<AnyQueueEvent[]> {
    const told: AnyQueueEvent[] = [];
    const events = allEvents(await harness.connection, { signal: ending.signal, ...options });
    void (async () => {
      for await (const event of events) told.push(event);
    })();
    return told;
  }

  /** Adds to a queue until that is heard of; then no event is missed any more. */
  async function isHeard(told: readonly AnyQueueEvent[], ...names: string[]): Promise<void> {
    for (const name of names) {
      const queue = await harness.queue(name);
      await waitFor(`the reader to listen to ${name}`, async () => {
        await queue.add('sound', 1, { delayMs: 3_600_000 });
        return told.some((event) => event.queue === name && event.name === 'sound');
      });
    }
  }

  const without = (told: readonly AnyQueueEvent[], name = 'sound'): AnyQueueEvent[] =>
    told.filter((event) => event.name !== name && event.type !== 'gap');

  it('tell of every queue of the connection, those that come later too [seed:Q30]', async () => {
    await Promise.all(['a', 'b'].map(async (name) => (await harness.queue(name)).counts()));
    const told = await read();
    await isHeard(told, 'a', 'b');
    const late = await harness.queue('late', { slot: 'shared' });
    await waitFor('the new queue to be found', async () => {
      await late.add('sound', 1);
      return told.some(({ queue }) => queue === 'late');
    });
    for (const name of ['a', 'b']) await (await harness.queue(name)).add('any', 1);
    await waitFor('both', () => without(told).length === 2);
    expect(
      without(told)
        .map(({ queue, type }) => `${queue} ${type}`)
        .sort(),
    ).toEqual(['a waiting', 'b waiting']);
  });

  it('go on where they stopped in every queue, without a gap and without a repetition [seed:Q30]', async () => {
    const first = await read({ queues: ['a', 'b'] });
    await isHeard(first, 'a', 'b');
    const queues = [await harness.queue('a'), await harness.queue('b')];
    for (let n = 0; n < 20; n++) await queues[n % 2]!.add(`job${n}`, n);
    await waitFor('ten', () => without(first).length >= 10);
    const seen = without(first).slice(0, 10);
    const cursor = seen.at(-1)!.cursor;
    ending.abort();
    ending = new AbortController();
    const rest = await read({ queues: ['a', 'b'], from: cursor });
    await waitFor('the rest', () => without(rest).length === 10);
    const names = [...seen, ...without(rest)].map(({ name }) => name);
    expect(new Set(names).size).toBe(20);
    for (const queue of ['a', 'b']) {
      const own = [...seen, ...without(rest)].filter((event) => event.queue === queue).map(({ name }) => name);
      expect(own).toEqual(Array.from({ length: 10 }, (_, n) => `job${2 * n + (queue === 'a' ? 0 : 1)}`));
    }
    expect(rest.some(({ type }) => type === 'gap')).toBe(false);
  });

  it('read no more than is asked for: one event of each queue waits for who is slow [seed:Q30]', async () => {
    const connection = await harness.connection;
    const queue = await harness.queue('a');
    await queue.counts();
    const iterator = allEvents(connection, { queues: ['a'] })[Symbol.asyncIterator]();
    let isThere = false;
    const pending = iterator.next().then((result) => {
      isThere = true;
      return result;
    });
    await waitFor('it to listen', async () => {
      await queue.add('sound', 1, { delayMs: 3_600_000 });
      return isThere;
    });
    expect((await pending).done).toBe(false);
    await queue.addMany(Array.from({ length: 300 }, (_, data) => ({ name: 'any', data })));
    const names: (string | undefined)[] = [];
    while (names.length < 300) {
      const { value } = await within('the next', iterator.next(), 10_000);
      if (value?.name === 'any') names.push(value.name);
    }
    await iterator.return?.();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('refuse a cursor that is none, and queues without a name', async () => {
    const connection = await harness.connection;
    for (const options of [{ from: 'x' }, { from: '{"a":"b"}' }, { queues: [] }] as const) {
      expect(() => allEvents(connection, options)).toThrow(InvalidOptionError);
    }
  });

  it('of one job are its own, of some types only these [seed:Q30] [seed:A19]', async () => {
    const queue = await harness.queue();
    const all = await EventReader.start(queue);
    const [mine, other] = await queue.addMany([1, 2].map((data) => ({ name: 'any', data })));
    await all.until('both', (events) => events.length === 2);
    const from = all.events[0]!.eventId.replace(/\/\d+$/, '/999999999');
    const ofJob = new EventReader(queue, { job: mine!.id, from });
    const ends = new EventReader(queue, { types: ['completed'], from });
    await harness.worker({ handler: () => 1 });
    await queue.result(other!.id);
    await ends.until('both ends', (events) => events.length === 2);
    await ofJob.until('its end', (events) => events.at(-1)?.type === 'completed');
    expect(ofJob.events.map(({ type, id }) => [type, id])).toEqual([
      ['active', mine!.id],
      ['completed', mine!.id],
    ]);
    await Promise.all([all.stop(), ofJob.stop(), ends.stop()]);
    expect(() => queue.events({ types: ['done'] as never })).toThrow(InvalidOptionError);
  });

  it('a probe gets what it chose for each state: job, result, next time; other states are not told [seed:A19] [seed:A20]', async () => {
    const queue = await harness.queue();
    const changes: JobChange[] = [];
    const probing = probeJobs(queue, {
      signal: ending.signal,
      states: { completed: 'result', retrying: 'next', waiting: 'job', active: 'none' },
      handler: (change) => {
        if (change.event.name !== 'sound') changes.push(change);
        else heard = true;
      },
    });
    let heard = false;
    await waitFor('the probe to listen', async () => {
      const { id } = await queue.add('sound', 1);
      await queue.remove(id);
      return heard;
    });
    let runs = 0;
    await harness.worker({
      handler: () => {
        if (++runs === 1) throw new Error('no');
        return { sum: 42 };
      },
    });
    const before = Date.now();
    const job = await queue.add('any', 7, { backoff: { type: 'fixed', delayMs: 300 } });
    await waitFor('its end', () => changes.at(-1)?.event.type === 'completed');
    expect(changes.map(({ event }) => event.type)).toEqual([
      'waiting',
      'active',
      'retrying',
      'waiting',
      'active',
      'completed',
    ]);
    expect(changes[0]).toMatchObject({ job: { id: job.id, data: 7 }, result: undefined });
    expect(changes[1]).toMatchObject({ job: undefined });
    expect(changes[2]?.next?.getTime()).toBeGreaterThan(before);
    expect(changes[5]).toMatchObject({ result: { sum: 42 }, job: undefined });
    ending.abort();
    await within('the probe to end', probing, 5_000);
  });

  it('a probe goes on when its handler throws; by default it tells all states with the job [seed:A19]', async () => {
    const queue = await harness.queue();
    const errors: string[] = [];
    const types: string[] = [];
    void probeJobs(queue, {
      signal: ending.signal,
      logger: { ...silentLogger, error: (message) => void errors.push(message) },
      handler: ({ event, job }) => {
        types.push(`${event.type} ${job?.name ?? 'gone'}`);
        throw new Error('no');
      },
    });
    await waitFor('it to be told', async () => {
      await queue.add('any', 1, { delayMs: 3_600_000 });
      return types.length > 1;
    });
    expect(types[0]).toBe('delayed any');
    expect(errors[0]).toContain("probeJobs('mail')");
    await expect(probeJobs(queue, { states: { done: 'job' } as never, handler: () => 1 })).rejects.toThrow(/states/);
    await expect(probeJobs(queue, { states: { failed: 'all' } as never, handler: () => 1 })).rejects.toThrow(/states/);
  });
});
