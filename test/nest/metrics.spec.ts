import { Controller, Get, Header, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import {
  ActiveJob,
  JobsModule,
  JobsService,
  METRICS_CONTENT_TYPE,
  OnJob,
  Processor,
} from '../../libs/nest/src/index.js';
import { readMetrics } from '../core/support/prometheus.ts';
import { rootOptions } from './support/application.ts';

@Processor('mail')
class MailProcessor {
  @OnJob() welcome(_job: ActiveJob): void {}
}

@Controller('metrics')
class MetricsController {
  constructor(private readonly jobs: JobsService) {}

  @Get()
  @Header('content-type', METRICS_CONTENT_TYPE)
  metrics(): Promise<string> {
    return this.jobs.metrics();
  }
}

@Module({
  imports: [JobsModule.forRoot(rootOptions({ queues: ['mail', 'reports'] }))],
  controllers: [MetricsController],
  providers: [MailProcessor],
})
class AppModule {}

describe('JobsService.metrics()', () => {
  let app: INestApplication;

  beforeEach(async () => {
    app = await NestFactory.create(AppModule, { logger: false });
    await app.listen(0, '127.0.0.1');
  });

  afterEach(() => app.close());

  it('gives a controller what Prometheus reads, of the queues that the application uses [seed:A34, seed:A30]', async () => {
    await app.get(JobsService).queue('reports').add('any', 1);
    const response = await fetch(`${await app.getUrl()}/metrics`);
    // Versions of Express put the parameters in different orders.
    const parts = (type: string): string[] => type.split('; ').sort();
    expect(parts(response.headers.get('content-type') ?? '')).toEqual(parts(METRICS_CONTENT_TYPE));
    const families = readMetrics(await response.text());
    expect(families.get('millrace_workers')?.samples).toEqual(
      new Map([
        ['{queue=mail}', 1],
        ['{queue=reports}', 0],
      ]),
    );
    expect(families.get('millrace_jobs')?.samples.get('{queue=reports,state=waiting}')).toBe(1);
    await expect(app.get(JobsService).metrics({}, 'none')).rejects.toMatchObject({ code: 'NO_ROOT' });
  });
});
