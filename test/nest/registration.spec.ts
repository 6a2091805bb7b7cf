import { Inject, Injectable, Module } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  Connection,
  defineQueue,
  getConnectionToken,
  getOptionsToken,
  getQueueToken,
  InjectQueue,
  InjectRunner,
  job,
  JOBS_OPTIONS,
  JobsBootError,
  JobsModule,
  JobsRunner,
  JobsService,
  OnJob,
  Processor,
  Queue,
  type JobOf,
  type JobsModuleOptions,
  type JobsOptionsFactory,
  type QueueOf,
  type QueueSettings,
  type QueueSettingsFactory,
} from '../../libs/nest/src/index.js';
import { bootError, closeApplications, rootOptions, startApplication } from './support/application.ts';
import { runJob } from './support/finish.ts';

afterEach(closeApplications);

describe('a queue', () => {
  it('that several modules register is one object, with the settings that one of them states [nest:M10]', async () => {
    @Injectable()
    class A {
      constructor(@InjectQueue('mail') readonly mail: Queue) {}
    }
    @Injectable()
    class B {
      constructor(@InjectQueue('mail') readonly mail: Queue) {}
    }
    @Module({ imports: [JobsModule.registerQueue('mail')], providers: [A] })
    class FeatureA {}
    @Module({
      imports: [
        JobsModule.registerQueueAsync({ name: 'mail', useFactory: async () => ({ defaults: { priority: 3 } }) }),
        JobsModule.registerQueue({ name: 'mail' }),
      ],
      providers: [B],
    })
    class FeatureB {}
    const { app } = await startApplication({ imports: [JobsModule.forRoot(rootOptions()), FeatureA, FeatureB] });
    const { mail } = app.get(A);
    expect(app.get(B).mail).toBe(mail);
    expect(app.get(JobsService).queue('mail')).toBe(mail);
    expect(await mail.add('any', {})).toMatchObject({ priority: 3 });
  });

  it('whose settings differ fails the boot, naming both modules [nest:M10]', async () => {
    @Module({ imports: [JobsModule.registerQueue({ name: 'mail', defaults: { maxAttempts: 3 } })] })
    class FeatureA {}
    @Module({ imports: [JobsModule.registerQueue({ name: 'mail', defaults: { maxAttempts: 5 } })] })
    class FeatureB {}
    const error = await bootError({ imports: [JobsModule.forRoot(rootOptions()), FeatureA, FeatureB] });
    expect(error.message).toBe(
      'Queue "mail" is registered twice with different options: defaults is { maxAttempts: 3 } (JobsModule.registerQueue() ' +
        'in FeatureA) and { maxAttempts: 5 } (JobsModule.registerQueue() in FeatureB). State it in one place. [INVALID_OPTION]',
    );
  });

  it('of forRoot({ queues }) can be injected everywhere, one that only runs know by JobsService [nest:M10]', async () => {
    @Injectable()
    class Deep {
      constructor(@InjectQueue('mail') readonly mail: Queue) {}
    }
    @Module({ providers: [Deep] })
    class Feature {}
    const { app } = await startApplication({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'], defaults: { priority: 2 } })), Feature],
    });
    expect(app.get(Deep).mail.name).toBe('mail');
    const tenant = app.get(JobsService).queue('tenant-7');
    expect(app.get(JobsService).queue('tenant-7')).toBe(tenant);
    expect(await tenant.add('any', {})).toMatchObject({ priority: 2 });
  });

  it('can be replaced in a test, as can the options of its root [nest:M10]', async () => {
    const fake = { add: () => 'faked' };
    @Injectable()
    class Signup {
      constructor(@InjectQueue('mail') readonly mail: Queue) {}
    }
    const { app } = await startApplication(
      {
        imports: [JobsModule.forRoot({ connection: 'redis://127.0.0.1:1', connectTimeoutMs: 50, queues: ['mail'] })],
        providers: [Signup],
      },
      (builder) =>
        builder
          .overrideProvider(getQueueToken('mail'))
          .useValue(fake)
          .overrideProvider(JOBS_OPTIONS)
          .useValue(rootOptions({ queues: ['mail'] })),
    );
    expect(app.get(Signup).mail).toBe(fake);
  });

  it('can be a contract, in the module, the processor and the producer [nest:H5] [nest:H12]', async () => {
    const Mail = defineQueue('mail', { 'mail.digest': job<{ pages: number }>().returns<number>() });
    @Processor(Mail)
    class MailProcessor {
      @OnJob(Mail.jobs['mail.digest']) any(digest: JobOf<(typeof Mail.jobs)['mail.digest']>): number {
        return digest.data.pages * 2;
      }
    }
    @Injectable()
    class Producer {
      constructor(@InjectQueue(Mail) readonly mail: QueueOf<typeof Mail>) {}
    }
    const { app } = await startApplication({
      imports: [JobsModule.forRoot(rootOptions()), JobsModule.registerQueue(Mail)],
      providers: [MailProcessor, Producer],
    });
    const { mail } = app.get(Producer);
    const { id } = await mail.add('mail.digest', { pages: 4 });
    expect(await mail.result(id)).toBe(8);
  });
});

describe('roots', () => {
  it('have names, and a connection, queues, runner and workers each [nest:H8]', async () => {
    @Processor({ queue: 'mail', root: 'billing' })
    class Billing {
      @OnJob() send(_job: ActiveJob): string {
        return 'billing';
      }
    }
    @Processor('mail')
    class Default {
      @OnJob() send(_job: ActiveJob): string {
        return 'default';
      }
    }
    @Injectable()
    class Both {
      constructor(
        @InjectQueue('mail') readonly mail: Queue,
        @InjectQueue('mail', 'billing') readonly invoices: Queue,
        @InjectRunner() readonly runner: JobsRunner,
        @InjectRunner('billing') readonly other: JobsRunner,
        @Inject(getConnectionToken('billing')) readonly connection: Connection,
      ) {}
    }
    const ofBilling = rootOptions();
    const { app } = await startApplication({
      imports: [
        JobsModule.forRoot(rootOptions({ queues: ['mail'] })),
        JobsModule.forRootAsync({
          name: 'billing',
          useFactory: () => ofBilling,
        }),
        JobsModule.registerQueue({ root: 'billing', name: 'mail' }),
      ],
      providers: [Billing, Default, Both],
    });
    const { mail, invoices, runner, other, connection } = app.get(Both);
    expect(await runJob(mail, 'send')).toMatchObject({ result: 'default' });
    expect(await runJob(invoices, 'send')).toMatchObject({ result: 'billing' });
    expect(connection.prefix).toBe(ofBilling.prefix);
    expect((await runner.describe()).root).toBe('default');
    expect((await other.describe()).workers.map(({ handlers }) => handlers.map(({ method }) => method))).toEqual([
      ['Billing.send'],
    ]);
    expect(app.get(JobsRunner)).toBe(runner);
  });
});

describe('options from dependency injection', () => {
  const WORK = 'WORK';
  @Module({ providers: [{ provide: WORK, useValue: false }], exports: [WORK] })
  class ConfigModule {}
  @Processor('mail')
  class MailProcessor {
    @OnJob() welcome(_job: ActiveJob): void {}
  }

  it('come from a factory, a class or an existing provider, all of them [nest:H7]', async () => {
    const options = rootOptions({ queues: ['mail'] });
    @Injectable()
    class Factory implements JobsOptionsFactory {
      constructor(@Inject(WORK) readonly work: boolean) {}
      createJobsOptions(): JobsModuleOptions {
        return { ...options, work: this.work };
      }
    }
    @Module({ imports: [ConfigModule], providers: [Factory], exports: [Factory] })
    class FactoryModule {}
    const sources = [
      { imports: [ConfigModule], inject: [WORK], useFactory: (work: boolean) => ({ ...options, work }) },
      { imports: [ConfigModule], useClass: Factory },
      { imports: [FactoryModule], useExisting: Factory },
    ];
    for (const source of sources) {
      const { app } = await startApplication({
        imports: [JobsModule.forRootAsync(source)],
        providers: [MailProcessor],
      });
      const { workers } = await app.get(JobsRunner).describe();
      expect(workers).toMatchObject([{ queue: 'mail', isWanted: false, state: 'new' }]);
    }
  });

  it('may start the workers later: autoStart comes from the factory as well [nest:H7]', async () => {
    const { app } = await startApplication({
      imports: [JobsModule.forRootAsync({ queues: ['mail'], useFactory: () => rootOptions({ autoStart: false }) })],
      providers: [MailProcessor],
    });
    const runner = app.get(JobsRunner);
    const state = async (): Promise<unknown> => (await runner.describe()).workers[0]?.state;
    expect(await state()).toBe('new');
    await runner.start();
    expect(await state()).toBe('running');
    expect(await runJob(app.get<Queue>(getQueueToken('mail')), 'welcome')).toMatchObject({ state: 'completed' });
  });

  it('of a queue come from a class as well [nest:H7]', async () => {
    class Settings implements QueueSettingsFactory {
      createQueueSettings(name: string): QueueSettings {
        return { defaults: { priority: name.length } };
      }
    }
    const { app } = await startApplication({
      imports: [JobsModule.forRoot(rootOptions()), JobsModule.registerQueueAsync({ name: 'mail', useClass: Settings })],
    });
    expect(await app.get<Queue>(getQueueToken('mail')).add('any', {})).toMatchObject({ priority: 4 });
  });

  it('cannot stand beside the factory, where they would have no effect [nest:H7]', async () => {
    const misplaced = { useFactory: () => rootOptions(), work: false, autoStart: false };
    const queue = { name: 'mail', useFactory: () => ({}), defaults: { maxAttempts: 3 } };
    const { problems } = (await bootError({
      imports: [JobsModule.forRootAsync(misplaced), JobsModule.registerQueueAsync(queue)],
    })) as JobsBootError;
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      [
        'UNKNOWN_OPTION',
        'Unknown option "work" in JobsModule.forRootAsync(). Beside a factory only name, queues, imports have an effect; return "work" from the factory.',
      ],
      [
        'UNKNOWN_OPTION',
        'Unknown option "autoStart" in JobsModule.forRootAsync(). Beside a factory only name, queues, imports have an effect; return "autoStart" from the factory.',
      ],
      [
        'UNKNOWN_OPTION',
        `Unknown option "defaults" in JobsModule.registerQueueAsync('mail'). Beside a factory only name, root, imports have an effect; return "defaults" from the factory.`,
      ],
    ]);
  });

  it('are checked as if they stood in the code [nest:H7]', async () => {
    const error = await bootError({
      imports: [
        JobsModule.forRootAsync({ useFactory: () => ({ ...rootOptions(), concurrency: 5 }) as JobsModuleOptions }),
      ],
    });
    expect(error.message).toBe(
      'Unknown option "concurrency" in JobsModule.forRoot(). Here it is worker: { concurrency } for all queues, ' +
        'or processors: { <queue>: { concurrency } } for one. [UNKNOWN_OPTION]',
    );
    expect(getOptionsToken()).toBe(JOBS_OPTIONS);
  });
});
