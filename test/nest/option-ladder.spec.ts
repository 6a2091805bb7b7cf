import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  getQueueToken,
  getRunnerToken,
  JobsBootError,
  JobsModule,
  JobsRunner,
  OnJob,
  Processor,
  Queue,
  type JobsRootOptions,
  type WorkerDescription,
} from '../../libs/nest/src/index.js';
import { waitFor } from '../support/wait-for.ts';
import {
  bootError,
  closeApplications,
  plainOptions,
  startApplication,
  type TestApplication,
} from './support/application.ts';
import { runJob } from './support/finish.ts';

@Processor('mail', { concurrency: 20 })
class MailProcessor {
  @OnJob({ maxAttempts: 4 }) welcome(_job: ActiveJob): void {
    throw new Error('no');
  }
  @OnJob() plain(job: ActiveJob): number {
    return job.maxAttempts;
  }
}

function start(options: JobsRootOptions, providers: object[] = [MailProcessor]): Promise<TestApplication> {
  return startApplication({ imports: [JobsModule.forRoot(plainOptions(options))], providers: providers as [] });
}

async function describeMail(options: JobsRootOptions): Promise<WorkerDescription> {
  const { app } = await start(options);
  const { workers } = await app.get(JobsRunner).describe();
  return workers.find(({ queue }) => queue === 'mail')!;
}

afterEach(closeApplications);

describe('the options that hold', () => {
  it('come from the place nearest to the job, and describe() says which [nest:H6] [seed:R4]', async () => {
    const { options, handlers } = await describeMail({
      worker: { concurrency: 5, shutdownTimeoutMs: 3_000 },
      defaults: { maxAttempts: 1, timeoutMs: 9_000 },
      queues: [{ name: 'mail', defaults: { maxAttempts: 2, maxStalls: 1 } }],
      processors: { mail: { hookTimeoutMs: 700, handlers: { welcome: { timeoutMs: 50 } } } },
    });
    expect(options).toMatchObject({
      concurrency: { value: 20, from: "@Processor('mail') MailProcessor" },
      shutdownTimeoutMs: { value: 3_000, from: 'JobsModule.forRoot({ worker })' },
      hookTimeoutMs: { value: 700, from: 'JobsModule.forRoot({ processors })' },
      lease: { from: 'library default' },
    });
    expect(handlers.find(({ job }) => job === 'welcome')).toMatchObject({
      method: 'MailProcessor.welcome',
      options: {
        maxAttempts: { value: 4, from: '@OnJob() MailProcessor.welcome' },
        maxStalls: { value: 1, from: 'JobsModule.forRoot({ queues }) in RootTestModule' },
        timeoutMs: { value: 50, from: 'JobsModule.forRoot({ processors })' },
        backoff: { from: 'library default' },
      },
    });
    expect(handlers.find(({ job }) => job === 'plain')).toMatchObject({
      options: { maxAttempts: { value: 2 }, timeoutMs: { value: 9_000, from: 'JobsModule.forRoot({ defaults })' } },
    });
  });

  it('are the ones that jobs run by, those of add() last [nest:H6]', async () => {
    const { app } = await start({
      defaults: { maxAttempts: 1 },
      queues: [{ name: 'mail', defaults: { maxAttempts: 2 } }],
    });
    const mail = app.get<Queue>(getQueueToken('mail'));
    expect(await runJob(mail, 'plain')).toMatchObject({ result: 2 });
    const { id } = await mail.add('plain', {}, { maxAttempts: 7 });
    expect(await mail.result(id)).toBe(7);
    const { id: failing } = await mail.add('welcome', {}, { backoff: { type: 'fixed', delayMs: 1 } });
    const failed = await waitFor('the end', async () => {
      const job = await mail.get(failing);
      return job?.state === 'failed' ? job : undefined;
    });
    expect(failed.failures).toBe(4);
  });

  it('are written to the log at boot, handler by handler [nest:H6] [nest:H11]', async () => {
    const { logger } = await start({ queues: ['mail'], defaults: { backoff: { type: 'fixed', delayMs: 2_000 } } });
    const lines = logger.of('debug');
    expect(lines).toContainEqual("worker of mail (concurrency 20: @Processor('mail') MailProcessor)");
    expect(lines).toContainEqual(
      expect.stringMatching(/^mail\.plain ×10 attempts, fixed 2 s \(backoff .*forRoot\(\{ defaults \}\)\)$/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^mail\.welcome ×4 attempts, fixed 2 s \(.*maxAttempts 4: @OnJob\(\) MailProcessor\.welcome/,
      ),
    );
  });

  it('cannot name a queue or a job that nobody handles [nest:H6]', async () => {
    const { problems } = (await bootError({
      imports: [
        JobsModule.forRoot(
          plainOptions({ queues: ['mail'], processors: { mial: {}, mail: { handlers: { welcom: {} } } } }),
        ),
      ],
      providers: [MailProcessor],
    })) as JobsBootError;
    expect(problems.map(({ message }) => message)).toEqual([
      'JobsModule.forRoot({ processors }) has "mial", and no processor works on that queue. Did you mean "mail"?',
      'JobsModule.forRoot({ processors }) has options for job "welcom" of "mail", which no handler takes. Did you mean "welcome"?',
    ]);
  });
});

describe('the processors of one queue', () => {
  @Processor('mail')
  class Second {
    @OnJob({ concurrency: 2 }) async bounded(_job: ActiveJob): Promise<number> {
      bounded.running++;
      bounded.most = Math.max(bounded.most, bounded.running);
      await new Promise((resolve) => setImmediate(resolve));
      bounded.running--;
      return bounded.most;
    }
  }
  const bounded = { running: 0, most: 0 };

  it('share one worker, with a bound for each handler [nest:M5]', async () => {
    const { app } = await start({ queues: ['mail'] }, [MailProcessor, Second]);
    const mail = app.get<Queue>(getQueueToken('mail'));
    expect(await mail.workers()).toHaveLength(1);
    const jobs = await mail.addMany(Array.from({ length: 30 }, () => ({ name: 'bounded', data: {} })));
    await Promise.all(jobs.map(({ id }) => mail.result(id)));
    expect(bounded.most).toBe(2);
    expect(await runJob(mail, 'plain')).toMatchObject({ state: 'completed' });
  });

  it('cannot want different workers [nest:M5]', async () => {
    @Processor('mail', { concurrency: 5 })
    class Other {
      @OnJob() other(_job: ActiveJob): void {}
    }
    const error = await bootError({
      imports: [JobsModule.forRoot(plainOptions({ queues: ['mail'] }))],
      providers: [MailProcessor, Second, Other],
    });
    expect(error.message).toBe(
      'Queue "mail" has one worker in this process, and its processors want different things of it: concurrency is ' +
        '20 (MailProcessor) and 5 (Other). State it in one place: one of them, or JobsModule.forRoot({ processors }). [INVALID_OPTION]',
    );
  });

  it('may work on several queues, and take every job that has no handler [nest:M5]', async () => {
    @Processor(['mail', 'sms'])
    class Both {
      @OnJob('*') any(job: ActiveJob): string {
        return `${job.queue} ${job.name}`;
      }
    }
    const { app } = await start({ queues: ['mail', 'sms'] }, [Both, MailProcessor]);
    const [mail, sms] = ['mail', 'sms'].map((name) => app.get<Queue>(getQueueToken(name)));
    expect(await runJob(mail!, 'anything')).toMatchObject({ result: 'mail anything' });
    expect(await runJob(mail!, 'plain')).toMatchObject({ result: 10 });
    expect(await runJob(sms!, 'plain')).toMatchObject({ result: 'sms plain' });
  });
});

describe('what a process works on', () => {
  @Processor('reports')
  class Reports {
    @OnJob() night(_job: ActiveJob): void {}
  }
  const queues = ['mail', 'reports'];
  async function wanted(work: JobsRootOptions['work']): Promise<string[]> {
    const { app } = await start(work === undefined ? { queues } : { queues, work }, [MailProcessor, Reports]);
    const { workers } = await app.get<JobsRunner>(getRunnerToken()).describe();
    return workers.filter(({ isWanted, state }) => isWanted && state === 'running').map(({ queue }) => queue);
  }
  afterEach(() => {
    delete process.env['JOBS_WORK'];
  });

  it('is everything, nothing, a list, or all but one [nest:H7]', async () => {
    expect(await wanted(undefined)).toEqual(queues);
    expect(await wanted(false)).toEqual([]);
    expect(await wanted(['reports'])).toEqual(['reports']);
    expect(await wanted(['!reports'])).toEqual(['mail']);
  });

  it('comes from JOBS_WORK where the option is left out [nest:H7] [seed:R8]', async () => {
    process.env['JOBS_WORK'] = 'mail';
    expect(await wanted(undefined)).toEqual(['mail']);
    expect(await wanted(['reports'])).toEqual(['reports']);
    process.env['JOBS_WORK'] = 'false';
    expect(await wanted(undefined)).toEqual([]);
  });

  it('is checked: a misspelt queue fails the boot, in the variable it is a warning [nest:H7]', async () => {
    const error = await bootError({
      imports: [JobsModule.forRoot(plainOptions({ queues, work: ['mial'] }))],
      providers: [MailProcessor],
    });
    expect(error.message).toContain('JobsModule.forRoot({ work }) names "mial"');
    expect(error.message).toContain('Did you mean "mail"?');
    process.env['JOBS_WORK'] = 'mial,mail';
    const { logger } = await start({ queues });
    expect(logger.of('warn')).toEqual([expect.stringContaining('JOBS_WORK names "mial"')]);
  });
});
