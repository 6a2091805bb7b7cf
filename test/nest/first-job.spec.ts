import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ActiveJob, InjectQueue, JobsModule, OnJob, Processor, Queue, type JobsOf } from '../../libs/nest/src/index.js';
import { closeApplications, rootOptions, startApplication } from './support/application.ts';

afterEach(closeApplications);

describe('an application with one processor', () => {
  it('runs a job that a service added, and gives its result back', async () => {
    @Processor('mail')
    class MailProcessor {
      @OnJob() async welcome(job: ActiveJob<{ userId: string }>): Promise<string> {
        await job.progress(10);
        return `hello ${job.data.userId}`;
      }
    }
    @Injectable()
    class Signup {
      constructor(@InjectQueue('mail') readonly mail: Queue<JobsOf<MailProcessor>>) {}
    }
    const { app, logger } = await startApplication({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
      providers: [MailProcessor, Signup],
    });
    const { mail } = app.get(Signup);
    const job = await mail.add('welcome', { userId: '42' });
    expect(await mail.result(job.id)).toBe('hello 42');
    expect(logger.lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  });
});
