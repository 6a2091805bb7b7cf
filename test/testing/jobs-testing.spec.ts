import 'reflect-metadata';
import { Injectable, Module, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  ActiveJob,
  InjectQueue,
  JobContext,
  JobData,
  JobRef,
  JobsModule,
  OnJob,
  OnJobBatch,
  Processor,
  Queue,
  Recurring,
  type JobsOf,
} from '@millrace/nestjs';
import {
  createTestJob,
  jobsMatchers,
  JobsTesting,
  JobsTestingModule,
  TestJobs,
  type JobsMatchers,
} from '../../libs/testing/src/index.js';
import { redisUrl } from '../support/redis.ts';

declare module 'expect' {
  interface Matchers<R> extends JobsMatchers<R> {}
}

expect.extend(jobsMatchers);

interface Note {
  readonly user: string;
}

let trail: unknown[] = [];

@Injectable()
class Mailer {
  send(to: string): string {
    return `sent to ${to}`;
  }
}

@Injectable()
class TenantGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return JobContext.of<Note>(context).data.user !== 'stranger';
  }
}

@Processor('mail')
class MailProcessor {
  constructor(private readonly mailer: Mailer) {}

  @OnJob()
  @UseGuards(TenantGuard)
  async welcome(@JobData() data: Note, @JobRef() job: ActiveJob<Note>): Promise<string> {
    trail.push(data.user);
    await job.progress(50);
    return this.mailer.send(data.user);
  }

  @OnJob({ maxAttempts: 2, backoff: { type: 'fixed', delayMs: 3_600_000 } }) failing(_job: ActiveJob): void {
    trail.push('failing');
    throw new Error('no');
  }

  @OnJobBatch({ graceMs: 60_000 }) notes(jobs: ActiveJob<Note>[]): void {
    trail.push(jobs.map(({ data }) => data.user));
  }

  @OnJob() @Recurring({ cron: '0 3 * * *' }) nightly(job: ActiveJob): void {
    trail.push(['nightly', job.scheduledFor?.toISOString()]);
  }
}

@Processor('reports')
class ReportProcessor {
  constructor(@InjectQueue('mail') private readonly mail: Queue<JobsOf<MailProcessor>>) {}

  @OnJob() async monthly(job: ActiveJob<Note>): Promise<void> {
    await this.mail.add('welcome', { user: job.data.user });
  }
}

@Injectable()
class SignupService {
  constructor(@InjectQueue('mail') private readonly mail: Queue<JobsOf<MailProcessor>>) {}

  async signUp(user: string, delayMs = 0): Promise<string> {
    return (await this.mail.add('welcome', { user }, delayMs === 0 ? {} : { delayMs })).id;
  }
}

const PROVIDERS = [Mailer, TenantGuard, MailProcessor, ReportProcessor, SignupService];

/** What an application has: it knows nothing of tests. */
@Module({
  imports: [JobsModule.forRoot({ connection: 'redis://no-such-host.invalid:1', queues: ['mail', 'reports'] })],
  providers: PROVIDERS,
})
class AppModule {}

describe('the test kit', () => {
  let module: TestingModule;
  let jobs: TestJobs;
  let signups: SignupService;

  afterEach(async () => {
    await module?.close();
  });

  async function start(): Promise<void> {
    trail = [];
    const builder = Test.createTestingModule({ imports: [AppModule] });
    module = await JobsTesting.override(builder, { connection: redisUrl() }).compile();
    await module.init();
    jobs = JobsTesting.of(module);
    signups = module.get(SignupService);
  }

  it('overrides the root of an application: nothing runs by itself, drain does [nest:M9]', async () => {
    await start();
    const id = await signups.signUp('ada');
    await jobs.clock.advance('1h');
    expect(trail).toEqual([]);
    await jobs.drain('mail');
    expect(trail).toEqual(['ada']);
    expect(await jobs.queue('mail').get(id)).toMatchObject({ state: 'completed', result: 'sent to ada' });
  });

  it('lets time pass in no time: delays, retries, batches and schedules, each at its time [nest:M9]', async () => {
    await start();
    await signups.signUp('ada', 24 * 3_600_000);
    await jobs.clock.advance('23h');
    await jobs.drain('mail');
    expect(trail.filter((entry) => entry === 'ada')).toEqual([]);
    await jobs.clock.advance('1h');
    await jobs.drain('mail');
    expect(trail).toContain('ada');
    await jobs.queue('mail').add('failing', {});
    await jobs.drain();
    await jobs.drain();
    expect(trail.filter((entry) => entry === 'failing')).toHaveLength(1);
    await jobs.clock.advance('1h');
    await jobs.drain();
    expect(trail.filter((entry) => entry === 'failing')).toHaveLength(2);
    for (const user of ['eve', 'bob']) await jobs.queue('mail').add('notes', { user });
    await jobs.drain('mail');
    expect(await jobs.queue('mail').counts()).toMatchObject({ aggregating: 2 });
    await jobs.clock.advance('1m');
    await jobs.drain('mail');
    expect(trail).toContainEqual(['eve', 'bob']);
  });

  it('declares the schedules of the application, each fires at its time [nest:M9] [nest:M8]', async () => {
    await start();
    await jobs.clock.advance('2h');
    await jobs.drain();
    expect(trail).toEqual([]);
    await jobs.clock.advance('1h');
    await jobs.drain();
    expect(trail).toEqual([['nightly', '2026-01-01T03:00:00.000Z']]);
    await jobs.clock.advance('3d');
    await jobs.drain('mail');
    // The times that no worker met are one job: `missed: 'last'`.
    expect(trail.slice(1)).toEqual([['nightly', '2026-01-04T03:00:00.000Z']]);
  });

  it('drains what jobs add to other queues', async () => {
    await start();
    await jobs.queue('reports').add('monthly', { user: 'eve' });
    await jobs.drain('reports');
    expect(trail).toEqual([]);
    expect(jobs).toHaveEnqueued('mail', 'welcome', { user: 'eve' });
    await jobs.drain();
    expect(trail).toEqual(['eve']);
  });

  it('ends a drain where jobs wait for what does not come by itself', async () => {
    await start();
    await signups.signUp('ada');
    await jobs.queue('mail').add('unheard', {});
    await jobs.queue('mail').pause();
    await jobs.drain('mail');
    expect(trail).toEqual([]);
    await jobs.queue('mail').resume();
    await jobs.drain('mail');
    expect(trail).toEqual(['ada']);
    expect(await jobs.queue('mail').counts()).toMatchObject({ waiting: 1, unclaimed: 1 });
  });

  it('runs a handler within its guards and pipes, without a queue [seed:R10]', async () => {
    await start();
    expect(await jobs.run('mail', 'welcome', { user: 'ada' })).toBe('sent to ada');
    await expect(jobs.run('mail', 'welcome', { user: 'stranger' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(jobs.run('mail', 'failing', {})).rejects.toThrow('no');
    await jobs.runBatch('mail', 'notes', [{ user: 'eve' }, { user: 'bob' }]);
    expect(trail).toEqual(['ada', 'failing', ['eve', 'bob']]);
    await expect(jobs.run('mail', 'unheard', {})).rejects.toThrow(
      'No processor of this application handles job "unheard"',
    );
    await expect(jobs.run('none', 'welcome', {})).rejects.toThrow('works on queue "none"');
    expect(await jobs.queue('mail').counts()).toMatchObject({ waiting: 0, completed: 0 });
  });

  it('knows what was enqueued, at once and by what is named of the data', async () => {
    await start();
    const id = await signups.signUp('ada');
    expect(jobs).toHaveEnqueued('mail', 'welcome');
    expect(jobs).toHaveEnqueued('mail', 'welcome', { user: expect.stringMatching(/^a/) });
    expect(jobs).not.toHaveEnqueued('mail', 'welcome', { user: 'eve' });
    expect(jobs).not.toHaveEnqueued('reports', 'welcome');
    expect(jobs.enqueued('mail')).toEqual([{ id, queue: 'mail', name: 'welcome', data: { user: 'ada' }, options: {} }]);
    const failing = (): unknown => expect(jobs).toHaveEnqueued('mail', 'welcome', { user: 'eve' });
    expect(failing).toThrow("mail/welcome with { user: 'eve' }");
    expect(failing).toThrow("mail/welcome { user: 'ada' }");
    expect(() => expect(5).toHaveEnqueued('mail', 'welcome')).toThrow('JobsTesting.of(module)');
  });

  it('leaves no key behind, by whichever way the application is closed', async () => {
    const redis = new Redis(redisUrl());
    await start();
    await signups.signUp('ada');
    expect(await redis.keys('test-*')).not.toEqual([]);
    await module.close();
    expect(await redis.keys('test-*')).toEqual([]);
    await redis.quit();
  });

  it('stands in for the root module of a test that puts its own modules together', async () => {
    trail = [];
    module = await Test.createTestingModule({
      imports: [
        JobsTestingModule.forRoot({
          connection: redisUrl(),
          queues: ['mail', 'reports'],
          startAt: new Date('2030-01-01'),
        }),
      ],
      providers: PROVIDERS,
    }).compile();
    await module.init();
    jobs = JobsTesting.of(module);
    await module.get(SignupService).signUp('ada');
    await jobs.drain();
    expect(trail).toEqual(['ada']);
    expect(jobs.clock.now()).toBe(Date.UTC(2030, 0, 1));
  });

  it('says what to do where the application runs its jobs by itself', async () => {
    module = await Test.createTestingModule({
      imports: [JobsModule.forRoot({ connection: redisUrl(), queues: ['mail'], work: false, signals: false })],
    }).compile();
    expect(() => JobsTesting.of(module)).toThrow('Make it with JobsTesting.override(');
  });
});

describe('a job for a plain unit test', () => {
  it('is taken by the handler as the method it is, and tells what that did [seed:R10]', async () => {
    const job = createTestJob({ user: 'ada', at: new Date(0) }, { attempt: 2, tags: ['x'] });
    expect(job.data).toEqual({ user: 'ada', at: '1970-01-01T00:00:00.000Z' });
    expect(job).toBeInstanceOf(ActiveJob);
    expect(await new MailProcessor(new Mailer()).welcome({ user: 'ada' }, job as never)).toBe('sent to ada');
    await job.log('a line');
    expect(await job.step('one', () => 1)).toBe(1);
    expect(await job.step('one', () => 2)).toBe(1);
    expect([job.progressed, job.lines, job.attempt, job.tags]).toEqual([[50], ['a line'], 2, ['x']]);
  });

  it('refuses data that JSON cannot keep', () => {
    expect(() => createTestJob({ n: 5n })).toThrow('JSON cannot keep this');
  });
});
