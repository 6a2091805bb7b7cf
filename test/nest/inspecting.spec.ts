import { afterEach, describe, expect, it } from '@jest/globals';

import { ActiveJob, JobsModule, JobsService, OnJob, Processor } from '../../libs/nest/src/index.js';
import { closeApplications, rootOptions, startApplication } from './support/application.ts';

@Processor('mail')
class MailProcessor {
  @OnJob() welcome(_job: ActiveJob): void {}
}

describe('JobsService', () => {
  afterEach(closeApplications);

  it('looks at all queues that the application uses, and at all under its prefix [seed:Q20, seed:A30, seed:R1]', async () => {
    const options = rootOptions({ queues: ['mail', 'reports'] });
    const { app } = await startApplication({ imports: [JobsModule.forRoot(options)], providers: [MailProcessor] });
    const jobs = app.get(JobsService);
    await jobs.queue('reports').add('any', 1);
    expect(jobs.queues().map(({ name }) => name)).toEqual(['mail', 'reports']);
    const infos = await jobs.info();
    expect(infos.map(({ name, counts, workers }) => [name, counts.waiting, workers])).toEqual([
      ['mail', 0, 1],
      ['reports', 1, 0],
    ]);
    expect((await jobs.listQueues({ after: 'mail' })).map(({ name }) => name)).toEqual(['reports']);
    expect(() => jobs.queues('none')).toThrow(expect.objectContaining({ code: 'NO_ROOT' }));
  });
});
