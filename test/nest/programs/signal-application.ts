/** An application that runs one long job and says what became of it when the process was told to end. */
import 'reflect-metadata';
import { ConsoleLogger, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ActiveJob, JobsModule, JobsService, OnJob, Processor } from '@millrace/nestjs';

const [connection = '', prefix = '', mode = ''] = process.argv.slice(2);
const tell = (type: string, more: object = {}): void => void process.send?.({ type, ...more });

@Processor('mail')
class MailProcessor {
  @OnJob() async long(_job: ActiveJob): Promise<void> {
    tell('running');
    await new Promise((resolve) => process.once('message', resolve));
    tell('finished');
  }
}

@Injectable()
class Goodbye {
  async onModuleDestroy(): Promise<void> {
    // Long enough to be cut off by whoever ends the process without waiting for Nest.
    await new Promise((resolve) => setTimeout(resolve, 100));
    tell('destroyed');
  }
}

class Reporting extends ConsoleLogger {
  override warn(message: string): void {
    tell('warning', { message });
  }
}

@Module({
  imports: [JobsModule.forRoot({ connection, prefix, queues: ['mail'], signals: mode !== 'off' })],
  providers: [MailProcessor, Goodbye],
})
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, {
  logger: new Reporting({ logLevels: ['warn', 'error'] }),
});
// As applications of this kind do it: after the context was made, and so after the workers were started.
if (mode === 'nest') app.enableShutdownHooks();
await app.get(JobsService).queue('mail').add('long', {});
