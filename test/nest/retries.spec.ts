import { BadRequestException, RequestTimeoutException } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ActiveJob, getQueueToken, JobsModule, OnJob, Processor, Queue } from '../../libs/nest/src/index.js';
import { waitFor } from '../support/wait-for.ts';
import { closeApplications, rootOptions, startApplication } from './support/application.ts';
import { finished, runJob } from './support/finish.ts';

let runs = 0;
const backoff = { type: 'fixed', delayMs: 1 } as const;

@Processor('mail')
class MailProcessor {
  @OnJob({ failOn: [BadRequestException], backoff }) hopeless(_job: ActiveJob): void {
    runs++;
    throw new BadRequestException();
  }
  @OnJob({ retryOn: [RequestTimeoutException], maxAttempts: 3, backoff }) choosy(_job: ActiveJob): void {
    throw ++runs === 1 ? new RequestTimeoutException() : new TypeError('a fault');
  }
  @OnJob({
    onError: [
      { on: RequestTimeoutException, mode: 'uncounted', backoff, max: 3 },
      { on: BadRequestException, mode: 'cancel' },
    ],
  })
  byKind({ data }: ActiveJob<{ times: number }>): void {
    throw runs++ < data.times ? new RequestTimeoutException() : new BadRequestException();
  }
  @OnJob({ isFailure: (error) => !error.message.startsWith('busy'), maxUncounted: 4, maxAttempts: 1, backoff })
  busy(job: ActiveJob<{ times: number }>): string {
    if (runs++ < job.data.times) throw new Error('busy, come back');
    return `free after ${job.failures} failures`;
  }
}

describe('what is worth another attempt', () => {
  let mail: Queue;

  beforeEach(async () => {
    runs = 0;
    const { app } = await startApplication({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
      providers: [MailProcessor],
    });
    mail = app.get<Queue>(getQueueToken('mail'));
  });
  afterEach(closeApplications);

  it('is said by failOn and retryOn of the handler [nest:M7]', async () => {
    expect(await runJob(mail, 'hopeless')).toMatchObject({ state: 'failed', failures: 1 });
    expect(runs).toBe(1);
    runs = 0;
    expect(await runJob(mail, 'choosy')).toMatchObject({ state: 'failed', failures: 2, error: { message: 'a fault' } });
  });

  it('is said by the class of the error [seed:O11]', async () => {
    expect(await runJob(mail, 'byKind', { times: 2 })).toMatchObject({ state: 'cancelled', failures: 0 });
    runs = 0;
    expect(await runJob(mail, 'byKind', { times: 9 })).toMatchObject({ state: 'failed', failures: 1 });
    expect(runs).toBe(4);
    expect((await mail.failures()).groups.map(({ group }) => group)).toEqual(['byKind:RequestTimeoutException']);
  });

  it('and does not count, by isFailure; as often in a row as maxUncounted says [nest:M7]', async () => {
    expect(await runJob(mail, 'busy', { times: 3 })).toMatchObject({ result: 'free after 0 failures' });
    runs = 0;
    expect(await runJob(mail, 'busy', { times: 99 })).toMatchObject({
      state: 'failed',
      error: { code: 'UNCOUNTED_LIMIT' },
    });
    expect(runs).toBe(5);
  });
});

describe('a job with an id of its own', () => {
  afterEach(closeApplications);

  it('is added once, also when it ended and nothing of it is kept; add() says which [nest:M6]', async () => {
    @Processor('hooks')
    class Webhooks {
      @OnJob() take(_job: ActiveJob): void {}
    }
    const { app } = await startApplication({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['hooks'] }))],
      providers: [Webhooks],
    });
    const hooks = app.get<Queue>(getQueueToken('hooks'));
    const once = { id: 'webhook-1', keep: { completed: { ageMs: 0 } } };
    const added = await hooks.add('take', { n: 1 }, once);
    expect(added.outcome).toBe('added');
    await waitFor('the end', async () => (await hooks.get('webhook-1')) === undefined);
    expect(await hooks.add('take', { n: 2 }, once)).toMatchObject({ id: 'webhook-1', outcome: 'kept' });
    await hooks.add('later', {}, { id: 'webhook-2', delayMs: 60_000 });
    const replaced = await hooks.add('later', {}, { id: 'webhook-2', delayMs: 60_000, onConflict: 'replace' });
    expect(replaced.outcome).toBe('replaced');
  });
});

describe('what goes through JSON', () => {
  afterEach(closeApplications);

  it('arrives as JSON has it, and what JSON cannot keep is refused with its path [nest:M11]', async () => {
    @Processor('dates')
    class Dates {
      @OnJob() type(job: ActiveJob<{ at: Date }>): unknown {
        return { is: typeof job.data.at, back: new Date(job.data.at) };
      }
    }
    const { app } = await startApplication({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['dates'] }))],
      providers: [Dates],
    });
    const dates = app.get<Queue>(getQueueToken('dates'));
    const at = new Date('2026-01-02T03:04:05.006Z');
    const { id } = await dates.add('type', { at });
    expect((await finished(dates, id)).result).toEqual({ is: 'string', back: at.toISOString() });
    await expect(dates.add('type', { user: { birthday: 7n } })).rejects.toMatchObject({
      code: 'PAYLOAD',
      path: 'data.user.birthday',
    });
  });
});
