import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Queue } from '@millrace/core';
import { redisUrl } from '../support/redis.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';

/** Lua cannot unpack 8,000 values; no step of the core touches more than 1,000 jobs. */
const MANY = 8_001;
const MOST_A_STEP = 1_000;

describe('a call of many ids', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let watcher: Queue<AnyJobs>;
  let ids: string[];

  beforeAll(async () => {
    harness = new Harness();
    queue = await harness.queue();
    watcher = await harness.queue('mail', { connection: await harness.connect() });
    const options = { delayMs: 3_600_000 };
    const drafts = Array.from({ length: MANY }, (_, data) => ({ name: 'any', data, options }));
    ids = (await queue.addMany(drafts)).map(({ id }) => id);
  });

  afterAll(() => harness.close());

  /** Runs a call; how many commands it took, and how often somebody else was answered meanwhile. */
  async function stepsOf<T>(call: () => Promise<T>): Promise<{ answer: T; steps: number; others: number }> {
    const count = await CommandCount.start(redisUrl());
    let others = 0;
    let isOver = false;
    const asking = (async () => {
      for (; !isOver; others++) await watcher.counts();
    })();
    const answer = await call();
    isOver = true;
    await asking;
    return { answer, steps: (await count.ofScripts()) - others, others };
  }

  it.each<[string, () => Promise<readonly unknown[]>, unknown]>([
    ['getMany', async () => (await queue.getMany(ids)).map(({ state }) => state), 'delayed'],
    ['promote', () => queue.promote(...ids), 'waiting'],
    ['cancel', () => queue.cancel(...ids), 'cancelled'],
    ['retry', () => queue.retry(...ids), 'waiting'],
    ['remove', () => queue.remove(...ids), 'removed'],
  ])('%s goes in steps, between which others are answered [case:R18] [case:R19]', async (_, call, outcome) => {
    const { answer, steps, others } = await stepsOf(call);
    expect([answer.length, [...new Set(answer)]]).toEqual([MANY, [outcome]]);
    expect(steps).toBeGreaterThanOrEqual(MANY / MOST_A_STEP);
    expect(others).toBeGreaterThanOrEqual(MANY / MOST_A_STEP - 1);
  });

  it('may have a hundred thousand [case:R19]', async () => {
    const none = Array.from({ length: 100_000 }, (_, n) => `none-${n}`);
    expect(new Set(await queue.remove(...none))).toEqual(new Set(['not found']));
  });

  it.each<[string, () => Promise<unknown>, object]>([
    ['addMany', () => queue.addMany(ids.map((id) => ({ name: 'any', data: id }))), { waiting: MANY }],
    ['cancel of a state', () => queue.cancel({ state: 'waiting' }), { cancelled: MANY }],
    ['retry of a state', () => queue.retry({ state: 'cancelled' }), { waiting: MANY, cancelled: 0 }],
    ['drain', () => queue.drain(), { waiting: 0 }],
  ])('%s goes in steps, between which others are answered [case:R18] [case:R19]', async (_, call, after) => {
    const { steps, others } = await stepsOf(call);
    expect(await queue.counts()).toMatchObject(after);
    expect(steps).toBeGreaterThanOrEqual(MANY / MOST_A_STEP);
    expect(others).toBeGreaterThanOrEqual(MANY / MOST_A_STEP - 1);
  });
});
