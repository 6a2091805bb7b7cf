/** The quick start, as a user writes it: one package to import from, decorated methods, a typed queue. */
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ActiveJob,
  InjectQueue,
  Job,
  JobData,
  JobRef,
  JobRun,
  JobsModule,
  JobsRunner,
  OnJob,
  OnJobFailure,
  OnJobSuccess,
  Processor,
  Queue,
  SnoozeError,
  UnrecoverableError,
  type JobsOf,
} from '@millrace/nestjs';

class DigestDto {
  pages!: number;
}

@Processor('mail', { concurrency: 20 })
class MailProcessor {
  constructor(private readonly runner: JobsRunner) {}

  @OnJob()
  async welcome(job: ActiveJob<{ userId: string }>): Promise<string> {
    if (job.data.userId === '') throw new UnrecoverableError('no user');
    if (job.signal.aborted) throw new SnoozeError({ delayMs: 1_000 });
    await job.progress(10);
    return `welcome ${job.data.userId} (${this.runner.health().status})`;
  }

  @OnJob({ timeoutMs: 30_000 })
  digest(@JobData() data: DigestDto, @JobRef() job: ActiveJob): number {
    return data.pages * job.attempt;
  }

  @OnJobSuccess() done(_run: JobRun, _result: unknown): void {}
  @OnJobFailure() failed(_run: JobRun, _error: Error): void {}
}

@Injectable()
class Signup {
  constructor(@InjectQueue('mail') readonly mail: Queue<JobsOf<MailProcessor>>) {}

  add(userId: string): Promise<Job> {
    return this.mail.add('welcome', { userId });
  }
}

const [connection = 'embedded', prefix = 'millrace'] = process.argv.slice(2);

@Module({
  imports: [JobsModule.forRoot({ connection, prefix, queues: ['mail'] })],
  providers: [MailProcessor, Signup],
})
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
const signup = app.get(Signup);
const { id } = await signup.add('42');
console.log(await signup.mail.result(id));
const digest = await signup.mail.add('digest', { pages: 3 });
console.log(await signup.mail.result(digest.id));
await app.close();
