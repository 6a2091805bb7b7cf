import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidOptionError } from '@millrace/core';
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
    const [, nonce] = /^([0-9A-Za-z]{9})~0$/.exec(jobs[0]?.id ?? '') ?? [];
    expect(jobs.map(({ id }) => id)).toEqual(jobs.map((_, n) => `${nonce}~${n.toString(36)}`));
  });

  it.each(['keep', 'reject', 'replace'] as const)(
    'cannot be given by anybody, so that nobody takes the next one: onConflict %p [core:A11] [case:A13]',
    async (onConflict) => {
      const queue = await harness.queue();
      const seen = await queue.add('welcome', 'first');
      const next = seen.id.replace(/0$/, '1');
      const { client } = await harness.connection;
      const before = await client.debug('DIGEST');
      const options = { id: next, onConflict };
      const calls = [queue.add('welcome', 'taken', options), queue.addMany([{ name: 'welcome', data: 1, options }])];
      for (const { reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[]) {
        expect(reason).toBeInstanceOf(InvalidOptionError);
        expect(reason).toMatchObject({ code: 'INVALID_OPTION', path: 'id', value: next });
        expect(reason.message).toMatch(/nine letters or digits and "~".* Put something before it/);
      }
      expect(await client.debug('DIGEST')).toBe(before);
      expect(await queue.add('welcome', 'second')).toMatchObject({ id: next, outcome: 'added' });
    },
  );

  it.each(['abcdefgh~1', 'order 1234~5', 'abcdefghi-0', '~', '~abcdefgh~', 'äbcdefghi~1'])(
    'is not %p: that may be given',
    async (id) => {
      const queue = await harness.queue();
      expect(await queue.add('welcome', 1, { id })).toMatchObject({ id, outcome: 'added' });
    },
  );

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
