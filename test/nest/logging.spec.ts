import { Catch, UseFilters, type ExceptionFilter } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  CancelError,
  getQueueToken,
  JobsModule,
  OnJob,
  Processor,
  Queue,
  SnoozeError,
  UnrecoverableError,
} from '../../libs/nest/src/index.js';
import { waitFor } from '../support/wait-for.ts';
import { closeApplications, rootOptions, startApplication } from './support/application.ts';
import { runJob } from './support/finish.ts';
import type { RecordingLogger } from './support/recording-logger.ts';

let snoozes = 0;

@Catch()
class Rethrow implements ExceptionFilter {
  catch(error: unknown): never {
    throw error;
  }
}

@Catch(RangeError)
class ForAnother implements ExceptionFilter {
  catch(): string {
    return 'in range';
  }
}

@Processor('mail')
class MailProcessor {
  @OnJob({ maxAttempts: 2, backoff: { type: 'fixed', delayMs: 1 } }) bad(_job: ActiveJob): void {
    throw new Error('no route');
  }
  @OnJob() @UseFilters(Rethrow) hopeless(_job: ActiveJob): void {
    throw new UnrecoverableError('never');
  }
  @OnJob() @UseFilters(ForAnother) unmatched(_job: ActiveJob): void {
    throw new UnrecoverableError('never');
  }
  @OnJob() snoozes(_job: ActiveJob): void {
    if (snoozes++ === 0) throw new SnoozeError({ delayMs: 1 });
  }
  @OnJob() cancels(_job: ActiveJob): void {
    throw new CancelError('not wanted');
  }
}

describe('what a failure writes to the log', () => {
  let mail: Queue;
  let logger: RecordingLogger;

  beforeEach(async () => {
    snoozes = 0;
    const started = await startApplication({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
      providers: [MailProcessor],
    });
    logger = started.logger;
    mail = started.app.get<Queue>(getQueueToken('mail'));
    logger.lines.length = 0;
  });
  afterEach(closeApplications);

  it('is one warning without a stack while it is retried, and one error with it at the end [nest:M4]', async () => {
    const { id } = await runJob(mail, 'bad');
    await waitFor('both lines', () => logger.lines.length >= 2);
    const { lines } = logger;
    expect(lines.map(({ level, hasStack, context }) => [level, hasStack, context])).toEqual([
      ['warn', false, 'Millrace'],
      ['error', true, 'Millrace'],
    ]);
    expect(lines[0]!.text).toMatch(`Job mail/${id} (bad, attempt 1 of 2) failed: no route. It runs again at 20`);
    expect(lines[1]!.text).toMatch(
      `Job mail/${id} (bad, attempt 2 of 2) ended as failed and does not run again: no route`,
    );
  });

  it.each([
    ['rethrows', 'hopeless'],
    ['is for other errors', 'unmatched'],
  ])('is still one line when a filter %s [nest:M4]', async (_, job) => {
    await runJob(mail, job);
    await waitFor('the line', () => logger.lines.length > 0);
    expect(logger.lines.map(({ level, context }) => [level, context])).toEqual([['error', 'Millrace']]);
  });

  it('is nothing but a debug line for what a handler asked for: snooze and cancel [nest:M4]', async () => {
    await runJob(mail, 'snoozes');
    await runJob(mail, 'cancels');
    await waitFor('both lines', () => logger.lines.length >= 2);
    expect(logger.lines.map(({ level, text }) => [level, text.replace(/mail\/\S+/, 'mail/ID').split(' (')[0]])).toEqual(
      [
        ['debug', expect.stringContaining('Job mail/ID asked to run again in 1 ms.')],
        ['debug', expect.stringContaining('Job mail/ID')],
      ],
    );
  });
});
