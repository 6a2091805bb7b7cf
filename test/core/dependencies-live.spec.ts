import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AnyJobs,
  CrossSlotError,
  DependencyCycleError,
  DependencyNotFoundError,
  InvalidOptionError,
  JobActiveError,
  JobFinishedError,
  JobNotFoundError,
  type Queue,
} from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';

const REFS = ['orders', 'bills'].map((name) => ({ name, slot: 'shop' }));

describe('a dependency that a job gets, or loses, after it was added', () => {
  let harness: Harness;
  let orders: Queue<AnyJobs>;
  let bills: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    orders = await harness.queue('orders', { slot: 'shop' });
    bills = await harness.queue('bills', { slot: 'shop' });
  });

  afterEach(() => harness.close());

  it('blocks it, in its own queue and over the queues of a slot, until all are done [seed:Q13, seed:R2]', async () => {
    const ran: string[] = [];
    const order = await orders.add('order', 1);
    const bill = await bills.add('bill', 1);
    const mail = await orders.add('mail', 1);
    expect(await orders.addDependency(mail.id, [order, bill])).toBe('blocked');
    expect(await bills.addDependency(bill.id, order)).toBe('blocked');
    expect((await orders.get(mail.id))?.dependsOn).toEqual([
      { queue: 'orders', id: order.id },
      { queue: 'bills', id: bill.id },
    ]);
    const result = orders.result(mail.id);
    await harness.worker({ queues: REFS, concurrency: 3, handler: ({ name }) => void ran.push(name) });
    await result;
    expect(ran).toEqual(['order', 'bill', 'mail']);
  });

  it('taken away lets it go on, with its delay [seed:Q13, seed:R2]', async () => {
    const first = await orders.add('first', 1);
    const second = await orders.add('second', 1);
    const then = await orders.add('then', 1, { dependsOn: [first, second], delayMs: 60_000 });
    const soon = await orders.add('soon', 1, { dependsOn: [first] });
    expect(await orders.removeDependency(then.id, first.id)).toBe('blocked');
    expect(await orders.removeDependency(then.id, second)).toBe('delayed');
    expect((await orders.get(then.id))?.runAt).toEqual(then.runAt);
    expect(await orders.removeDependency(soon.id, [])).toBe('blocked');
    expect(await orders.removeDependency(soon.id)).toBe('waiting');
    expect((await orders.get(soon.id))?.dependsOn).toEqual([]);
  });

  it('is refused where the job cannot wait any more, each with an error of its own', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const running = await orders.add('running', 1);
    await harness.worker({ queues: REFS, concurrency: 1, handler: () => held });
    await waitFor('it to run', async () => (await orders.get(running.id))?.state === 'active');
    const other = await orders.add('other', 1);
    const caught = async (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);
    expect(JobActiveError.is(await caught(orders.addDependency(running.id, other)))).toBe(true);
    expect(JobActiveError.is(await caught(orders.removeDependency(running.id)))).toBe(true);
    release();
    await orders.result(running.id);
    expect(JobFinishedError.is(await caught(orders.addDependency(running.id, other)))).toBe(true);
    expect(JobNotFoundError.is(await caught(orders.addDependency('none', other)))).toBe(true);
  });

  it('is refused where it makes a cycle, is not there, or is out of reach; nothing changes', async () => {
    const mail = await harness.queue('mail');
    const far = await mail.add('far', 1);
    const a = await orders.add('a', 1, { id: 'a' });
    const b = await bills.add('b', 1, { id: 'b', dependsOn: [a] });
    const cycle = await orders.addDependency('a', b).catch((error: unknown) => error);
    expect(DependencyCycleError.is(cycle) && cycle.ids).toEqual(['a', 'bills/b', 'a']);
    const own = await orders.addDependency('a', 'a').catch((error: unknown) => error);
    expect(DependencyCycleError.is(own) && own.ids).toEqual(['a', 'a']);
    await expect(orders.addDependency('a', 'none')).rejects.toThrow(DependencyNotFoundError);
    await expect(orders.addDependency('a', far)).rejects.toThrow(CrossSlotError);
    await expect(orders.addDependency('a', [])).rejects.toThrow(InvalidOptionError);
    await expect(orders.addDependency('a', 'b', { onDependencyFailed: 'run' } as never)).rejects.toThrow(
      /onDependencyFailure/,
    );
    expect((await orders.get('a'))?.state).toBe('waiting');
    expect(await orders.addDependency('a', 'none', { missingDependency: 'done' })).toBe('waiting');
  });

  it('brings what becomes of the job when the other one fails', async () => {
    const a = await orders.add('a', 1, { maxAttempts: 1 });
    const b = await orders.add('b', 1);
    await orders.addDependency(b.id, a, { onDependencyFailure: 'cancel' });
    await harness.worker({
      queues: REFS,
      handler: () => {
        throw new Error('no');
      },
    });
    await waitFor('it to be cancelled', async () => (await orders.get(b.id))?.state === 'cancelled');
  });

  it('shows in the lists of both, page by page, with the states [seed:Q28]', async () => {
    const parents = await orders.addMany(Array.from({ length: 3 }, (_, n) => ({ name: 'p', data: n })));
    const elsewhere = await bills.add('p', 3);
    const children = await orders.addMany(
      Array.from({ length: 300 }, (_, n) => ({ name: 'c', data: n, options: { dependsOn: [parents[0]!] } })),
    );
    const id = children[0]!.id;
    await orders.addDependency(id, [parents[1]!, elsewhere]);
    await orders.cancel(parents[1]!.id, { dependents: 'policy' });
    const first = await orders.dependencies(id, { limit: 2 });
    const state = (await orders.get(id))?.state;
    expect([state, first.total, first.dependencies]).toEqual([
      'failed',
      3,
      [
        { queue: 'orders', id: parents[0]!.id, state: 'waiting', isOpen: true },
        { queue: 'orders', id: parents[1]!.id, state: 'cancelled', isOpen: true },
      ],
    ]);
    const last = await orders.dependencies(id, { cursor: first.cursor, limit: 2 });
    expect(last).toEqual({
      total: 3,
      dependencies: [{ queue: 'bills', id: elsewhere.id, state: 'waiting', isOpen: true }],
    });
    const found = new Map<string, string>();
    let cursor: string | undefined;
    do {
      const page = await orders.dependents(parents[0]!.id, { cursor, limit: 100 });
      for (const dependent of page.dependents) found.set(dependent.id, dependent.state);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(found.size).toBe(300);
    expect([found.get(id), found.get(children[1]!.id)]).toEqual(['failed', 'blocked']);
    expect(await bills.dependents(elsewhere.id)).toMatchObject({ dependents: [{ queue: 'orders', id }] });
    await expect(orders.dependents('none')).rejects.toThrow(JobNotFoundError);
    await expect(orders.dependencies(id, { cursor: 'x' })).rejects.toThrow(InvalidOptionError);
    await expect(orders.dependents(id, { cursor: 'x' })).rejects.toThrow(InvalidOptionError);
  });
});
