import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CancelError, type ActiveJob, type AnyJobs, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { Child } from '../support/child.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

describe('a job that is cancelled while it runs', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let gate: Gate;
  let running: ActiveJob | undefined;
  let children: Child[];

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    gate = new Gate();
    running = undefined;
    children = [];
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
    await Promise.all(children.map((child) => child.kill()));
  });

  /** Waits to be let go, whatever its signal says. */
  async function deaf(job: ActiveJob): Promise<string> {
    running = job;
    await gate.opened;
    return 'too late';
  }

  /** As far as a worker can be: another process, with a queue object of its own. */
  async function cancelElsewhere(id: string): Promise<string> {
    const program = new URL('./programs/cancel.ts', import.meta.url);
    const child = await Child.start(program, { args: [harness.url, harness.prefix, id] });
    children.push(child);
    return (await child.message<{ type: string; outcome: string }>({ type: 'cancelled' })).outcome;
  }

  it('in another process hears of it within a second, and its outcome is refused [core:B2] [seed:A17, seed:O14]', async () => {
    const told: string[] = [];
    const onCancel = (): void => void told.push('cancelled');
    const onSuccess = (): void => void told.push('succeeded');
    const worker = await harness.worker({ handler: deaf, hooks: { onCancel, onSuccess } });
    const { id } = await queue.add('any', 1);
    await waitFor('the job to run', () => running);
    expect(await cancelElsewhere(id)).toBe('cancelled while active');
    await waitFor('the signal to abort', () => running?.signal.aborted, { timeoutMs: 1_000 });
    expect(CancelError.is(running?.signal.reason)).toBe(true);
    expect((await queue.get(id))?.state).toBe('cancelled');
    expect(worker.health().queues[0]).toMatchObject({ running: 0, zombies: 1 });
    gate.open();
    await waitFor('the handler to settle', () => worker.health().queues[0]?.zombies === 0);
    expect(await queue.get(id)).toMatchObject({ state: 'cancelled', result: undefined });
    expect(told).toEqual(['cancelled']);
  });

  it('hears of it with its next renewal where the message is lost [core:B2] [seed:A17, seed:O14]', async () => {
    const connection = await harness.connect();
    // Nothing that is published reaches this worker.
    connection.subscriber.subscribe = () => Promise.resolve(() => {});
    await harness.worker({ handler: deaf, connection, lease: { durationMs: 900 } });
    const { id } = await queue.add('any', 1);
    await waitFor('the job to run', () => running);
    await queue.cancel(id);
    await waitFor('the signal to abort', () => running?.signal.aborted, { timeoutMs: 1_000 });
  });

  it('is told so, and not that its lease is lost, when its end was on the way already [nest:M1] [core:B2]', async () => {
    const told: string[] = [];
    const hooks = {
      onCancel: () => void told.push('cancelled'),
      onTimeout: () => void told.push('timed out'),
      onSuccess: () => void told.push('succeeded'),
    };
    // The handler returns once its own cancelling is done, before any message about it can come.
    const handler = async (job: ActiveJob): Promise<string> => {
      await queue.cancel(job.id);
      return 'done';
    };
    await harness.worker({ handler, hooks });
    const { id } = await queue.add('any', 1);
    await waitFor('the hook', () => told.length > 0);
    expect(told).toEqual(['cancelled']);
    expect((await queue.get(id))?.state).toBe('cancelled');
  });

  it('gives its slot to the next one', async () => {
    await harness.worker({ handlers: { deaf, quick: () => 'done' }, concurrency: 1 });
    const { id } = await queue.add('deaf', 1);
    await waitFor('the job to run', () => running);
    const next = await queue.add('quick', 1);
    await queue.cancel(id);
    expect(await within('the next job', queue.result(next.id))).toBe('done');
  });

  it('by its own CancelError ends as cancelled', async () => {
    const told: string[] = [];
    const handler = (): never => {
      throw new CancelError('Not needed any more.');
    };
    await harness.worker({ handler, hooks: { onCancel: () => void told.push('cancelled') } });
    const { id } = await queue.add('any', 1);
    await waitFor('the hook', () => told.length > 0);
    expect(await queue.get(id)).toMatchObject({ state: 'cancelled', failures: 0 });
    expect((await queue.get(id))?.error).toMatchObject({ message: 'Not needed any more.', kind: 'cancelled' });
  });

  it('or waits in the buffer of a worker never starts', async () => {
    const ran: string[] = [];
    const handler = async (job: ActiveJob): Promise<void> => {
      ran.push(job.id);
      await gate.opened;
    };
    const worker = await harness.worker({ handler, concurrency: 1, prefetch: 5 });
    const jobs = await queue.addMany([1, 2, 3].map((data) => ({ name: 'any', data })));
    const [first, second, third] = jobs.map(({ id }) => id) as [string, string, string];
    await waitFor('all to be held', async () => (await queue.counts()).active === 3);
    expect(await queue.cancel(second)).toEqual(['cancelled while active']);
    await waitFor('the worker to hear of it', () => worker.health().queues[0]?.buffered === 1);
    gate.open();
    await queue.result(third);
    expect(ran).toEqual([first, third]);
  });
});
