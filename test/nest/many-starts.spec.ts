import { afterEach, describe, it } from '@jest/globals';
import { ActiveJob, getQueueToken, JobsModule, OnJob, Processor, Queue } from '../../libs/nest/src/index.js';
import { Footprint } from '../support/footprint.ts';
import { rawCommand } from '../support/redis-client.ts';
import { redisUrl } from '../support/redis.ts';
import { closeApplications, plainOptions, startApplication } from './support/application.ts';

@Processor('mail')
class MailProcessor {
  @OnJob()
  greet(job: ActiveJob<string>): string {
    return `Hello, ${job.data}!`;
  }
}

describe('an application', () => {
  afterEach(closeApplications);

  it('that is started and ended ten times, its signals included, leaves nothing [case:L12]', async () => {
    const clients = async (): Promise<number> =>
      (await rawCommand(Number(new URL(redisUrl()).port), ['CLIENT', 'LIST'])).trim().split('\n').length;
    const options = plainOptions({ queues: ['mail'], signals: true });
    const cycle = async (): Promise<void> => {
      const { app } = await startApplication({ imports: [JobsModule.forRoot(options)], providers: [MailProcessor] });
      const queue = app.get<Queue>(getQueueToken('mail'));
      await queue.result((await queue.add('greet', 'Ada')).id);
      await closeApplications();
    };
    const before = await Footprint.after(cycle, 2, clients);
    await (await Footprint.after(cycle, 8, clients)).isNoMoreThan(before);
  });
});
