import { Module } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ActiveJob, getQueueToken, JobsModule, OnJob, Processor, Queue, Recurring } from '../../libs/nest/src/index.js';
import { waitFor } from '../support/wait-for.ts';
import type { RecordingLogger } from './support/recording-logger.ts';
import { bootError, closeApplications, rootOptions, startApplication } from './support/application.ts';

const HOUR = 3_600_000;
const ran: { id: string; schedule: string | undefined; for: Date | undefined; data: unknown }[] = [];

@Processor('mail')
class MailProcessor {
  @OnJob({ maxAttempts: 2 })
  @Recurring({ everyMs: 100, data: { kind: 'full' } })
  digest(job: ActiveJob<{ kind: string }>): void {
    ran.push({ id: job.id, schedule: job.scheduleId, for: job.scheduledFor, data: job.data });
  }

  @OnJob()
  @Recurring({ id: 'weekly', cron: '0 0 * * 1', tz: 'Europe/Berlin', missed: 'all' })
  @Recurring({ id: 'monthly', cron: '0 0 1 * *', overlap: 'skip', options: { priority: 'high' } })
  report(_job: ActiveJob): void {}
}

afterEach(async () => {
  await closeApplications();
  ran.length = 0;
});

const modules = (options: ReturnType<typeof rootOptions>): object[] => [
  JobsModule.forRoot({ ...options, queues: ['mail'] }),
];

describe('@Recurring()', () => {
  it('runs its handler at each time, with the time in the job [nest:M8] [seed:I17]', async () => {
    const { app } = await startApplication({ imports: modules(rootOptions()) as never, providers: [MailProcessor] });
    await waitFor('three runs', () => ran.length >= 3);
    const [first, second] = ran;
    expect(first).toMatchObject({ schedule: 'mail/digest', data: { kind: 'full' } });
    expect(first?.id).toBe(`mail/digest@${first?.for?.getTime()}`);
    // A busy machine may miss a time; none comes twice, and none between.
    const apart = second!.for!.getTime() - first!.for!.getTime();
    expect([apart > 0, apart % 100]).toEqual([true, 0]);
    const queue = app.get<Queue>(getQueueToken('mail'));
    expect((await queue.schedules()).schedules).toMatchObject([
      { id: 'mail/digest', everyMs: 100, owner: '@Recurring', name: 'digest' },
      { id: 'monthly', cron: '0 0 1 * *', overlap: 'skip', name: 'report', options: { priority: 10 } },
      { id: 'weekly', cron: '0 0 * * 1', tz: 'Europe/Berlin', missed: 'all', name: 'report' },
    ]);
  });

  it('declares once, whichever processes start and stop, and a start moves no time that stays valid [nest:M8, core:B15]', async () => {
    const options = rootOptions();
    const start = async (): Promise<Queue> => {
      const { app } = await startApplication({ imports: modules(options) as never, providers: [MailProcessor] });
      return app.get<Queue>(getQueueToken('mail'));
    };
    const queue = await start();
    const [next] = await queue.nextRuns('weekly', 1);
    await Promise.all([start(), start()]);
    await waitFor('some runs', () => ran.length >= 5);
    expect(await queue.nextRuns('weekly', 1)).toEqual([next]);
    expect(new Set(ran.map(({ id }) => id)).size).toBe(ran.length);
    expect((await queue.schedules()).schedules).toHaveLength(3);
  });

  it('is declared by a process that runs the queue, and by no other [nest:M8]', async () => {
    const options = rootOptions({ work: false });
    const { app } = await startApplication({ imports: modules(options) as never, providers: [MailProcessor] });
    expect((await app.get<Queue>(getQueueToken('mail')).schedules()).schedules).toEqual([]);
  });

  it('of a handler that is gone is orphaned: a warning says so, once no process declares it [nest:M8]', async () => {
    @Processor('mail')
    class LaterProcessor {
      @OnJob() @Recurring({ everyMs: HOUR }) digest(_job: ActiveJob): void {}
      @OnJob() report(_job: ActiveJob): void {}
    }
    const options = rootOptions();
    const later = { imports: modules(options) as never, providers: [LaterProcessor] };
    await startApplication({ imports: modules(options) as never, providers: [MailProcessor] });
    // The old release still runs: what it declares is nobody's orphan.
    expect(warnings((await startApplication(later)).logger)).toEqual([]);
    await closeApplications();
    const { app, logger } = await startApplication(later);
    expect(warnings(logger)).toEqual([expect.stringContaining('"monthly"'), expect.stringContaining('"weekly"')]);
    const queue = app.get<Queue>(getQueueToken('mail'));
    expect((await queue.orphanedSchedules('@Recurring')).map(({ id }) => id)).toEqual(['monthly', 'weekly']);
    expect(await queue.unschedule('weekly')).toBe(true);
    await queue.schedule('by hand', { everyMs: HOUR }, { name: 'report' });
    await closeApplications();

    const removing = rootOptions({ ...options, schedules: { removeOrphans: true } });
    const third = await startApplication({ imports: modules(removing) as never, providers: [LaterProcessor] });
    const { schedules } = await third.app.get<Queue>(getQueueToken('mail')).schedules();
    expect(schedules.map(({ id }) => id)).toEqual(['by hand', 'mail/digest']);
  });

  it('keeps an application from starting where it is wrong, and says of which method [nest:M8]', async () => {
    @Processor('mail')
    class BadProcessor {
      @OnJob() @Recurring({ cron: '61 * * * *' }) one(_job: ActiveJob): void {}
      @OnJob() @Recurring({ everyMs: HOUR, tz: 'UTC' } as never) two(_job: ActiveJob): void {}
      @Recurring({ everyMs: HOUR }) three(): void {}
      @OnJob() @Recurring({ everyMs: HOUR }) @Recurring({ everyMs: 2 * HOUR }) four(_job: ActiveJob): void {}
      @OnJob('*') @Recurring({ everyMs: HOUR }) five(_job: ActiveJob): void {}
      @OnJob() @Recurring({ cron: '* * * * *', options: { id: 'x' } as never }) six(_job: ActiveJob): void {}
    }
    @Module({ providers: [BadProcessor] })
    class BadModule {}
    const error = await bootError({ imports: [...(modules(rootOptions()) as never[]), BadModule] });
    const said = error.message;
    for (const part of [
      'Invalid option "cron" in @Recurring() BadProcessor.one',
      'invalid value for minute: 61',
      'Invalid option "tz" in @Recurring() BadProcessor.two',
      'BadProcessor.three has @Recurring() and no @OnJob()',
      'Two schedules "mail/four" of queue "mail": @Recurring() of BadProcessor.four and of BadProcessor.four',
      'BadProcessor.five has @Recurring() and takes every job',
      'Invalid option "options.id" in @Recurring() BadProcessor.six',
    ]) {
      expect(said).toContain(part);
    }
  });

  it('checks what a root says of orphans', async () => {
    const error = await bootError({
      imports: modules(rootOptions({ schedules: { removeOrphan: true } as never })) as never,
    });
    expect(error.message).toMatch(/Unknown option "schedules.removeOrphan".*Did you mean "removeOrphans"/);
  });
});

function warnings(logger: RecordingLogger): string[] {
  return logger.of('warn').filter((text) => text.includes('is orphaned'));
}
