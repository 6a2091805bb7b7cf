import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Child } from '../support/child.ts';
import { rawCommand } from '../support/redis-client.ts';
import { Harness } from './support/harness.ts';

const minting = new URL('./programs/minting.ts', import.meta.url);
const drawing = new URL('./programs/drawing.ts', import.meta.url);

describe('a minted id', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });
  afterEach(() => harness.close());

  it('is the nonce of its producer and a number that rises [core:A11]', async () => {
    const queue = await harness.queue();
    const jobs = await queue.addMany(Array.from({ length: 40 }, () => ({ name: 'welcome', data: 1 })));
    const [, nonce] = /^([0-9A-Za-z]{9})-0$/.exec(jobs[0]?.id ?? '') ?? [];
    expect(jobs.map(({ id }) => id)).toEqual(jobs.map((_, n) => `${nonce}-${n.toString(36)}`));
  });

  it('is never given twice, by however many queues and processes [core:A11]', async () => {
    const children = await Promise.all(
      Array.from({ length: 3 }, () => Child.start(minting, { args: [harness.url, harness.prefix] })),
    );
    const minted = await Promise.all(children.map((child) => child.message<{ ids: string[] }>({})));
    await Promise.all(children.map((child) => child.exited));
    const queues = await Promise.all(Array.from({ length: 20 }, (_, n) => harness.queue(n % 2 === 0 ? 'mail' : 'sms')));
    const own = await Promise.all(queues.map((queue) => queue.add('welcome', 1)));
    const ids = [...own.map(({ id }) => id), ...minted.flatMap(({ ids }) => ids)];
    expect(ids).toHaveLength(20 + 3 * 100);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is new after Redis has lost its data: an old one never names another job [core:A11]', async () => {
    const queue = await harness.queue();
    const before = await queue.addMany(Array.from({ length: 10 }, () => ({ name: 'welcome', data: 'before' })));
    await rawCommand(Number(new URL(harness.url).port), ['FLUSHALL']);
    const producers = [queue, await harness.queue()];
    const after = await Promise.all(producers.map((producer) => producer.add('welcome', 'after')));
    const ids = new Set(before.map(({ id }) => id));
    expect(after.filter(({ id }) => ids.has(id))).toEqual([]);
    expect(await queue.cancel(...ids)).toEqual(before.map(() => 'not found'));
    expect((await queue.counts()).waiting).toBe(2);
  });

  it('is drawn when a producer or worker begins, never at import: a snapshot of a process has none [core:C1]', async () => {
    const child = await Child.start(drawing, { args: [harness.url, harness.prefix] });
    const { imported, made, added, started } = await child.message<Record<string, number>>({});
    await child.exited;
    expect([imported, made]).toEqual([0, 0]);
    expect(added).toBeGreaterThan(0);
    expect(started).toBeGreaterThan(added ?? NaN);
  });
});
