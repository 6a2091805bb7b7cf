/** An application that fails to start when Millrace is connected, in a process that says so and leaves it at that. */
import 'reflect-metadata';
import { Module, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ActiveJob, getQueueToken, JobsModule, OnJob, Processor, type Queue } from '@millrace/nestjs';

const [connection = '', prefix = '', step = ''] = process.argv.slice(2);

@Processor(['mail', 'reports'])
class Jobs {
  @OnJob() run(_job: ActiveJob): void {}
}

class Database {
  onModuleInit(): void {
    if (step === 'hook' || step === 'hook without Redis') throw new Error('The database is away.');
  }
}

const providers: Record<string, Provider> = {
  factory: {
    provide: Database,
    // Injected, so that it exists when this fails; used, so that Redis has answered a call.
    inject: [getQueueToken('mail')],
    useFactory: async (mail: Queue) => {
      await mail.add('run', {});
      throw new Error('The database is away.');
    },
  },
  // The worker of the other queue starts: the slot of this one is not what Redis has.
  workers: Database,
};

@Module({
  imports: [
    JobsModule.forRoot({
      connection,
      prefix,
      signals: false,
      waitUntilReady: step !== 'hook without Redis',
      queues: [{ name: 'mail', slot: step === 'workers' ? 'other' : 'letters' }, 'reports'],
    }),
  ],
  providers: [Jobs, providers[step] ?? Database],
})
class AppModule {}

// What connects this process with the test does not keep it alive.
process.channel?.unref();

try {
  const app = await NestFactory.create(AppModule, { abortOnError: false, logger: false });
  await app.init();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 3;
}
