import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, InvalidOptionError, JobHasDependentsError, type Queue } from '@millrace/core';
import { Harness } from './support/harness.ts';

describe('cancelling a job on which others depend', () => {
  let harness: Harness;
  let orders: Queue<AnyJobs>;
  let bills: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    orders = await harness.queue('orders', { slot: 'shop' });
    bills = await harness.queue('bills', { slot: 'shop' });
  });

  afterEach(() => harness.close());

  const states = async (...ids: readonly string[]): Promise<unknown[]> =>
    Promise.all(ids.map(async (id) => (await orders.get(id))?.state ?? (await bills.get(id))?.state));

  it('is refused with an error that names them; nothing is cancelled [seed:Q12]', async () => {
    const a = await orders.add('a', 1);
    const b = await orders.add('b', 1, { dependsOn: [a] });
    const c = await bills.add('c', 1, { dependsOn: [b] });
    const error = await orders.cancel(a.id).catch((reason: unknown) => reason);
    expect(JobHasDependentsError.is(error) && error.dependents).toEqual([{ queue: 'orders', id: b.id }]);
    await expect(orders.cancel(a.id, b.id)).rejects.toThrow(`bills/${c.id}`);
    await expect(orders.cancel(a.id, { dependants: 'cascade' } as never)).rejects.toThrow(/dependents/);
    await expect(orders.cancel(a.id, { dependents: 'all' as never })).rejects.toThrow(InvalidOptionError);
    expect(await states(a.id, b.id, c.id)).toEqual(['waiting', 'blocked', 'blocked']);
  });

  it('takes them along where they are named in the same call, or by a cascade [seed:Q12]', async () => {
    const a = await orders.add('a', 1);
    const b = await orders.add('b', 1, { dependsOn: [a] });
    expect(await orders.cancel(b.id, a.id)).toEqual(['cancelled', 'cancelled']);
    const c = await orders.add('c', 1);
    const d = await bills.add('d', 1, { dependsOn: [c], onDependencyFailure: 'run' });
    const e = await orders.add('e', 1, { dependsOn: [d] });
    expect(await orders.cancel(c.id, { dependents: 'cascade' })).toEqual(['cancelled']);
    expect(await states(a.id, b.id, c.id, d.id, e.id)).toEqual(Array.from({ length: 5 }, () => 'cancelled'));
  });

  it('lets each do what it was told, where that is asked', async () => {
    const a = await orders.add('a', 1);
    const b = await orders.add('b', 1, { dependsOn: [a] });
    const c = await orders.add('c', 1, { dependsOn: [a], onDependencyFailure: 'run' });
    expect(await orders.cancel([a.id], { dependents: 'policy' })).toEqual(['cancelled']);
    expect(await states(b.id, c.id)).toEqual(['failed', 'waiting']);
  });

  it('looks at all of a long call before the first is cancelled [seed:Q12]', async () => {
    const chain = await orders.addMany(
      Array.from({ length: 60 }, (_, n) => ({
        name: 'x',
        data: n,
        options: { id: `n${n}`, ...(n > 0 ? { dependsOn: [`n${n - 1}`] } : {}) },
      })),
    );
    const ids = chain.map(({ id }) => id);
    await expect(orders.cancel(...ids.slice(0, 59))).rejects.toThrow(JobHasDependentsError);
    expect(await orders.counts()).toMatchObject({ waiting: 1, blocked: 59, cancelled: 0 });
    expect(new Set(await orders.cancel(...ids))).toEqual(new Set(['cancelled']));
    expect(await orders.counts()).toMatchObject({ waiting: 0, blocked: 0, cancelled: 60, failed: 0 });
    expect(new Set(await orders.cancel(...ids))).toEqual(new Set(['had ended']));
  });
});
