import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Child } from '../support/child.ts';
import { rawCommand } from '../support/redis-client.ts';
import { Harness } from './support/harness.ts';

const program = new URL('./programs/minting.ts', import.meta.url);

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
      Array.from({ length: 3 }, () => Child.start(program, { args: [harness.url, harness.prefix] })),
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
});
