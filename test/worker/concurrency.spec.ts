import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';
import { RunLog } from './support/run-log.ts';

describe('how many jobs run at once', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let log: RunLog;
  let gate: Gate;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    log = new RunLog();
    gate = new Gate();
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
  });

  function add(count: number, name = 'any', to = queue): Promise<unknown> {
    return to.addMany(Array.from({ length: count }, (_, data) => ({ name, data })));
  }

  it('is the concurrency of the worker, and what it holds is no more [seed:A1] [seed:I10] [seed:O6] [seed:I9]', async () => {
    await harness.worker({ handler: log.handler(() => gate.opened), concurrency: 3 });
    await add(20);
    await waitFor('three to run', () => log.running === 3);
    expect((await queue.counts()).active).toBe(3);
    gate.open();
    await waitFor('all to end', () => log.ended.length === 20);
    expect(log.peak).toBe(3);
  });

  it('has no bound for unlimited [seed:O6]', async () => {
    await harness.worker({ handler: log.handler(() => gate.opened), concurrency: 'unlimited' });
    await add(1_000);
    await add(1_000);
    await waitFor('all to run at once', () => log.running === 2_000);
    gate.open();
    await waitFor('all to end', async () => (await queue.counts()).completed === 1_000);
    expect(log.repeated).toEqual([]);
  });

  it('is asked of the predicate before more are taken; one that throws takes none [seed:O6]', async () => {
    let answer: () => boolean = () => false;
    let asked = 0;
    const when = (): boolean => {
      asked += 1;
      return answer();
    };
    await harness.worker({ handler: log.handler(), concurrency: { max: 2, when } });
    await add(4);
    await waitFor('it to be asked again', () => asked > 2);
    expect((await queue.counts()).waiting).toBe(4);
    answer = () => {
      throw new Error('no answer');
    };
    const before = asked;
    await waitFor('it to be asked again', () => asked > before + 1);
    expect((await queue.counts()).waiting).toBe(4);
    answer = () => true;
    await waitFor('all to run', () => log.ended.length === 4);
    expect(log.peak).toBeLessThanOrEqual(2);
  });

  it('can be bounded for one handler, whose jobs others pass [seed:I10]', async () => {
    const bounded = new RunLog();
    await harness.worker({
      concurrency: 10,
      handlers: {
        slow: { run: bounded.handler(() => gate.opened), concurrency: 2 },
        fast: log.handler(),
      },
    });
    await add(6, 'slow');
    await add(30, 'fast');
    await waitFor('the fast ones to end', () => log.ended.length === 30);
    expect(bounded.running).toBe(2);
    gate.open();
    await waitFor('the slow ones to end', () => bounded.ended.length === 6);
    expect(bounded.peak).toBe(2);
  });

  it('is shared by the queues of a worker, which holds no more than it runs [seed:A1]', async () => {
    const other = await harness.queue('other');
    await add(10);
    await add(10, 'any', other);
    await harness.worker({ queues: ['mail', 'other'], handler: log.handler(() => gate.opened), concurrency: 4 });
    await waitFor('four to run', () => log.running === 4);
    const held = async (): Promise<number> => (await queue.counts()).active + (await other.counts()).active;
    expect(await held()).toBe(4);
    gate.open();
    await waitFor('all to end', () => log.ended.length === 20);
    expect(log.peak).toBe(4);
  });

  it('lets no queue of a worker starve, not even with a single slot', async () => {
    const other = await harness.queue('other');
    await add(1_000);
    await add(1_000, 'any', other);
    const order: string[] = [];
    const handler = (job: { queue: string }): void => void order.push(job.queue);
    await harness.worker({ queues: ['mail', 'other'], handler, concurrency: 1 });
    await waitFor('all to end', () => order.length === 2_000);
    // What was taken ahead of the one before the other has answered may run first.
    const first = order.slice(0, 1_000);
    expect(first.filter((name) => name === 'mail').length).toBeGreaterThan(250);
    expect(first.filter((name) => name === 'other').length).toBeGreaterThan(250);
  });

  it('does not overflow the stack where handlers end at once and very many were taken ahead', async () => {
    let ran = 0;
    await add(1_000);
    for (let n = 0; n < 14; n++) await add(1_000);
    await harness.worker({ handler: () => void (ran += 1), concurrency: 1, prefetch: 10_000 });
    await waitFor('all to end', () => ran === 15_000, { timeoutMs: 10_000 });
  });
});
