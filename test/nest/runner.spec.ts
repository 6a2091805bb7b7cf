import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  getQueueToken,
  jobsProcess,
  JobsModule,
  JobsRunner,
  runWorker,
  OnJob,
  Processor,
  Queue,
} from '../../libs/nest/src/index.js';
import { waitFor } from '../support/wait-for.ts';
import { closeApplications, rootOptions, startApplication, type TestApplication } from './support/application.ts';
import { runJob } from './support/finish.ts';
import type { RecordingLogger } from './support/recording-logger.ts';

@Processor('mail')
class MailProcessor {
  @OnJob() welcome(_job: ActiveJob): void {}
}

describe('the runner', () => {
  let runner: JobsRunner;
  let mail: Queue;
  let app: TestApplication['app'];
  let logger: RecordingLogger;

  beforeEach(async () => {
    const started = await startApplication({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
      providers: [MailProcessor],
    });
    logger = started.logger;
    app = started.app;
    runner = started.app.get(JobsRunner);
    mail = started.app.get<Queue>(getQueueToken('mail'));
  });
  afterEach(closeApplications);

  it('is run as a worker process: paused, asked how it is, drained by a signal, and the application closed [seed:A10] [seed:O18]', async () => {
    const running = jobsProcess(app);
    const ended = runWorker(running);
    running.pause();
    expect(runner.health().workers[0]?.health.state).toBe('paused');
    running.resume();
    await runJob(mail, 'welcome');
    expect(running.health?.()).toMatchObject([{ status: 'up', workers: [{ queue: 'mail' }] }]);
    process.emit('SIGTERM');
    expect(await ended).toBe('signal');
    expect(runner.health().workers[0]?.health.state).toBe('stopped');
    expect(runner.health().connection.state).toBe('closed');
  });

  it('pauses and resumes the workers of this process, of one queue or of all', async () => {
    runner.pause('mail');
    const { id } = await mail.add('welcome', {});
    expect((await runner.describe()).workers[0]?.state).toBe('paused');
    runner.resume();
    await mail.result(id);
    expect((await mail.get(id))?.state).toBe('completed');
  });

  it('drains once, however often it is asked, and does not start again', async () => {
    await runJob(mail, 'welcome');
    await Promise.all([runner.drain(), runner.drain()]);
    expect(runner.health().workers.map(({ health }) => health.state)).toEqual(['stopped']);
    await expect(runner.start()).resolves.toBeUndefined();
    const { id } = await mail.add('welcome', {});
    expect((await mail.get(id))?.state).toBe('waiting');
  });

  it('says when jobs wait for a handler that nobody has', async () => {
    await mail.add('welcom', {});
    await waitFor('a warning', () => logger.of('warn').length > 0);
    expect(logger.of('warn')[0]).toContain('"welcom" wait in "mail"');
    expect(logger.of('warn')[0]).toContain('Known: welcome.');
    // The warning comes before the call that sets the job aside.
    await waitFor('the job to be set aside', async () => (await mail.unclaimed()).length > 0);
    expect(await mail.unclaimed()).toEqual([{ name: 'welcom', count: 1 }]);
  });
});
