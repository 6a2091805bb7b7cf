import { inspect } from 'node:util';
import { Body, Injectable, Module, Scope } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  getQueueToken,
  InjectQueue,
  JobData,
  JobRun,
  JobsBootError,
  JobsModule,
  OnJob,
  OnJobFailure,
  OnQueueEvent,
  Processor,
  Queue,
  QueueListener,
  type HandlerSettings,
  type QueueRegistration,
} from '../../libs/nest/src/index.js';
import { bootError, closeApplications, rootOptions, startApplication } from './support/application.ts';

@Processor('mail')
class MailProcessor {
  @OnJob() welcome(_job: ActiveJob<{ userId: string }>): void {}
}

afterEach(closeApplications);

describe('an application that cannot start says', () => {
  it('which queue a processor wants, and the registered one that was meant [case:A1]', async () => {
    const error = await bootError({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mails'] }))],
      providers: [MailProcessor],
    });
    expect(error.code).toBe('UNKNOWN_QUEUE');
    expect(error.message).toBe(
      `@Processor('mail') MailProcessor: no queue "mail" is registered. Add 'mail' to JobsModule.forRoot({ queues }) ` +
        `or import JobsModule.registerQueue({ name: 'mail' }). Did you mean "mails"? [UNKNOWN_QUEUE]`,
    );
  });

  it('that registerQueue() needs a forRoot() [nest:H8]', async () => {
    const error = await bootError({ imports: [JobsModule.registerQueue('mail')] });
    expect(error.code).toBe('NO_ROOT');
    expect(error.message).toBe(
      `JobsModule.registerQueue('mail') found no JobsModule.forRoot(). Import it once in your root module. [NO_ROOT]`,
    );
  });

  it('which modules import the same root twice [nest:H8]', async () => {
    @Module({ imports: [JobsModule.forRoot(rootOptions())] })
    class BillingModule {}
    @Module({ imports: [JobsModule.forRoot(rootOptions()), BillingModule] })
    class AppModule {}
    const error = await bootError({ imports: [AppModule] });
    expect(error.code).toBe('DUPLICATE_ROOT');
    expect(error.message).toBe(
      "JobsModule.forRoot() was imported twice (AppModule, BillingModule). Give one a name: forRoot({ name: 'billing' }). [DUPLICATE_ROOT]",
    );
  });

  it('by the token of a queue that nobody registered, what to import', async () => {
    @Injectable()
    class Signup {
      constructor(@InjectQueue('mail') readonly mail: Queue) {}
    }
    const { app } = await startApplication({ imports: [JobsModule.forRoot(rootOptions())] });
    await expect(app.get(ModuleRef).create(Signup)).rejects.toThrow(
      'Queue("mail") from JobsModule.registerQueue({ name: "mail" })',
    );
    expect(getQueueToken('mail', 'billing')).toContain('registerQueue({ root: "billing", name: "mail" })');
  });

  it('which two methods handle the same job [case:A3]', async () => {
    @Processor('mail')
    class OtherProcessor {
      @OnJob() welcome(_job: ActiveJob): void {}
    }
    const error = await bootError({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
      providers: [MailProcessor, OtherProcessor],
    });
    expect(error.message).toBe(
      'Two handlers for job "welcome" of queue "mail": MailProcessor.welcome and OtherProcessor.welcome. Rename one. [DUPLICATE_HANDLER]',
    );
  });

  it('that a processor is provided by two modules, and leaves aliases alone [case:A3]', async () => {
    @Module({ providers: [MailProcessor, { provide: 'ALIAS', useExisting: MailProcessor }] })
    class F1 {}
    @Module({ providers: [MailProcessor] })
    class F2 {}
    const imports = [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))];
    expect((await bootError({ imports: [...imports, F1, F2] })).message).toBe(
      'MailProcessor is in the providers of F1 and F2. Provide it in one module and export it. [DUPLICATE_HANDLER]',
    );
    await startApplication({ imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'], work: false })), F1] });
  });

  it('that a processor has no handler, and what becomes of process() [case:A7]', async () => {
    @Processor('mail')
    class Old {
      process(): void {}
    }
    @Processor('mail')
    class Empty {}
    const imports = [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))];
    const { problems } = (await bootError({ imports, providers: [Old, Empty] })) as JobsBootError;
    expect(problems.map(({ message }) => message)).toEqual([
      "Old has no @OnJob method. Found process(): BullMQ's WorkerHost is not used here; give each job name a method with @OnJob().",
      'Empty has no @OnJob method. Give each job name a method with @OnJob().',
    ]);
  });

  it('which parameter of a handler would be null', async () => {
    @Processor('mail')
    class Half {
      @OnJob() digest(@JobData() _data: object, _job: ActiveJob): void {}
      @OnJob() plain(_job: ActiveJob, _more: number): void {}
      @OnJob() http(@JobData() _data: object, @Body() _body: object): void {}
    }
    const imports = [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))];
    const { problems } = (await bootError({ imports, providers: [Half] })) as JobsBootError;
    expect(problems.map(({ code, message }) => [code, message])).toEqual(
      ['digest', 'plain', 'http'].map((method) => [
        'UNDECORATED_PARAMETER',
        `Half.${method}: parameter 2 has no decorator, so it would be null. Add @JobRef(), or take the job as the only parameter.`,
      ]),
    );
  });

  it('what an option of BullMQ is called here, wherever it stands', async () => {
    @Processor('mail', { lockDuration: 5 } as object)
    class FromBull {
      @OnJob({ attempts: 3 } as HandlerSettings) welcome(_job: ActiveJob): void {}
    }
    const queue = { name: 'mail', defaults: { delay: 5 } } as QueueRegistration;
    const { problems } = (await bootError({
      imports: [JobsModule.forRoot(rootOptions()), JobsModule.registerQueue(queue)],
      providers: [FromBull],
    })) as JobsBootError;
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^Unknown option "defaults\.delay" in JobsModule\.registerQueue\(\) in \S+\. In Millrace it is delayMs\.$/,
      ),
      `Unknown option "lockDuration" in @Processor('mail') FromBull. In Millrace it is lease: { durationMs }.`,
      'Unknown option "attempts" in @OnJob() FromBull.welcome. In Millrace it is maxAttempts.',
    ]);
  });

  it('which name of a queue or a job cannot be one', async () => {
    @Processor('{mail}')
    class Braces {
      @OnJob() 'wel{come}'(_job: ActiveJob): void {}
    }
    const imports = [JobsModule.forRoot(rootOptions()), JobsModule.registerQueue('{mail}')];
    const error = await bootError({ imports, providers: [Braces] });
    expect(error.message).toContain(
      'Queue name "{mail}": braces are not allowed; Millrace adds the Cluster hash tag itself.',
    );
    expect(error.code).toBe('NAME');
  });

  it('which decorated methods are in a class that nothing looks at [case:A7]', async () => {
    @Injectable()
    class Lost {
      @OnJob() welcome(_job: ActiveJob): void {}
      @OnJobFailure() failed(_run: JobRun): void {}
      @OnQueueEvent('completed') done(): void {}
    }
    const { problems } = (await bootError({
      imports: [JobsModule.forRoot(rootOptions())],
      providers: [Lost],
    })) as JobsBootError;
    expect(problems.map(({ message }) => message.split(',')[0])).toEqual([
      'Lost.welcome has @OnJob()',
      'Lost.failed is a hook',
      'Lost.done has @OnQueueEvent()',
    ]);
  });

  it('that a hook names a job which its class does not handle', async () => {
    @Processor('mail')
    class Typo {
      @OnJob() welcome(_job: ActiveJob): void {}
      @OnJobFailure('welcom') failed(_run: JobRun): void {}
    }
    const error = await bootError({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
      providers: [Typo],
    });
    expect(error.message).toContain('Typo.failed is a hook for job "welcom"');
    expect(error.message).toContain('Did you mean "welcome"?');
  });

  it('that a request-scoped listener cannot be told of events', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {}
    @QueueListener('mail')
    class Scoped {
      constructor(readonly dependency: PerRequest) {}
      @OnQueueEvent('completed') done(): void {}
    }
    const error = await bootError({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
      providers: [PerRequest, Scoped],
    });
    expect(error.message).toContain("@QueueListener('mail') Scoped is request-scoped");
  });

  it('all of that at once, numbered', async () => {
    @Processor({ queue: 'reports', root: 'billing' })
    class Reports {
      @OnJob() night(_job: ActiveJob): void {}
    }
    const options = { ...rootOptions({ queues: ['mails'] }), conection: 'redis://localhost', conncurrency: 4 };
    const error = (await bootError({
      imports: [JobsModule.forRoot(options), JobsModule.registerQueue({ root: 'billing', name: 'invoices' })],
      providers: [MailProcessor, Reports],
    })) as JobsBootError;
    expect(error).toBeInstanceOf(JobsBootError);
    const codes = error.problems.map(({ code }) => code);
    expect(codes.toSorted()).toEqual(['NO_ROOT', 'NO_ROOT', 'UNKNOWN_OPTION', 'UNKNOWN_OPTION', 'UNKNOWN_QUEUE']);
    expect(error.message).toMatch(/^Millrace found 5 problems:\n {2}1\. .*\n {2}2\. [^]*\n {2}5\. /);
    // As Nest's logger prints it: everything is said once.
    expect(inspect(error).match(/Did you mean "connection"\?/g)).toHaveLength(1);
  });
});
