import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, InvalidOptionError, type Queue, type QueueEvent, SnoozeError } from '@millrace/core';
import { waitFor, within } from '../support/wait-for.ts';
import { CommandCount } from './support/command-count.ts';
import { EventReader } from './support/event-reader.ts';
import { Harness } from './support/harness.ts';

describe('events', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let reader: EventReader;
  let stream: string;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    reader = await EventReader.start(queue);
    stream = `${harness.prefix}:{mail}:ev`;
  });

  afterEach(async () => {
    await reader.stop();
    await harness.close();
  });

  const retryAtOnce = { maxAttempts: 2, backoff: { type: 'fixed', delayMs: 1 } } as const;

  it('tell each change of each job, in its order, to any process [core:B11]', async () => {
    const distant = await harness.queue('mail', { connection: await harness.connect() });
    let snoozed = false;
    await harness.worker({
      handlers: {
        completes: () => 'done',
        fails: () => Promise.reject(new Error('no')),
        snoozes: () => {
          if (snoozed) return;
          snoozed = true;
          throw new SnoozeError({ delayMs: 60 });
        },
      },
    });
    const jobs = await distant.addMany([
      { name: 'completes', data: 1 },
      { name: 'fails', data: 1, options: retryAtOnce },
      { name: 'snoozes', data: 1 },
      { name: 'unknown', data: 1 },
      { name: 'delayed', data: 1, options: { delayMs: 3_600_000 } },
    ]);
    await distant.cancel(jobs[4]?.id ?? '');
    await waitFor(
      'all to end',
      async () => (await queue.counts()).completed === 2 && (await queue.counts()).failed === 1,
    );
    await reader.until('the last event', (events) => events.filter(({ type }) => type === 'completed').length === 2);
    const told = (n: number): string[] => reader.events.filter(({ id }) => id === jobs[n]?.id).map(({ type }) => type);
    expect(told(0)).toEqual(['waiting', 'active', 'completed']);
    expect(told(1)).toEqual(['waiting', 'active', 'retrying', 'waiting', 'active', 'failed']);
    expect(told(2)).toEqual(['waiting', 'active', 'delayed', 'waiting', 'active', 'completed']);
    expect(told(3)).toEqual(['waiting', 'active', 'unclaimed']);
    expect(told(4)).toEqual(['delayed', 'cancelled']);
    expect(reader.events.every(({ at }) => Math.abs(at.getTime() - Date.now()) < 60_000)).toBe(true);
  });

  it('carry no payload, no result and no progress value [core:B11]', async () => {
    const secret = 'a payload that nobody may read';
    await harness.worker({
      handler: async (job) => {
        await job.progress(secret);
        return secret;
      },
    });
    await queue.result((await queue.add('first', secret)).id);
    await reader.until('the end', (events) => events.some(({ type }) => type === 'completed'));
    expect(reader.told).toEqual(['waiting first', 'active first', 'progress', 'completed first']);
    const { client } = await harness.connection;
    expect(JSON.stringify(await client.xrange(stream, '-', '+'))).not.toContain(secret);
  });

  it('of a batch are one entry, of at most 100 jobs and 16 KiB [core:B11]', async () => {
    const { client } = await harness.connection;
    const before = await client.xlen(stream);
    await queue.addMany(Array.from({ length: 250 }, (_, data) => ({ name: 'first', data })));
    expect((await client.xlen(stream)) - before).toBe(3);
    await queue.addMany(Array.from({ length: 100 }, (_, data) => ({ name: 'x'.repeat(250), data })));
    const entries = (await client.xrange(stream, '-', '+')).slice(before + 3);
    expect(entries.map(([, fields]) => fields[3]?.length ?? 0).every((bytes) => bytes <= 16_384)).toBe(true);
    expect(entries).toHaveLength(2);
    await reader.until('all', (events) => events.length === 350);
  });

  it('are resumed after any event, in the middle of a batch too: nothing twice, nothing missed [core:B11] [seed:Q30]', async () => {
    await queue.addMany(Array.from({ length: 7 }, (_, n) => ({ name: `job-${n}`, data: n })));
    await queue.add('last', 1);
    await reader.until('all', (events) => events.length === 8);
    for (const [n, { eventId }] of reader.events.slice(0, -1).entries()) {
      const resumed = new EventReader(queue, { from: eventId });
      await resumed.until('the rest', (events) => events.length === 7 - n);
      expect(resumed.events).toEqual(reader.events.slice(n + 1));
      await resumed.stop();
    }
  });

  it('come to every reader', async () => {
    const second = await EventReader.start(await harness.queue('mail', { connection: await harness.connect() }));
    await queue.add('first', 1);
    for (const each of [reader, second]) await each.until('the event', () => each.told.includes('waiting first'));
    await second.stop();
    await queue.add('second', 1);
    await reader.until('the event', () => reader.told.includes('waiting second'));
    expect(second.told).toEqual(['waiting first']);
  });

  it('are told by a nudge, without a blocking read and long before the poll [core:B12]', async () => {
    const count = await CommandCount.start(harness.url);
    const began = performance.now();
    for (let n = 0; n < 10; n++) {
      await queue.add(`job-${n}`, 1);
      await reader.until('the event', () => reader.told.includes(`waiting job-${n}`));
    }
    expect(performance.now() - began).toBeLessThan(2_000);
    expect([await count.of('xread'), await count.of('xreadgroup')]).toEqual([0, 0]);
    const { client } = await harness.connection;
    expect(await client.info('clients')).toContain('blocked_clients:0');
    expect((await client.pubsub('CHANNELS', `${harness.prefix}:{mail}:n`)).length).toBe(1);
  });

  it('end with the loop, the signal, the iterator and the queue, and leave nothing behind', async () => {
    const { client } = await harness.connection;
    const channel = `${harness.prefix}:{mail}:n`;
    await reader.stop();
    for await (const event of queue.events({ from: reader.events[0]?.eventId ?? '0-1/0' }))
      if (event.type !== undefined) break;
    const iterator = queue.events()[Symbol.asyncIterator]();
    const next = iterator.next();
    await within('the iterator to end', iterator.return?.() ?? Promise.reject(new Error('no return')));
    expect(await next).toEqual({ done: true, value: undefined });
    const aborted = queue.events({ signal: AbortSignal.abort() })[Symbol.asyncIterator]();
    expect(await aborted.next()).toEqual({ done: true, value: undefined });
    const last = new EventReader(queue);
    await waitFor('the last reader', async () => (await client.pubsub('CHANNELS', channel)).length === 1);
    await queue.close();
    await within('the reader to end', last.ended);
    await waitFor('the channel to be left', async () => (await client.pubsub('CHANNELS', channel)).length === 0);
  });

  it('are refused by a typed error where the options are none', () => {
    const ids = ['', '5', '1-1', '1-1/', '1-1/x', '1-1/0/0', '-1/0', `${'9'.repeat(40)}-1/0`, 5, null];
    for (const from of ids) expect(() => queue.events({ from: from as string })).toThrow(InvalidOptionError);
    expect(() => queue.events({ signal: {} as AbortSignal })).toThrow(InvalidOptionError);
    expect(() => queue.events({ form: '1-1/0' } as object)).toThrow('Did you mean "from"?');
  });

  it('have an order that ids tell: later ones are greater', async () => {
    for (let n = 0; n < 20; n++) await queue.add('first', n);
    await reader.until('all', (events) => events.length === 20);
    const parts = ({ eventId }: QueueEvent): number[] => eventId.split(/[-/]/).map(Number);
    const sorted = reader.events.toSorted((a, b) => {
      const [left, right] = [parts(a), parts(b)];
      const at = left.findIndex((part, i) => part !== right[i]);
      return (left[at] ?? 0) - (right[at] ?? 0);
    });
    expect(sorted).toEqual(reader.events);
  });
});
