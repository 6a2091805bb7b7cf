import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  defineQueue,
  getQueueToken,
  job,
  JobRun,
  JobsModule,
  JobsRunner,
  OnJob,
  OnJobSuccess,
  Processor,
  Queue,
  Recurring,
  type JobsRootOptions,
} from '../../libs/nest/src/index.js';
import { waitFor } from '../support/wait-for.ts';
import {
  bootError,
  closeApplications,
  rootOptions,
  startApplication,
  type TestApplication,
} from './support/application.ts';
import { finished, runJob } from './support/finish.ts';

const WEIGHTS = { critical: 6, default: 3, low: 1 };
const QUEUES = Object.keys(WEIGHTS);

let order: string[];
let hooked: string[];
let isOpen: boolean;
let heldUp: boolean;
let running: { now: number; most: number };
beforeEach(() => {
  [order, hooked, isOpen, heldUp, running] = [[], [], false, false, { now: 0, most: 0 }];
});
afterEach(closeApplications);

async function note({ queue }: ActiveJob): Promise<void> {
  running.now++;
  running.most = Math.max(running.most, running.now);
  order.push(queue);
  do await new Promise((resolve) => setImmediate(resolve));
  while (heldUp);
  running.now--;
}

@Processor('critical')
class CriticalProcessor {
  @OnJob() async run(job: ActiveJob): Promise<string> {
    await note(job);
    return 'critical';
  }
  @OnJobSuccess() done(run: JobRun): void {
    hooked.push(`critical ${run.queue}/${run.name}`);
  }
}

@Processor('default')
class DefaultProcessor {
  @OnJob() async run(job: ActiveJob): Promise<string> {
    await note(job);
    return 'default';
  }
}

@Processor('low')
class LowProcessor {
  @OnJob() async run(job: ActiveJob): Promise<string> {
    await note(job);
    return `low, ${job.maxAttempts} attempts`;
  }
  @OnJob()
  @Recurring({ cron: '0 3 * * *' })
  tidy(): void {}
  @OnJobSuccess() done(run: JobRun): void {
    hooked.push(`low ${run.queue}/${run.name}`);
  }
}

/** Takes no job until `isOpen`: whichever queue is opened first would be alone for a while. */
const concurrency = { max: 10, when: () => isOpen };
const PROVIDERS = [CriticalProcessor, DefaultProcessor, LowProcessor];

function start(options: JobsRootOptions, providers: readonly object[] = PROVIDERS): Promise<TestApplication> {
  const root = JobsModule.forRoot(rootOptions({ queues: QUEUES, ...options }));
  return startApplication({ imports: [root], providers: providers as [] });
}

function refusal(options: JobsRootOptions, providers: readonly object[] = PROVIDERS): ReturnType<typeof bootError> {
  const root = JobsModule.forRoot(rootOptions({ queues: QUEUES, ...options }));
  return bootError({ imports: [root], providers: providers as [] });
}

function queue({ app }: TestApplication, name: string): Queue {
  return app.get<Queue>(getQueueToken(name));
}

/** Adds jobs to every queue, lets them be taken, and waits until all have run. */
async function runAll(application: TestApplication, each: number): Promise<void> {
  const jobs = Array.from({ length: each }, () => ({ name: 'run', data: {} }));
  await Promise.all(QUEUES.map((name) => queue(application, name).addMany(jobs)));
  isOpen = true;
  await waitFor('all jobs to run', () => order.length === 3 * each, { timeoutMs: 30_000 });
}

/** How many of the first `of` jobs each queue had. */
function shares(of: number): Record<string, number> {
  const first = order.slice(0, of);
  return Object.fromEntries(QUEUES.map((name) => [name, first.filter((one) => one === name).length]));
}

describe('one worker of an application for several queues', () => {
  it('serves them by their weights [seed:A2]', async () => {
    const application = await start({ workers: [{ queues: WEIGHTS, concurrency }] });
    await runAll(application, 1_000);
    const { critical = 0, default: middle = 0, low = 0 } = shares(1_500);
    expect(Math.abs(critical - 900)).toBeLessThan(60);
    expect(Math.abs(middle - 450)).toBeLessThan(60);
    expect(Math.abs(low - 150)).toBeLessThan(40);
  });

  it('runs no more at once than one worker does, over all of them [seed:A2]', async () => {
    const application = await start({ workers: [{ queues: WEIGHTS, concurrency }] });
    heldUp = true;
    const all = runAll(application, 20);
    await waitFor('all slots to be taken', () => running.now === 10);
    heldUp = false;
    await all;
    expect(running.most).toBe(10);
  });

  it.each([
    ['strict', WEIGHTS],
    ['strict', ['critical', { name: 'default' }, 'low']],
    ['ordered', ['critical', 'default', 'low']],
  ] as const)('serves one only while those before it are empty: %s %j [seed:A3]', async (how, queues) => {
    const application = await start({ workers: [{ queues, order: how, concurrency }] });
    await runAll(application, 300);
    expect(order).toEqual(QUEUES.flatMap((name) => Array<string>(300).fill(name)));
  });

  it('serves each in turn [seed:R8]', async () => {
    const application = await start({ workers: [{ queues: QUEUES, concurrency }] });
    await runAll(application, 500);
    for (const share of Object.values(shares(900))) expect(Math.abs(share - 300)).toBeLessThan(50);
  });

  it('runs the jobs of each by its own handlers, with its own defaults and hooks, whatever their names', async () => {
    isOpen = true;
    const application = await start({
      workers: [{ queues: WEIGHTS, concurrency }],
      queues: ['critical', 'default', { name: 'low', defaults: { maxAttempts: 2 } }],
    });
    const results = QUEUES.map(async (name) => (await runJob(queue(application, name), 'run')).result);
    expect(await Promise.all(results)).toEqual(['critical', 'default', 'low, 2 attempts']);
    await waitFor('the hooks', () => hooked.length === 2);
    expect(hooked.sort()).toEqual(['critical critical/run', 'low low/run']);
  });

  it('leaves a queue that is not named a worker of its own', async () => {
    isOpen = true;
    const application = await start({ workers: [{ queues: ['critical', 'low'], concurrency: 3 }] });
    const { workers } = await application.app.get(JobsRunner).describe();
    expect(workers.map(({ queue: name, shared }) => [name, shared?.queues.length])).toEqual([
      ['critical', 2],
      ['default', undefined],
      ['low', 2],
    ]);
    expect(workers[2]).toMatchObject({
      shared: { order: 'round-robin' },
      options: { concurrency: { value: 3, from: 'JobsModule.forRoot({ workers })' } },
    });
    expect((await runJob(queue(application, 'default'), 'run')).result).toBe('default');
    const health = application.app.get(JobsRunner).health();
    const served = health.workers.map(({ queue: name, health: { queues } }) => [name, queues.length]);
    expect(Object.fromEntries(served)).toEqual({ critical: 2, default: 1, low: 2 });
  });

  it('pauses one of them and goes on with the others', async () => {
    isOpen = true;
    const application = await start({ workers: [{ queues: WEIGHTS, concurrency }] });
    const runner = application.app.get(JobsRunner);
    runner.pause('low');
    const { id } = await queue(application, 'low').add('run', {});
    await runJob(queue(application, 'critical'), 'run');
    expect((await queue(application, 'low').get(id))?.state).toBe('waiting');
    runner.resume('low');
    expect((await finished(queue(application, 'low'), id)).state).toBe('completed');
  });

  it('works those that this process works on, and declares the schedules of each', async () => {
    const application = await start({ workers: [{ queues: WEIGHTS, order: 'strict' }], work: ['default', 'low'] });
    const names = async (name: string) => (await queue(application, name).workers()).length;
    expect(await Promise.all(QUEUES.map(names))).toEqual([0, 1, 1]);
    const { schedules } = await queue(application, 'low').schedules();
    expect(schedules.map(({ id }) => id)).toEqual(['low/tidy']);
    expect(await queue(application, 'low').orphanedSchedules('@Recurring')).toEqual([]);
  });

  it('may come from a factory, and holds processors of several queues', async () => {
    @Processor(['critical', 'low'])
    class BothProcessor {
      @OnJob() run({ queue }: ActiveJob): string {
        return `both, ${queue}`;
      }
    }
    const root = JobsModule.forRootAsync({
      queues: ['critical', 'low'],
      useFactory: () => ({ ...rootOptions(), workers: [{ queues: { critical: 2, low: 1 }, concurrency: 1 }] }),
    });
    const application = await startApplication({ imports: [root], providers: [BothProcessor] });
    for (const name of ['critical', 'low']) {
      expect((await runJob(queue(application, name), 'run')).result).toBe(`both, ${name}`);
    }
    const { health } = application.app.get(JobsRunner).health().workers[0]!;
    expect(health.queues.map((of) => of.queue)).toEqual(['critical', 'low']);
  });

  it('takes contracts for names', async () => {
    isOpen = true;
    const Low = defineQueue('low', { run: job<object>(), tidy: job() }, { slot: 'all' });
    const application = await start({ queues: ['critical', 'default', Low], workers: [{ queues: [Low, 'critical'] }] });
    expect((await runJob(queue(application, 'low'), 'run')).state).toBe('completed');
  });
});

describe('an application does not start with', () => {
  it('a worker of a queue that no processor works on', async () => {
    const error = await refusal({ workers: [{ queues: { critical: 6, lov: 1 } }] });
    expect(error.code).toBe('UNKNOWN_QUEUE');
    expect(error.message).toContain(
      'JobsModule.forRoot({ workers }) has "lov", and no processor works on that queue. Did you mean "low"?',
    );
  });

  it.each([
    ['in one worker', [{ queues: ['low', 'critical', 'low'] }], 'each queue once'],
    ['in two', [{ queues: ['low', 'critical'] }, { queues: { low: 1 } }], 'each queue in one worker'],
  ] as const)('a queue that is named twice %s', async (_, workers, expected) => {
    const error = await refusal({ workers });
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(expected);
    expect(error.message).toContain('"low"');
  });

  it.each([
    [{ queues: [] }, 'INVALID_OPTION', 'at least one queue'],
    [{ queues: WEIGHTS, order: 'ordered' }, 'INVALID_OPTION', "'weighted' or 'strict'"],
    [{ queues: { low: 0 } }, 'INVALID_OPTION', 'queues.low'],
    [{ queues: QUEUES, order: 'wieghted' }, 'INVALID_OPTION', 'weighted'],
    [{ queues: QUEUES, concurency: 5 }, 'UNKNOWN_OPTION', 'Did you mean "concurrency"?'],
    [{ queues: [{ name: 'low', concurrency: 5 }] }, 'UNKNOWN_OPTION', 'workers[0].queues[0].concurrency'],
    [{ order: 'strict' }, 'INVALID_OPTION', 'queues'],
  ])('workers: [%j]', async (worker, code, text) => {
    const error = await refusal({ workers: [worker as never] });
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it('processors that want different things of the worker that they share, unless its entry says it', async () => {
    @Processor('low', { concurrency: 2 })
    class SlowProcessor {
      @OnJob() run(): void {}
    }
    @Processor('critical', { concurrency: 50 })
    class FastProcessor {
      @OnJob() run(): void {}
    }
    const providers = [SlowProcessor, FastProcessor];
    const workers = [{ queues: ['low', 'critical'] }];
    const error = await refusal({ workers }, providers);
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(
      'Queues "low", "critical" share one worker in this process, and their processors want different things of it: ' +
        'concurrency is 2 (SlowProcessor) and 50 (FastProcessor). State it in one place: one of them, or JobsModule.forRoot({ workers }).',
    );
    const { app } = await start({ workers: [{ queues: ['low', 'critical'], concurrency: 20 }] }, providers);
    const [worker] = (await app.get(JobsRunner).describe()).workers;
    expect(worker?.options['concurrency']?.value).toBe(20);

    const processors = { low: { prefetch: 0 }, critical: { prefetch: 5 } };
    const configured = await refusal(
      { workers: [{ queues: ['low', 'critical'], concurrency: 20 }], processors },
      providers,
    );
    expect(configured.message).toContain('prefetch is 0 (JobsModule.forRoot({ processors: { low } }))');
  });
});
