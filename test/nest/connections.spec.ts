import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  getQueueToken,
  JobsBootError,
  JobsModule,
  JobsRunner,
  OnJob,
  Processor,
  Queue,
} from '../../libs/nest/src/index.js';
import { freePort } from '../support/free-port.ts';
import { redisUrl, RedisServer, uniquePrefix } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';
import { bootError, closeApplications, rootOptions, startApplication } from './support/application.ts';
import { runJob } from './support/finish.ts';

@Processor('mails')
class MailProcessor {
  @OnJob() welcome(_job: ActiveJob): void {}
}

describe('the connection of a root', () => {
  const before = { ...process.env };

  afterEach(async () => {
    process.env = { ...before };
    await closeApplications();
  });

  it('that nobody gave, in production, is told with all else that is wrong [nest:M12]', async () => {
    delete process.env['REDIS_URL'];
    process.env['NODE_ENV'] = 'production';
    const { problems } = (await bootError({
      imports: [JobsModule.forRoot({ queues: ['mail'] })],
      providers: [MailProcessor],
    })) as JobsBootError;
    expect(problems.map(({ code }) => code)).toEqual(['NO_CONNECTION', 'UNKNOWN_QUEUE']);
    expect(problems[0]?.message).toMatch(
      /^NODE_ENV=production and neither JobsModule\.forRoot\(\{ connection \}\) nor REDIS_URL is set\./,
    );
  });

  it('is embedded in development, which a warning says and health calls degraded [nest:M12]', async () => {
    delete process.env['REDIS_URL'];
    process.env['NODE_ENV'] = 'development';
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'millrace-nest-')));
    process.env['MILLRACE_EMBEDDED_DIR'] = folder;
    const { app, logger } = await startApplication({
      imports: [JobsModule.forRoot({ prefix: uniquePrefix('nest-') })],
    });
    expect(logger.of('warn')).toEqual([
      expect.stringMatching(
        /^Neither a connection nor REDIS_URL is set: using an embedded Redis .* keeps its data in \//,
      ),
    ]);
    expect(app.get(JobsRunner).health()).toMatchObject({ status: 'degraded', connection: { embedded: true } });
    await closeApplications();
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  });

  it('is REDIS_URL where that is set, and then nothing is said [nest:M12]', async () => {
    process.env['REDIS_URL'] = redisUrl();
    process.env['NODE_ENV'] = 'production';
    const { app, logger } = await startApplication({
      imports: [JobsModule.forRoot({ prefix: uniquePrefix('nest-') })],
    });
    expect(logger.of('warn')).toEqual([]);
    expect(app.get(JobsRunner).health()).toMatchObject({ status: 'up', connection: { embedded: false } });
  });

  it('that leads nowhere fails the boot within connectTimeoutMs, with its password masked [case:S12]', async () => {
    const connection = `redis://:secret@127.0.0.1:${await freePort()}`;
    const error = await bootError({
      imports: [JobsModule.forRoot({ connection, connectTimeoutMs: 300, signals: false })],
    });
    expect(error.code).toBe('NO_REDIS');
    expect(error.message).toMatch(
      /^Redis at redis:\/\/127\.0\.0\.1:\d+ refused the connection \(ECONNREFUSED\)\. Start one/,
    );
    expect(error.message).not.toContain('secret');
  });

  it('that cannot be one is told in the words of forRoot()', async () => {
    const error = await bootError({ imports: [JobsModule.forRoot(rootOptions({ connection: 'localhost:6379' }))] });
    expect(error.message).toMatch(
      /^Invalid option "connection" in JobsModule\.forRoot\(\{ connection \}\): expected a URL .* Did you mean "redis:\/\/localhost:6379"\?/,
    );
  });

  it('may come later: the application starts, and its workers when Redis answers [case:O7]', async () => {
    const server = await RedisServer.start();
    await server.kill();
    try {
      const { app, logger } = await startApplication({
        imports: [
          JobsModule.forRoot(rootOptions({ connection: server.url, waitUntilReady: false, queues: ['mails'] })),
        ],
        providers: [MailProcessor],
      });
      expect(app.get(JobsRunner).health().status).toBe('down');
      await waitFor('a word about it', () => logger.of('warn').length + logger.of('error').length > 0);
      await server.restart();
      const mails = app.get<Queue>(getQueueToken('mails'));
      await waitFor('a worker', async () => (await mails.workers()).length === 1);
      expect(await runJob(mails, 'welcome')).toMatchObject({ state: 'completed' });
      await closeApplications();
    } finally {
      await server.stop();
    }
  });

  it('may be a client of the application, which stays open', async () => {
    const connection = new Redis(redisUrl(), { maxRetriesPerRequest: null });
    await startApplication({ imports: [JobsModule.forRoot(rootOptions({ connection }))] });
    await closeApplications();
    expect(await connection.ping()).toBe('PONG');
    await connection.quit();
  });
});
