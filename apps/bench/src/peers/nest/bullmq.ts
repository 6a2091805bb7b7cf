import 'reflect-metadata';

import { BullModule, Processor, WorkerHost } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Job } from 'bullmq';

import type { Payload } from '../../scenarios/drafts.js';
import type { Handler } from '../../scenarios/handlers.js';
import { BullMq } from '../bullmq.js';

/** BullMQ whose handler is a `WorkerHost` of @nestjs/bullmq, which runs no interceptors for jobs. */
export class BullMqInNest extends BullMq {
  override readonly settings =
    'in NestJS: @Processor of @nestjs/bullmq, without an interceptor, as it runs none for jobs';

  override async work(concurrency: number, handler: Handler): Promise<void> {
    const { port, queue } = this.setup;

    @Processor(queue, { concurrency })
    class MailProcessor extends WorkerHost {
      async process(job: Job<Payload>): Promise<void> {
        await handler(job.data);
      }
    }

    const connection = { host: '127.0.0.1', port };
    @Module({
      imports: [BullModule.forRoot({ connection }), BullModule.registerQueue({ name: queue })],
      providers: [MailProcessor],
    })
    class Application {}

    await NestFactory.createApplicationContext(Application, { logger: false });
  }
}
