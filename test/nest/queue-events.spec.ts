import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  getQueueToken,
  JobsModule,
  JobsService,
  OnJob,
  OnJobSuccess,
  OnQueueEvent,
  Processor,
  Queue,
  QueueListener,
  type QueueEvent,
} from '../../libs/nest/src/index.js';
import { waitFor } from '../support/wait-for.ts';
import { closeApplications, rootOptions, startApplication, type TestApplication } from './support/application.ts';
import { runJob } from './support/finish.ts';

@Processor('mail')
class MailProcessor {
  @OnJob() welcome(_job: ActiveJob): void {}
  @OnJobSuccess() done(): void {
    heard.push('hook');
  }
}

@QueueListener('mail')
class MailListener {
  @OnQueueEvent('completed') completed(event: QueueEvent): void {
    heard.push(`listener ${event.type} ${event.name}`);
  }
  @OnQueueEvent('waiting') broken(): void {
    throw new Error('listener fault');
  }
}

const heard: string[] = [];

describe('events of a queue', () => {
  beforeEach(() => {
    heard.length = 0;
  });
  afterEach(closeApplications);

  /** Two processes share a queue: one works, both listen. */
  async function twoProcesses(): Promise<[TestApplication, TestApplication]> {
    const options = rootOptions({ queues: ['mail'] });
    const worker = await startApplication({
      imports: [JobsModule.forRoot(options)],
      providers: [MailProcessor, MailListener],
    });
    const other = await startApplication({
      imports: [JobsModule.forRoot({ ...options, work: false })],
      providers: [MailListener],
    });
    return [worker, other];
  }

  it('reach the listeners of every process, hooks only those of the one that ran the job [nest:M2]', async () => {
    const [{ app }] = await twoProcesses();
    const mail = app.get<Queue>(getQueueToken('mail'));
    await waitFor('both to have heard of one job', async () => {
      await runJob(mail, 'welcome');
      return heard.filter((line) => line === 'listener completed welcome').length >= 2;
    });
    const jobs = (await mail.counts()).completed;
    await waitFor('all hooks', () => heard.filter((line) => line === 'hook').length === jobs);
  });

  it('go on when a listener throws, and say who threw [nest:M2]', async () => {
    // Nest's logger is one for the whole process: that of the application that was made last.
    const [{ app }, { logger }] = await twoProcesses();
    const mail = app.get<Queue>(getQueueToken('mail'));
    await waitFor('the event behind the fault', async () => {
      await runJob(mail, 'welcome');
      return heard.includes('listener completed welcome') && logger.of('error').length > 0;
    });
    expect(logger.of('error')[0]).toMatch(/^MailListener\.broken threw for event waiting \S+\./);
  });

  it('come as an Observable too, until nobody listens', async () => {
    const [{ app }] = await twoProcesses();
    const mail = app.get<Queue>(getQueueToken('mail'));
    const types: string[] = [];
    const subscription = app
      .get(JobsService)
      .events('mail')
      .subscribe(({ type }) => types.push(type));
    await waitFor('a completed job', async () => {
      await runJob(mail, 'welcome');
      return types.includes('completed');
    });
    subscription.unsubscribe();
  });
});
