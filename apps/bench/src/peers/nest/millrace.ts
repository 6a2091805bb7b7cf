import 'reflect-metadata';

import { ActiveJob, JobsModule, OnJob, Processor, silentLogger } from '@millrace/nestjs';
import { Module, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import type { Payload } from '../../scenarios/drafts.js';
import type { Handler } from '../../scenarios/handlers.js';
import { Millrace } from '../millrace.js';
import { PassThrough } from './pass-through.js';

/** Millrace whose handler is a method of a processor, with an interceptor around it. */
export class MillraceInNest extends Millrace {
  override readonly settings = 'in NestJS: @Processor, @OnJob, and one interceptor that passes the call through';

  override async work(concurrency: number, handler: Handler): Promise<void> {
    const { port, queue } = this.setup;

    @Processor(queue, { concurrency })
    @UseInterceptors(PassThrough)
    class MailProcessor {
      @OnJob()
      async welcome(job: ActiveJob<Payload>): Promise<void> {
        await handler(job.data);
      }
    }

    const connection = `redis://127.0.0.1:${port}`;
    @Module({
      imports: [JobsModule.forRoot({ connection, queues: [queue], logger: silentLogger })],
      providers: [MailProcessor],
    })
    class Application {}

    await NestFactory.createApplicationContext(Application, { logger: false });
  }
}
