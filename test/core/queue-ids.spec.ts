import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Child } from '../support/child.ts';
import { Harness } from './support/harness.ts';

const program = new URL('./programs/minting.ts', import.meta.url);

describe('a minted id', () => {
  let harness: Harness;

  beforeEach(() => (harness = new Harness()));
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

  it('is new after Redis has lost its data, so that an old one never names another job [core:A11]', async () => {
    const queue = await harness.queue();
    const before = await queue.add('welcome', 1);
    await queue.remove(before.id);
    const after = await (await harness.queue()).add('welcome', 2);
    expect(after.id).not.toBe(before.id);
    expect(await queue.get(before.id)).toBeUndefined();
  });
});
