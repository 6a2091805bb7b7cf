import { Inject, Module, ParseIntPipe, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  getQueueToken,
  JobData,
  JobRef,
  JobRun,
  JobsModule,
  OnJob,
  OnJobCancel,
  OnJobFailure,
  OnJobPermanentFailure,
  OnJobStart,
  OnJobSuccess,
  OnJobTimeout,
  Processor,
  Queue,
  UnrecoverableError,
  type FailureInfo,
  type JobsHooks,
  type PermanentFailureInfo,
  type TimeoutInfo,
} from '../../libs/nest/src/index.js';
import { waitFor } from '../support/wait-for.ts';
import { closeApplications, rootOptions, startApplication, type TestApplication } from './support/application.ts';
import { finished, runJob } from './support/finish.ts';

const trail: string[] = [];

@Processor('mail')
class MailProcessor {
  @OnJob() good(job: ActiveJob<{ n: number }>): number {
    trail.push(`handler ${job.data.n}`);
    return job.data.n;
  }
  @OnJob({ maxAttempts: 2, backoff: { type: 'fixed', delayMs: 1 } }) bad(_job: ActiveJob): void {
    throw new Error('no');
  }
  @OnJob() hopeless(_job: ActiveJob): void {
    throw new UnrecoverableError('never');
  }
  @OnJob({ timeoutMs: 20, maxAttempts: 1 }) slow(job: ActiveJob): Promise<void> {
    return new Promise((resolve) => job.signal.addEventListener('abort', () => resolve()));
  }
  @OnJob() waits(job: ActiveJob): Promise<void> {
    trail.push('waiting');
    return new Promise((resolve) => job.signal.addEventListener('abort', () => resolve()));
  }

  @OnJobStart() started(run: JobRun): void {
    trail.push(`started ${run.name}`);
  }
  @OnJobSuccess('good') done(run: JobRun<{ n: number }>, result: unknown): void {
    trail.push(`done ${run.data.n} ${String(result)}`);
  }
  @OnJobFailure() failed(_run: JobRun, error: Error, info: FailureInfo): void {
    trail.push(`failed ${error.message} ${String(info.willRetry)} ${info.nextRunAt instanceof Date}`);
  }
  @OnJobTimeout() late(_run: JobRun, info: TimeoutInfo): void {
    trail.push(`late ${info.kind} ${String(info.willRetry)}`);
  }
  @OnJobPermanentFailure() dead(_run: JobRun, error: Error, info: PermanentFailureInfo): void {
    trail.push(`dead ${error.name} ${info.state}`);
  }
  @OnJobCancel() cancelled(run: JobRun): void {
    trail.push(`cancelled ${run.name}`);
  }
}

@Processor('mail')
class OtherProcessor {
  @OnJob() other(_job: ActiveJob): void {}
  @OnJobStart() notMine(): void {
    trail.push('other started');
  }
}

const application: JobsHooks = {
  onStart: (run) => trail.push(`app ${run.name}`),
  onPermanentFailure: () => trail.push('app dead'),
};

async function start(providers: object[], hooks: JobsHooks = {}): Promise<TestApplication & { mail: Queue }> {
  @Module({
    imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'], hooks }))],
    providers: providers as [],
  })
  class AppModule {}
  const started = await startApplication({ imports: [AppModule] });
  return { ...started, mail: started.app.get<Queue>(getQueueToken('mail')) };
}

beforeEach(() => {
  trail.length = 0;
});
afterEach(closeApplications);

describe('hooks', () => {
  it('fire application first, then class, and only for the jobs of the class [nest:M1]', async () => {
    const { mail } = await start([MailProcessor, OtherProcessor], application);
    await runJob(mail, 'good', { n: 1 });
    await waitFor('the last hook', () => trail.includes('done 1 1'));
    expect(trail).toEqual(['app good', 'started good', 'handler 1', 'done 1 1']);
    await runJob(mail, 'other');
    expect(trail.slice(4)).toEqual(['app other', 'other started']);
  });

  it('tell each failure, and once that it was the last [nest:M1]', async () => {
    const { mail } = await start([MailProcessor], application);
    const { id } = await mail.add('bad', {});
    await finished(mail, id);
    await waitFor('the last hook', () => trail.includes('dead Error failed'));
    expect(trail).toEqual([
      'app bad',
      'started bad',
      'failed no true true',
      'app bad',
      'started bad',
      'failed no false false',
      'app dead',
      'dead Error failed',
    ]);
  });

  it('tell that no attempt will follow although some are left [nest:M1]', async () => {
    const { mail } = await start([MailProcessor]);
    await runJob(mail, 'hopeless');
    await waitFor('the last hook', () => trail.length === 3);
    expect(trail).toEqual(['started hopeless', 'failed never false false', 'dead UnrecoverableError failed']);
  });

  it('tell a deadline as a timeout and not as a failure [nest:M1]', async () => {
    const { mail } = await start([MailProcessor]);
    expect(await runJob(mail, 'slow')).toMatchObject({ state: 'timed_out' });
    await waitFor('the last hook', () => trail.length === 3);
    expect(trail).toEqual(['started slow', 'late deadline false', 'dead JobTimeoutError timed_out']);
  });

  it('tell that a running job was cancelled [nest:M1]', async () => {
    const { mail } = await start([MailProcessor]);
    const { id } = await mail.add('waits', {});
    await waitFor('the handler', () => trail.includes('waiting'));
    await mail.cancel(id);
    await waitFor('the hook', () => trail.includes('cancelled waits'));
    expect(trail).toEqual(['started waits', 'waiting', 'cancelled waits']);
  });

  it('tell a payload that can never be handled [nest:M1]', async () => {
    @Processor('mail')
    class Strict {
      @OnJob() strict(@JobData(ParseIntPipe) _n: number, @JobRef() _job: ActiveJob): void {}
      @OnJobFailure() failed(_run: JobRun): void {
        trail.push('failed');
      }
      @OnJobPermanentFailure() dead(_run: JobRun, error: Error, info: PermanentFailureInfo): void {
        trail.push(`dead ${error.name} ${info.state}`);
      }
    }
    const { mail } = await start([Strict]);
    expect(await runJob(mail, 'strict', 'seven')).toMatchObject({ state: 'broken' });
    await waitFor('the hook', () => trail.length > 0);
    expect(trail).toEqual(['dead BrokenPayloadError broken']);
  });

  it('that throw are logged, change nothing, and stop no other hook [nest:M1]', async () => {
    const hooks: JobsHooks = {
      onStart: () => {
        throw new Error('hook fault');
      },
    };
    const { mail, logger } = await start([MailProcessor], hooks);
    expect(await runJob(mail, 'good', { n: 1 })).toMatchObject({ state: 'completed' });
    await waitFor('the last hook', () => trail.includes('done 1 1'));
    expect(trail).toContain('started good');
    expect(logger.of('error')[0]).toMatch(
      /^Hook forRoot\(\{ hooks: \{ onStart \} \}\) threw for job mail\/\S+\. The outcome of the job is unchanged\./,
    );
  });

  it('run without enhancers on the instance of their run, where that is one of its own [nest:M1]', async () => {
    @Processor({ queue: 'mail', scope: Scope.REQUEST })
    class Scoped {
      static made = 0;
      readonly number = ++Scoped.made;
      constructor(@Inject(REQUEST) readonly job: ActiveJob<{ n: number }>) {}
      @OnJob() good(job: ActiveJob<{ n: number }>): void {
        trail.push(`${this.number} runs ${job.data.n} ${String(this.job === job)}`);
      }
      @OnJobStart() started(run: JobRun<{ n: number }>): void {
        trail.push(`${this.number} starts ${run.data.n}`);
      }
      @OnJobSuccess() done(run: JobRun<{ n: number }>): void {
        trail.push(`${this.number} ends ${run.data.n}`);
      }
    }
    const { mail } = await start([Scoped]);
    await runJob(mail, 'good', { n: 1 });
    await runJob(mail, 'good', { n: 2 });
    await waitFor('the last hook', () => trail.length === 6);
    const ofFirst = trail.filter((line) => line.endsWith('1') || line.includes(' 1 '));
    const [first] = trail[0]!.split(' ');
    expect(ofFirst).toEqual([`${first} starts 1`, `${first} runs 1 true`, `${first} ends 1`]);
    expect(Scoped.made).toBe(2);
  });
});
