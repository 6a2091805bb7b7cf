import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BrokenPayloadError,
  CancelError,
  SnoozeError,
  UnrecoverableError,
  type ActiveJob,
  type Job,
  type JobOptions,
} from '@millrace/core';
import { waitFor, within } from '../support/wait-for.ts';
import { ending } from './support/exchanges.ts';
import { PATIENCE, ProxiedWorker } from './support/proxied-worker.ts';

/** How an attempt ends whose end Redis takes although the worker does not hear of it, and what must come of that. */
interface EndCase {
  readonly title: string;
  readonly letter: string;
  readonly handler: (job: ActiveJob, run: number) => unknown;
  readonly options?: JobOptions;
  readonly state: string;
  readonly failures: number;
  readonly told: readonly string[];
  readonly events: readonly string[];
}

const AT_ONCE = { type: 'fixed', delayMs: 0 } as const;

/** Fails with `error` at the first run, and succeeds then. */
function firstTry(error: () => Error): EndCase['handler'] {
  return (_, run) => {
    if (run === 1) throw error();
    return 'done';
  };
}

function always(error: (job: ActiveJob) => Error): EndCase['handler'] {
  return (job) => {
    throw error(job);
  };
}

const CASES: readonly EndCase[] = [
  {
    title: 'a success',
    letter: 'c',
    handler: () => 'done',
    state: 'completed',
    failures: 0,
    told: ['start', 'success'],
    events: ['waiting', 'active', 'completed'],
  },
  {
    title: 'a failure that is retried',
    letter: 'r',
    handler: firstTry(() => new Error('no')),
    options: { maxAttempts: 3, backoff: AT_ONCE },
    state: 'completed',
    failures: 1,
    told: ['start', 'failure, to be retried', 'start', 'success'],
    events: ['waiting', 'active', 'retrying', 'waiting', 'active', 'completed'],
  },
  {
    title: 'the last failure',
    letter: 'f',
    handler: always(() => new UnrecoverableError('no')),
    state: 'failed',
    failures: 1,
    told: ['start', 'failure', 'permanent: failed'],
    events: ['waiting', 'active', 'failed'],
  },
  {
    title: 'a timeout',
    letter: 't',
    handler: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
    options: { maxAttempts: 1, timeoutMs: 100 },
    state: 'timed_out',
    failures: 1,
    told: ['start', 'timeout by deadline', 'permanent: timed_out'],
    events: ['waiting', 'active', 'timed_out'],
  },
  {
    title: 'a payload that proves broken',
    letter: 'b',
    handler: always(({ queue, id }) => new BrokenPayloadError(queue, id, 'it has no address')),
    state: 'broken',
    failures: 0,
    told: ['start', 'permanent: broken'],
    events: ['waiting', 'active', 'broken'],
  },
  {
    title: 'a cancellation by the handler',
    letter: 'x',
    handler: always(() => new CancelError('not needed')),
    state: 'cancelled',
    failures: 0,
    told: ['start', 'cancel'],
    events: ['waiting', 'active', 'cancelled'],
  },
  {
    title: 'a snooze',
    letter: 'z',
    handler: firstTry(() => new SnoozeError({ delayMs: 20 })),
    state: 'completed',
    failures: 0,
    told: ['start', 'start', 'success'],
    events: ['waiting', 'active', 'delayed', 'waiting', 'active', 'completed'],
  },
  {
    title: 'an error that does not count',
    letter: 'u',
    handler: firstTry(() => new RangeError('closed')),
    options: { backoff: AT_ONCE },
    state: 'completed',
    failures: 0,
    told: ['start', 'start', 'success'],
    events: ['waiting', 'active', 'retrying', 'waiting', 'active', 'completed'],
  },
];

describe('the end of an attempt, executed by Redis and cut off before its answer', () => {
  let scene: ProxiedWorker;

  beforeEach(async () => {
    scene = await ProxiedWorker.prepare();
  });
  afterEach(() => scene.close());

  it.each(CASES)('counts once where it is $title [core:A9] [seed:A15] [case:C4] [case:R7]', async (end) => {
    const { witness, proxy } = scene;
    const jobs = await scene.add(5, { options: end.options ?? {} });
    const cut = proxy.cutAfterExecuted(ending(end.letter));
    const handler = witness.handler((job) =>
      job.data === 'after' ? 'done' : end.handler(job, witness.runsOf(job.id)),
    );
    await scene.start({ handler, concurrency: 3, isFailure: (error) => !(error instanceof RangeError) });
    await within('the cut', cut, PATIENCE.timeoutMs);
    const last = end.events.at(-1)!;
    for (const { id, state, failures } of await scene.ended(jobs)) {
      expect({ state, failures }).toEqual({ state: end.state, failures: end.failures });
      expect(await scene.eventsOf(id, last)).toEqual(end.events);
    }
    expect(await scene.leavesNothing()).toEqual([]);
    for (const { id } of jobs) {
      expect(witness.toldOf(id)).toEqual(end.told);
      expect(witness.runsOf(id)).toBe(end.told.filter((what) => what === 'start').length);
    }
    expect((await scene.queue.counts()) as Record<string, number>).toMatchObject(
      end.state === 'completed' ? { completed: 6 } : { completed: 1, [end.state]: 5 },
    );
  });
});

describe('an end of which the worker never hears whether it counted', () => {
  let scene: ProxiedWorker;

  beforeEach(async () => {
    scene = await ProxiedWorker.prepare();
  });
  afterEach(() => scene.close());

  /** Runs a job whose end Redis takes, and then the worker reaches it no more. */
  async function endUnheard(): Promise<Job> {
    const [job] = await scene.add(1);
    const cut = scene.proxy.cutAfterExecuted(ending('c'));
    await scene.start({ handler: scene.witness.handler(() => scene.proxy.refuse()), lease: { durationMs: 300 } });
    await within('the cut', cut, PATIENCE.timeoutMs);
    return job!;
  }

  it('is told to no hook when the worker stops: it counted [case:C4]', async () => {
    const { id } = await endUnheard();
    await scene.worker.stop();
    expect((await scene.queue.get(id))?.state).toBe('completed');
    expect(scene.witness.toldOf(id)).toEqual(['start']);
  });

  it('is told to no hook when it was sent again after the lease had run out: it counted [case:C4]', async () => {
    const { id } = await endUnheard();
    await scene.harness.worker({ handler: () => 'elsewhere' });
    await waitFor('the lease to be over', async () => (await scene.queue.workers()).length === 1, PATIENCE);
    await scene.proxy.pass();
    await waitFor('another lease', async () => (await scene.queue.workers()).length === 2, PATIENCE);
    expect((await scene.queue.get(id))?.state).toBe('completed');
    expect(scene.witness.toldOf(id)).toEqual(['start']);
  });
});
