import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Connection, Queue, VirtualClock } from '@millrace/core';
import * as scripts from '../../libs/core/dist/redis/scripts.generated.js';
import { Proxy } from '../support/proxy.ts';
import { rawCommand } from '../support/redis-client.ts';
import { redisUrl } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';
import { callsOf } from './support/calls-of.ts';
import { EventReader } from './support/event-reader.ts';
import { Harness } from './support/harness.ts';
import { HastyClock } from './support/hasty-clock.ts';

const port = Number(new URL(redisUrl()).port);

describe('events that were missed', () => {
  let harness: Harness;
  let connection: Connection;
  let queue: Queue<AnyJobs>;
  let stream: string;

  beforeEach(async () => {
    harness = new Harness();
    connection = await harness.connection;
    queue = await harness.queue();
    stream = `${harness.prefix}:{mail}:ev`;
  });

  afterEach(() => harness.close());

  it('are bounded in number, and a reader that was too slow is told of the gap [core:B11] [case:X20] [case:L10] [seed:Q30]', async () => {
    const reader = await EventReader.start(queue);
    await queue.add('first', 1);
    await reader.until('the event', (events) => events.length === 1);
    await reader.stop();
    for (let n = 0; n < 25; n++)
      await Promise.all(Array.from({ length: 50 }, () => queue.addMany([{ name: 'next', data: n }])));
    expect(await connection.client.xlen(stream)).toBeLessThan(1_200);
    const late = new EventReader(queue, { from: reader.events[0]?.eventId });
    await late.until('the rest', (events) => events.length > 900);
    expect(late.told[0]).toBe('gap');
    expect(late.told.slice(1).every((told) => told === 'waiting next')).toBe(true);
    const again = new EventReader(queue, { from: late.events[0]?.eventId });
    await again.until('the rest', (events) => events.length >= late.events.length);
    expect(again.told.slice(0, 2)).toEqual(['gap', 'waiting next']);
    await Promise.all([late.stop(), again.stop()]);
  });

  it('are not spoken of where nothing was missed [core:B11]', async () => {
    const reader = await EventReader.start(queue);
    await queue.add('first', 1);
    await queue.add('second', 1);
    await reader.until('the events', (events) => events.length === 2);
    await reader.stop();
    await queue.add('third', 1);
    const later = new EventReader(queue, { from: reader.events[1]?.eventId });
    await later.until('the event', (events) => events.length === 1);
    expect(later.told).toEqual(['waiting third']);
    await later.stop();
  });

  it('are not spoken of where only what was read is gone; in the middle of a batch nobody knows [core:B11]', async () => {
    const reader = await EventReader.start(queue);
    await queue.addMany([1, 2].map((data) => ({ name: 'first', data })));
    await queue.add('second', 1);
    await reader.until('the events', (events) => events.length === 3);
    const [batch, , second] = reader.events.map(({ eventId }) => eventId);
    await connection.client.xtrim(stream, 'MINID', second?.split('/')[0] ?? '');
    await queue.add('third', 1);
    await reader.until('the event', (events) => events.length === 4);
    expect(reader.told).not.toContain('gap');
    await reader.stop();
    const later = new EventReader(queue, { from: batch });
    await later.until('the events', (events) => events.length === 3);
    expect(later.told).toEqual(['gap', 'waiting second', 'waiting third']);
    const again = new EventReader(queue, { from: later.events[0]?.eventId });
    await again.until('the events', (events) => events.length === 2);
    expect(again.told).toEqual(['waiting second', 'waiting third']);
    await Promise.all([later.stop(), again.stop()]);
  });

  it('come by the poll where the nudge is lost [core:B12]', async () => {
    const proxy = await Proxy.start(harness.url);
    const distant = await harness.queue('mail', {
      connection: await harness.connect({ clock: new HastyClock() }, proxy.url),
    });
    const reader = await EventReader.start(distant);
    for (let n = 0; n < 50; n++) void proxy.cutBeforeForward(([command]) => command === 'subscribe');
    await rawCommand(port, ['CLIENT', 'KILL', 'TYPE', 'pubsub']);
    await queue.add('first', 1);
    await reader.until('the event', (events) => events.length === 1);
    await reader.stop();
    await proxy.pass();
    await distant.close();
    await proxy.close();
  });

  it('come after an outage: the reading goes on by itself [core:B12] [case:X20]', async () => {
    const proxy = await Proxy.start(harness.url);
    const cut = await harness.connect({ commandTimeoutMs: 200, clock: new HastyClock() }, proxy.url);
    const reader = await EventReader.start(await harness.queue('mail', { connection: cut }));
    proxy.refuse();
    proxy.reset();
    await waitFor('the loss', () => cut.state === 'down');
    await queue.add('missed', 1);
    // Longer than a poll and a command: a look at the stream has failed meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 700));
    await proxy.pass();
    await reader.until('the event', (events) => events.length === 1);
    const happened = proxy.cutAfterExecuted(callsOf('readEvents'));
    await queue.add('cut', 1);
    await happened;
    await reader.until('the other event', () => reader.told.includes('waiting cut'));
    expect(reader.told).toEqual(['waiting missed', 'waiting cut']);
    await reader.stop();
    await cut.close();
    await proxy.close();
  });
});

describe('events that nobody listens to', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    ({ clock, connection, queue } = await harness.timed());
  });

  afterEach(() => harness.close());

  const written = (): Promise<number> => connection.client.xlen(`${harness.prefix}:{mail}:ev`);

  /** Lets time pass, at whose end the queue is looked after as a worker does it. */
  async function pass(duration: string): Promise<void> {
    await clock.advance(duration);
    await connection.scripts.run(scripts.housekeep, `${harness.prefix}:{mail}`, {
      now: clock.now(),
      budget: 100,
      within: 0,
    });
  }

  it('are not written, before the first reader and after the last [core:B11]', async () => {
    await queue.add('first', 1);
    expect(await written()).toBe(0);
    const reader = await EventReader.start(queue);
    await reader.stop();
    const before = await written();
    expect(before).toBeGreaterThan(0);
    await pass('61s');
    await queue.add('first', 1);
    expect(await written()).toBe(before);
  });

  it('are written as long as one listens, however long that is and however slowly [core:B11]', async () => {
    const reader = await EventReader.start(queue);
    const slow = queue.events({ from: '0-1/0' })[Symbol.asyncIterator]();
    await slow.next();
    await reader.stop();
    await pass('10m');
    const before = await written();
    await queue.add('first', 1);
    expect(await written()).toBe(before + 1);
    await slow.return?.();
  });

  it('are a gap for a reader that resumes later [core:B11] [case:X20]', async () => {
    const reader = await EventReader.start(queue);
    await queue.add('first', 1);
    await reader.until('the event', (events) => events.length === 1);
    await reader.stop();
    await pass('61s');
    await queue.add('unheard', 1);
    const later = new EventReader(queue, { from: reader.events[0]?.eventId });
    await later.until('the gap', (events) => events.length === 1);
    await queue.add('heard', 1);
    await later.until('the event', (events) => events.length === 2);
    expect(later.told).toEqual(['gap', 'waiting heard']);
    await later.stop();
  });

  it('are a gap for one who resumes although another listens again before [core:B11] [case:X20]', async () => {
    const reader = await EventReader.start(queue);
    await queue.add('first', 1);
    await reader.until('the event', (events) => events.length === 1);
    await reader.stop();
    await pass('61s');
    await queue.add('unheard', 1);
    const other = await EventReader.start(queue);
    expect(other.told).toEqual([]);
    await queue.add('heard', 1);
    const later = new EventReader(queue, { from: reader.events[0]?.eventId });
    await later.until('the event', () => later.told.includes('waiting heard'));
    expect(later.told).toEqual(['gap', 'waiting heard']);
    const again = new EventReader(queue, { from: later.events[0]?.eventId });
    await again.until('the event', () => again.told.includes('waiting heard'));
    expect(again.told).toEqual(['waiting heard']);
    await Promise.all([other.stop(), later.stop(), again.stop()]);
  });
});
