import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CancelError,
  SnoozeError,
  UnrecoverableError,
  type AnyJobs,
  type JobRun,
  type Queue,
  type WorkerHooks,
} from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { ConnectionLog } from '../core/connection-log.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from './support/gate.ts';

const AT_ONCE = { type: 'fixed', delayMs: 0 } as const;

describe('the hooks of a worker', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let told: string[];
  let gate: Gate;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    told = [];
    gate = new Gate();
  });

  afterEach(async () => {
    gate.open();
    await harness.close();
  });

  /** What each hook heard, and the state of the job in Redis in that moment. */
  function hooks(): WorkerHooks {
    const note = async (run: JobRun, text: string): Promise<void> => {
      const at = told.push(text) - 1;
      const job = await queue.get(run.id);
      told[at] = `${text}, ${job?.state}`;
    };
    return {
      onStart: (run) => void told.push(`start ${run.attempt}`),
      onSuccess: (run, result) => note(run, `success ${JSON.stringify(result)}`),
      onFailure: (run, { message }, { willRetry, nextRunAt }) =>
        note(run, `failure ${message} ${willRetry} ${nextRunAt instanceof Date}`),
      onTimeout: (run, { kind, willRetry }) => note(run, `timeout ${kind} ${willRetry}`),
      onPermanentFailure: (run, { name }, { state }) => note(run, `dead ${state} ${name}`),
      onCancel: (run) => note(run, 'cancel'),
    };
  }

  /** Waits until the last that was told begins so, and has been compared with Redis. */
  async function heard(last: string): Promise<void> {
    await waitFor(`"${last}" to be told; told were ${told.join('; ')}`, () => {
      const text = told.at(-1) ?? '';
      return text.startsWith(last) && text.includes(', ');
    });
  }

  it('hear of a success once Redis has it, with the result [nest:M1] [seed:R3]', async () => {
    await harness.worker({ handler: ({ data }) => ({ got: data }), hooks: hooks() });
    await queue.add('any', 7);
    await heard('success');
    expect(told).toEqual(['start 1', 'success {"got":7}, completed']);
  });

  it('hear of each failure, and then of the last one as permanent [nest:M1] [seed:R3] [seed:O10] [seed:A7]', async () => {
    const handler = (): never => {
      throw new RangeError('no');
    };
    await harness.worker({ handler, hooks: hooks() });
    await queue.add('any', 1, { maxAttempts: 2, backoff: { type: 'fixed', delayMs: 200 } });
    await heard('dead');
    expect(told).toEqual([
      'start 1',
      'failure no true true, retrying',
      'start 2',
      'failure no false false, failed',
      'dead failed RangeError, failed',
    ]);
  });

  it('hear of a deadline as a timeout only, and then as permanent [nest:M1] [seed:O10] [seed:A7]', async () => {
    await harness.worker({ handler: () => gate.opened, hooks: hooks() });
    await queue.add('any', 1, { maxAttempts: 2, timeoutMs: 50, backoff: { type: 'fixed', delayMs: 200 } });
    await heard('dead');
    expect(told).toEqual([
      'start 1',
      'timeout deadline true, retrying',
      'start 2',
      'timeout deadline false, timed_out',
      'dead timed_out JobTimeoutError, timed_out',
    ]);
  });

  it('hear of an unrecoverable error once, of a cancel, of a broken job; of a snooze nothing [nest:M1] [seed:R3]', async () => {
    let hasSnoozed = false;
    const handler = ({ data }: { data: unknown }): unknown => {
      if (data === 'unrecoverable') throw new UnrecoverableError('over');
      if (data === 'cancel') throw new CancelError('not needed');
      if (data === 'snooze' && !hasSnoozed) {
        hasSnoozed = true;
        throw new SnoozeError({ delayMs: 1 });
      }
      return 'done';
    };
    await harness.worker({ handler, hooks: hooks() });
    for (const [data, last] of Object.entries({ unrecoverable: 'dead', cancel: 'cancel', snooze: 'success' })) {
      await queue.add('any', data);
      await heard(last);
    }
    expect(told).toEqual([
      'start 1',
      'failure over false false, failed',
      'dead failed UnrecoverableError, failed',
      'start 1',
      'cancel, cancelled',
      'start 1',
      'start 1',
      'success "done", completed',
    ]);
  });

  it('hear nothing but the loss from a worker that was fenced off [nest:M1] [seed:O10] [seed:A7]', async () => {
    const worker = await harness.worker({ handler: () => gate.opened, hooks: hooks() });
    await queue.add('any', 1);
    await waitFor('the job to run', () => worker.health().queues[0]?.running === 1);
    const connection = await harness.connection;
    // Its epoch ends as that of a worker that nobody heard of for a whole lease.
    const held = (await connection.client.keys(`${harness.prefix}:*:h:*`))[0] ?? '';
    await connection.client.del(held);
    await queue.pause();
    await waitFor('the loss', () => told.length === 2);
    gate.open();
    await waitFor('the handler to settle', () => worker.health().queues[0]?.zombies === 0);
    await waitFor('the hook', () => told[1]?.includes(','));
    expect(told.map((text) => text.split(',')[0])).toEqual(['start 1', 'timeout lease true']);
  });

  it('come in order, each awaited, and hold the slot meanwhile [nest:M1]', async () => {
    const order: string[] = [];
    const slowly = async (text: string): Promise<void> => {
      order.push(`${text} begins`);
      await new Promise((resolve) => setTimeout(resolve, 30));
      order.push(`${text} ends`);
    };
    const handler = ({ data }: { data: unknown }): never => {
      order.push(`handler ${String(data)}`);
      throw new UnrecoverableError('no');
    };
    await harness.worker({
      handler,
      concurrency: 1,
      hooks: {
        onStart: () => slowly('start'),
        onFailure: () => slowly('failure'),
        onPermanentFailure: () => slowly('dead'),
      },
    });
    await queue.addMany([1, 2].map((data) => ({ name: 'any', data })));
    await waitFor('both to be told', () => order.filter((text) => text === 'dead ends').length === 2);
    const one = (data: number): string[] => [
      'start begins',
      'start ends',
      `handler ${data}`,
      'failure begins',
      'failure ends',
      'dead begins',
      'dead ends',
    ];
    expect(order).toEqual([...one(1), ...one(2)]);
  });

  it('that throw, reject or take too long are logged and change nothing [nest:M1] [seed:O10]', async () => {
    const log = new ConnectionLog();
    await harness.worker({
      handler: ({ data }) => data,
      logger: log,
      concurrency: 1,
      hookTimeoutMs: 100,
      hooks: {
        onStart: () => {
          throw new Error('start broke');
        },
        onSuccess: ({ data }) => (data === 1 ? gate.opened : Promise.reject(new Error('success broke'))),
      },
    });
    const jobs = await queue.addMany([1, 2].map((data) => ({ name: 'any', data })));
    expect(await Promise.all(jobs.map(({ id }) => queue.result(id)))).toEqual([1, 2]);
    await waitFor('the last hook', () => log.matching(/success broke/).length === 1);
    expect(log.matching(/Hook onStart for job .* failed: start broke/)).toHaveLength(2);
    expect(log.matching(/Hook onSuccess for job .* failed: still running after 100 ms/)).toHaveLength(1);
  });

  it('on whose start a stop comes let the job go back unrun', async () => {
    let ran = 0;
    const started = new Gate();
    const hook = async (): Promise<void> => {
      started.open();
      await gate.opened;
    };
    const worker = await harness.worker({
      handler: () => void (ran += 1),
      hooks: { onStart: hook },
      shutdownTimeoutMs: 50,
    });
    const { id } = await queue.add('any', 1);
    await started.opened;
    await worker.stop();
    gate.open();
    expect(await queue.get(id)).toMatchObject({ state: 'waiting', failures: 0, stalls: 0 });
    await harness.worker({ handler: () => 'by another' });
    expect(await queue.result(id)).toBe('by another');
    expect(ran).toBe(0);
  });

  it('of a success are not waited for where only failures are heard of', async () => {
    await harness.worker({ handler: () => 'done', concurrency: 1, hooks: { onFailure: () => gate.opened } });
    const jobs = await queue.addMany([1, 2, 3].map((data) => ({ name: 'any', data, options: { backoff: AT_ONCE } })));
    expect(await Promise.all(jobs.map(({ id }) => queue.result(id)))).toHaveLength(3);
  });
});
