import type { Type } from '@nestjs/common';
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
    heard.push(`listener ${event.type} ${event.name}`, `seen ${event.id}`);
  }
  @OnQueueEvent('waiting') broken(): void {
    throw new Error('listener fault');
  }
}

@QueueListener('mail')
class OnceListener {
  @OnQueueEvent('completed', { once: true }) completed(event: QueueEvent): void {
    heard.push(`once ${event.id} ${String(event.at instanceof Date)}`);
  }
}

const heard: string[] = [];

describe('events of a queue', () => {
  beforeEach(() => {
    heard.length = 0;
  });
  afterEach(closeApplications);

  /** Two processes share a queue: one works, both listen. */
  async function twoProcesses(...more: Type[]): Promise<[TestApplication, TestApplication]> {
    const options = rootOptions({ queues: ['mail'] });
    const worker = await startApplication({
      imports: [JobsModule.forRoot(options)],
      providers: [MailProcessor, MailListener, ...more],
    });
    const other = await startApplication({
      imports: [JobsModule.forRoot({ ...options, work: false })],
      providers: [MailListener, ...more],
    });
    return [worker, other];
  }

  it('reach the listeners of every process, hooks only those of the one that ran the job [nest:M2] [seed:Q30]', async () => {
    const [{ app }] = await twoProcesses();
    const mail = app.get<Queue>(getQueueToken('mail'));
    await waitFor('both to have heard of one job', async () => {
      await runJob(mail, 'welcome');
      return heard.filter((line) => line === 'listener completed welcome').length >= 2;
    });
    const jobs = (await mail.counts()).completed;
    await waitFor('all hooks', () => heard.filter((line) => line === 'hook').length === jobs);
  });

  it('reach one process of all where a listener says once [nest:M2]', async () => {
    const [{ app }] = await twoProcesses(OnceListener);
    const mail = app.get<Queue>(getQueueToken('mail'));
    // One process hears of two jobs as well as two of one.
    await waitFor('both processes to listen', async () => {
      const { id } = await runJob(mail, 'welcome');
      return heard.filter((line) => line === `seen ${id}`).length === 2;
    });
    const ids = await Promise.all(Array.from({ length: 10 }, async () => (await runJob(mail, 'welcome')).id));
    const count = (line: string): number => heard.filter((other) => other === line).length;
    await waitFor('both processes to have read all', () => ids.every((id) => count(`seen ${id}`) === 2));
    await waitFor('one of them to be told', () => ids.every((id) => count(`once ${id} true`) > 0));
    expect(ids.map((id) => count(`once ${id} true`))).toEqual(ids.map(() => 1));
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

  it('come as an Observable too, until nobody listens [seed:Q30]', async () => {
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

  it('of all queues come as an Observable, resumed by their cursor [seed:Q30]', async () => {
    const [{ app }] = await twoProcesses();
    const mail = app.get<Queue>(getQueueToken('mail'));
    const jobs = app.get(JobsService);
    const seen: { queue: string; type: string; id: string; cursor: string }[] = [];
    const subscription = jobs.allEvents().subscribe((event) => seen.push(event));
    await waitFor('a completed job', async () => {
      await runJob(mail, 'welcome');
      return seen.some(({ queue, type }) => queue === 'mail' && type === 'completed');
    });
    subscription.unsubscribe();
    const { cursor } = seen.at(-1)!;
    const later = await runJob(mail, 'welcome');
    const resumed: string[] = [];
    const second = jobs.allEvents({ from: cursor, types: ['completed'] }).subscribe(({ id }) => resumed.push(id));
    await waitFor('the later one', () => resumed.includes(later.id));
    second.unsubscribe();
    expect(resumed.filter((id) => id === later.id)).toHaveLength(1);
  });
});
