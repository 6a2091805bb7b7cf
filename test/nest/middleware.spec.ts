import { Injectable, Module, Scope } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  getQueueToken,
  JobsModule,
  OnJob,
  Processor,
  Queue,
  type AddDraft,
  type AddMiddleware,
  type JobAddMiddleware,
  type JobRunMiddleware,
} from '../../libs/nest/src/index.js';
import { bootError, closeApplications, rootOptions, startApplication } from './support/application.ts';
import { runJob } from './support/finish.ts';
import { waitFor } from '../support/wait-for.ts';

const trail: string[] = [];

@Injectable()
class Tenants {
  readonly current = 'seven';
}

@Injectable()
class TenantMiddleware implements JobRunMiddleware, JobAddMiddleware {
  constructor(private readonly tenants: Tenants) {}

  async run(job: ActiveJob, next: () => Promise<unknown>): Promise<unknown> {
    trail.push(`in ${job.meta['tenant'] ?? ''}`);
    const result = await next();
    trail.push('out');
    return result;
  }

  add(draft: AddDraft, next: Parameters<AddMiddleware>[1]): ReturnType<AddMiddleware> {
    return next({ options: { ...draft.options, meta: { tenant: this.tenants.current } } });
  }
}

@Injectable({ scope: Scope.REQUEST })
class ScopedMiddleware implements JobRunMiddleware {
  run(_job: ActiveJob, next: () => Promise<unknown>): unknown {
    return next();
  }
}

@Module({ providers: [Tenants, TenantMiddleware], exports: [TenantMiddleware] })
class TenantModule {}

@Processor('mail')
class MailProcessor {
  @OnJob() welcome(job: ActiveJob<number>): number {
    trail.push('handler');
    return job.data;
  }
  @OnJob({ maxAttempts: 1 }) bad(_job: ActiveJob): void {
    throw new Error('no route');
  }
}

describe('middleware of an application', () => {
  afterEach(async () => {
    trail.length = 0;
    await closeApplications();
  });

  it('is made of providers, by their classes, around run and around add [seed:R9] [seed:A22]', async () => {
    const { app } = await startApplication({
      imports: [
        TenantModule,
        JobsModule.forRoot({
          ...rootOptions(),
          queues: ['mail'],
          middleware: {
            run: [TenantMiddleware, (job, next) => next().then((result) => `${job.name} ${String(result)}`)],
            add: [TenantMiddleware],
          },
        }),
      ],
      providers: [MailProcessor],
    });
    const mail = app.get<Queue>(getQueueToken('mail'));
    const job = await mail.add('welcome', 42);
    expect(job.meta).toEqual({ tenant: 'seven' });
    expect(await mail.result(job.id)).toBe('welcome 42');
    expect(trail).toEqual(['in seven', 'handler', 'out']);
  });

  it('may come from a factory, as instances [seed:R9]', async () => {
    const { app } = await startApplication({
      imports: [
        JobsModule.forRootAsync({
          imports: [TenantModule],
          inject: [TenantMiddleware],
          queues: ['mail'],
          useFactory: (tenants: TenantMiddleware) => ({
            ...rootOptions(),
            middleware: { run: [tenants], add: [tenants] },
          }),
        }),
      ],
      providers: [MailProcessor],
    });
    const mail = app.get<Queue>(getQueueToken('mail'));
    expect(await mail.result((await mail.add('welcome', 1)).id)).toBe(1);
    expect(trail).toEqual(['in seven', 'handler', 'out']);
  });

  it('refuses to start with a class that is no provider, or one of each request', async () => {
    for (const [type, providers] of [
      [TenantMiddleware, []],
      [ScopedMiddleware, [ScopedMiddleware]],
    ] as const) {
      const error = await bootError({
        imports: [JobsModule.forRoot({ ...rootOptions(), queues: ['mail'], middleware: { run: [type] } })],
        providers: [MailProcessor, ...providers],
      });
      expect(error.message).toContain(`middleware }) has ${type.name}, which is no provider`);
    }
    const error = await bootError({
      imports: [JobsModule.forRoot({ ...rootOptions(), middleware: { run: [5] } as never })],
    });
    expect(error.message).toContain('middleware.run');
  });

  it('says of options that are elsewhere where they are [seed:A8]', async () => {
    const worker = { context: () => 1 } as never;
    const error = await bootError({ imports: [JobsModule.forRoot({ ...rootOptions(), worker })] });
    expect(error.message).toContain('Inject what handlers share');
  });

  it('writes events of jobs in place of its own lines where logEvents are on [seed:O17]', async () => {
    const { app, logger } = await startApplication({
      imports: [
        JobsModule.forRoot({ ...rootOptions(), queues: ['mail'], worker: { logEvents: { 'job.success': 'info' } } }),
      ],
      providers: [MailProcessor],
    });
    const mail = app.get<Queue>(getQueueToken('mail'));
    await runJob(mail, 'welcome', 1);
    await runJob(mail, 'bad', 1).catch(() => undefined);
    const find = (text: string): string[] => logger.lines.map(({ text }) => text).filter((line) => line.includes(text));
    await waitFor('the lines', () => find('event=job.permanent-failure').length > 0);
    expect(find('event=job.success')).toHaveLength(1);
    expect(find('no route').every((line) => line.includes('event='))).toBe(true);
  });
});
