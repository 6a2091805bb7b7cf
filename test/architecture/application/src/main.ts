/** A small application as a user writes it; the test of the packed libraries installs, compiles and runs it. */
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ActiveJob, InjectQueue, JobsModule, OnJob, Processor, Queue, type JobsOf } from '@millrace/nestjs';

@Injectable()
class Greeter {
  greet(name: string): string {
    return `Hello, ${name}!`;
  }
}

@Processor('greetings')
class GreetingProcessor {
  constructor(private readonly greeter: Greeter) {}

  @OnJob()
  hello(job: ActiveJob<{ name: string }>): string {
    return this.greeter.greet(job.data.name);
  }
}

@Injectable()
class Doorman {
  constructor(@InjectQueue('greetings') private readonly queue: Queue<JobsOf<GreetingProcessor>>) {}

  async welcome(name: string): Promise<string> {
    const job = await this.queue.add('hello', { name });
    return this.queue.result(job.id, { timeoutMs: 10_000 });
  }
}

@Module({
  imports: [
    JobsModule.forRoot({
      connection: process.env['APP_REDIS_URL'] ?? 'embedded',
      prefix: process.env['APP_PREFIX'] ?? 'millrace',
    }),
    JobsModule.registerQueue({ name: 'greetings' }),
  ],
  providers: [Greeter, GreetingProcessor, Doorman],
})
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
console.log(await app.get(Doorman).welcome('Ada'));
await app.close();
