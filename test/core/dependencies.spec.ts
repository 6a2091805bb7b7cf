import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AnyJobs,
  CrossSlotError,
  DependencyCycleError,
  DependencyNotFoundError,
  InvalidOptionError,
  type Queue,
} from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';

const REFS = ['orders', 'bills'].map((name) => ({ name, slot: 'shop' }));

describe('dependsOn', () => {
  let harness: Harness;
  let orders: Queue<AnyJobs>;
  let bills: Queue<AnyJobs>;
  let ran: string[];

  beforeEach(async () => {
    ran = [];
    harness = new Harness();
    orders = await harness.queue('orders', { slot: 'shop' });
    bills = await harness.queue('bills', { slot: 'shop' });
  });

  afterEach(() => harness.close());

  const work = (fails: readonly string[] = []): Promise<unknown> =>
    harness.worker({
      queues: REFS,
      concurrency: 3,
      handler: (job) => {
        ran.push(job.name);
        if (fails.includes(job.name)) throw new Error(`${job.name} fails`);
        return job.name.toUpperCase();
      },
    });

  it('lets a job wait for others; a diamond runs in its order, in any order of adding [seed:Q13]', async () => {
    const jobs = await orders.addMany([
      { name: 'd', data: 1, options: { id: 'd', dependsOn: ['b', 'c'] } },
      { name: 'b', data: 1, options: { id: 'b', dependsOn: ['a'] } },
      { name: 'c', data: 1, options: { id: 'c', dependsOn: ['a'] } },
      { name: 'a', data: 1, options: { id: 'a' } },
    ]);
    expect(jobs.map(({ id, state }) => [id, state])).toEqual([
      ['d', 'blocked'],
      ['b', 'blocked'],
      ['c', 'blocked'],
      ['a', 'waiting'],
    ]);
    expect((await orders.get('d'))?.dependsOn).toEqual([
      { queue: 'orders', id: 'b' },
      { queue: 'orders', id: 'c' },
    ]);
    expect(await orders.counts()).toMatchObject({ blocked: 3, waiting: 1 });
    expect((await orders.list('blocked')).jobs.map(({ id }) => id).sort()).toEqual(['b', 'c', 'd']);
    const result = orders.result('d');
    await work();
    expect(await result).toBe('D');
    expect([ran[0], ran.slice(1, 3).sort(), ran[3]]).toEqual(['a', ['b', 'c'], 'd']);
  });

  it('works across the queues of a slot, both ways, over success and failure [core:A21]', async () => {
    const order = await orders.add('order', 1);
    const bill = await bills.add('bill', 1, { dependsOn: [order], delayMs: 5 });
    const mail = await orders.add('mail', 1, { dependsOn: [bill, order.id], maxAttempts: 1 });
    const last = await bills.add('last', 1, { dependsOn: [mail] });
    expect(bill.dependsOn).toEqual([{ queue: 'orders', id: order.id }]);
    await work(['mail']);
    await expect(bills.result(last.id)).rejects.toThrow(
      /DependencyFailedError: Job orders\/.* on which this one depends, failed/,
    );
    expect(ran).toEqual(['order', 'bill', 'mail']);
    expect(await bills.get(last.id)).toMatchObject({ state: 'failed', error: { kind: 'dependency' } });
    const { groups } = await bills.failures();
    expect(groups.map(({ group }) => group)).toEqual([`${last.name}:dependency`]);
    expect(await orders.retry(mail.id)).toEqual(['waiting']);
    await waitFor('it to fail again', async () => (await bills.get(last.id))?.state === 'failed' && ran.length === 4);
  });

  it.each([
    ['fail', 'failed'],
    ['cancel', 'cancelled'],
    ['block', 'blocked'],
    ['run', 'completed'],
  ] as const)("onDependencyFailure: '%s' makes a job %s", async (onDependencyFailure, state) => {
    const first = await orders.add('first', 1, { maxAttempts: 1 });
    const { id } = await orders.add('then', 1, { dependsOn: [first], onDependencyFailure });
    await work(['first']);
    await waitFor('the first to fail', async () => (await orders.get(first.id))?.state === 'failed');
    await waitFor(`the other to be ${state}`, async () => (await orders.get(id))?.state === state);
  });

  it('on a job that has ended already is resolved at once [case:A17]', async () => {
    await work(['bad']);
    const good = await orders.add('good', 1);
    const bad = await orders.add('bad', 1, { maxAttempts: 1 });
    await orders.result(good.id);
    await orders.result(bad.id).catch(() => {});
    const after = await orders.add('after', 1, { dependsOn: [good] });
    expect(after.state).toBe('waiting');
    expect(await orders.result(after.id)).toBe('AFTER');
    const failed = await orders.add('never', 1, { dependsOn: [bad] });
    expect(failed).toMatchObject({ state: 'failed', outcome: 'added', error: { kind: 'dependency' } });
  });

  it('refuses a job that is not there, unless that counts as done [core:B14, seed:Q13] [case:A17]', async () => {
    const error = await orders.add('x', 1, { dependsOn: ['none'] }).catch((reason: unknown) => reason);
    expect(DependencyNotFoundError.is(error) && error.dependency).toBe('none');
    await expect(orders.addMany([{ name: 'x', data: 1, options: { dependsOn: ['none'] } }])).rejects.toThrow(
      DependencyNotFoundError,
    );
    expect(await orders.counts()).toMatchObject({ waiting: 0, blocked: 0 });
    const { state } = await orders.add('x', 1, { dependsOn: ['none'], missingDependency: 'done' });
    expect(state).toBe('waiting');
  });

  it('refuses a cycle, and names it; nothing is sent [case:A17]', async () => {
    const jobs = ['a', 'b', 'c'].map((id, i) => ({
      name: id,
      data: 1,
      options: { id, dependsOn: [['a', 'b', 'c'][(i + 1) % 3]!] },
    }));
    const error = await orders.addMany(jobs).catch((reason: unknown) => reason);
    expect(DependencyCycleError.is(error) && error.ids).toEqual(['a', 'b', 'c', 'a']);
    expect(await orders.counts()).toMatchObject({ waiting: 0, blocked: 0 });
  });

  it('refuses a job that waits for itself [case:A17]', async () => {
    const { client, prefix } = await harness.connection;
    for (const dependsOn of [['a'], [{ queue: 'orders', id: 'a' }]]) {
      const options = { id: 'a', dependsOn, missingDependency: 'done' } as const;
      for (const adding of [orders.add('a', 1, options), orders.addMany([{ name: 'a', data: 1, options }])]) {
        const error = await adding.catch((reason: unknown) => reason);
        expect(DependencyCycleError.is(error) && error.ids).toEqual(['a', 'a']);
      }
    }
    // Not even the queue was declared.
    expect(await client.keys(`${prefix}:*`)).toEqual([]);
  });

  it('refuses a cycle that a job makes which takes the place of another one [case:A17]', async () => {
    const a = await orders.add('a', 1, { id: 'a' });
    await bills.add('b', 1, { id: 'b', dependsOn: [a] });
    const again = { id: 'a', onConflict: 'replace', dependsOn: [{ queue: 'bills', id: 'b' }] } as const;
    const error = await orders.add('a', 2, again).catch((reason: unknown) => reason);
    expect(DependencyCycleError.is(error) && error.ids).toEqual(['a', 'bills/b', 'a']);
    await expect(orders.addMany([{ name: 'a', data: 2, options: again }])).rejects.toThrow(DependencyCycleError);
    expect((await orders.get('a'))?.data).toBe(1);
  });

  it('takes a chain of a thousand jobs in one call', async () => {
    const jobs = Array.from({ length: 1_000 }, (_, i) => ({
      name: 'x',
      data: i,
      options: { id: `n${i}`, ...(i < 999 ? { dependsOn: [`n${i + 1}`] } : {}) },
    }));
    await orders.addMany(jobs);
    expect(await orders.counts()).toMatchObject({ waiting: 1, blocked: 999 });
  });

  it('refuses a queue of another slot, and what is no list of jobs', async () => {
    const mail = await harness.queue('mail');
    const welcome = await mail.add('welcome', 1);
    await expect(orders.add('x', 1, { dependsOn: [welcome] })).rejects.toThrow(CrossSlotError);
    await expect(orders.add('x', 1, { dependsOn: 'x' as never })).rejects.toThrow(InvalidOptionError);
    await expect(orders.add('x', 1, { dependsOn: [{} as never] })).rejects.toThrow(/dependsOn\[0\]/);
    await expect(orders.add('x', 1, { onDependencyFailure: 'run' })).rejects.toThrow(/dependsOn beside it/);
  });

  it('of thousands on one job keeps no worker from its work while they are told [core:B14]', async () => {
    const first = await orders.add('first', 1);
    for (let from = 0; from < 2_000; from += 500) {
      const jobs = Array.from({ length: 500 }, (_, n) => ({ name: 'then', data: n, options: { dependsOn: [first] } }));
      await orders.addMany(jobs);
    }
    const { client, prefix } = await harness.connection;
    await work();
    await orders.result(first.id);
    const bits = await client.hget(`${prefix}:{shop}6:orders:q`, 'bits');
    const last = await orders.add('last', 1);
    await orders.result(last.id);
    expect(bits).toContain('d');
    await waitFor('all to run, once', async () => ran.length === 2_002 && (await orders.counts()).blocked === 0);
  });

  it('tells of it by events', async () => {
    const events = orders.events()[Symbol.asyncIterator]();
    const next = events.next();
    await waitFor('somebody to listen', async () => {
      await orders.add('probe', 1);
      return Promise.race([next.then(() => true), new Promise<false>((resolve) => setTimeout(resolve, 20, false))]);
    });
    const first = await orders.add('first', 1);
    const { id } = await orders.add('then', 1, { dependsOn: [first] });
    for (let event = await events.next(); ; event = await events.next()) {
      if (event.value?.id !== id) continue;
      expect(event.value).toMatchObject({ type: 'blocked', name: 'then' });
      break;
    }
    await events.return?.();
  });
});
