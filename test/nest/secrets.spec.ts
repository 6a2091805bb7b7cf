import { ConsoleLogger, type PipeTransform } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  getQueueToken,
  JobData,
  JobsModule,
  JobsRunner,
  JobsService,
  OnJob,
  OnJobFailure,
  Processor,
  type JobRun,
  type JobsRootOptions,
  type Queue,
} from '../../libs/nest/src/index.js';
import { waitFor } from '../support/wait-for.ts';
import { bootError, closeApplications, rootOptions, startApplication } from './support/application.ts';
import { runJob } from './support/finish.ts';

const SECRET = 's3cret-7f';
const heard: string[] = [];

class Refuses implements PipeTransform {
  transform(value: unknown): never {
    throw new Error(`refused ${JSON.stringify(value)}`);
  }
}

@Processor('mail')
class MailProcessor {
  @OnJob() fails({ data }: ActiveJob): void {
    throw new Error(`could not charge ${JSON.stringify(data)}`);
  }
  @OnJob() refuses(@JobData(new Refuses()) _data: object): void {}
  @OnJobFailure() failed(_run: JobRun, error: Error): void {
    heard.push(error.message);
    throw new Error(`the hook saw ${error.message}`);
  }
}

/** Keeps all that Nest's own logger writes, stacks too. */
class KeepingLogger extends ConsoleLogger {
  readonly written: string[] = [];
  protected override printMessages(messages: unknown[]): void {
    this.written.push(...messages.map(String));
  }
  protected override printStackTrace(stack: string): void {
    this.written.push(stack);
  }
}

describe('secrets in an application', () => {
  afterEach(closeApplications);

  async function start(
    options: JobsRootOptions,
  ): Promise<{ mail: Queue; service: JobsService; runner: JobsRunner; written: string[] }> {
    const logger = new KeepingLogger();
    const imports = [JobsModule.forRoot(rootOptions({ queues: ['mail'], defaults: { maxAttempts: 1 }, ...options }))];
    const { app } = await startApplication({ imports, providers: [MailProcessor] }, (builder) =>
      builder.setLogger(logger),
    );
    return {
      mail: app.get<Queue>(getQueueToken('mail')),
      service: app.get(JobsService),
      runner: app.get(JobsRunner),
      written: logger.written,
    };
  }

  it('are in no line, whoever writes it, and not in what is stored; hooks hear them [case:S11]', async () => {
    heard.length = 0;
    const { mail, service, runner, written } = await start({ redact: { fields: ['iban'] } });
    const data = { password: SECRET, user_iban: SECRET };
    const jobs = [await runJob(mail, 'fails', data), await runJob(mail, 'refuses', data)];
    await waitFor('the lines of the hook', () => written.filter((line) => line.includes('the hook saw')).length >= 2);
    expect(written.join('\n')).not.toContain(SECRET);
    expect(written.join('\n')).toContain('could not charge {"password":***,"user_iban":***}');
    expect(JSON.stringify(jobs.map(({ error }) => error))).not.toContain(SECRET);
    expect(JSON.stringify([runner.health(), await service.metrics()])).not.toContain(SECRET);
    expect(heard.filter((message) => message.includes(SECRET))).toHaveLength(2);
  });

  it('are shown where redact is false', async () => {
    const { mail, written } = await start({ redact: false });
    await runJob(mail, 'fails', { password: SECRET });
    await waitFor('the line', () => written.some((line) => line.includes(SECRET)));
  });

  it('are in no refusal to start, be it of the connection, of options, or of a server that does not answer [case:S12]', async () => {
    const wrong: JobsRootOptions[] = [
      { connection: `redis//:${SECRET}@host` },
      { connection: { host: 'h', passwort: SECRET } as never },
      { connection: `redis://:${SECRET}@127.0.0.1:1`, connectTimeoutMs: 200 },
      { redact: { fields: [{ password: SECRET }] } as never },
      { worker: { lease: { password: SECRET } } as never },
    ];
    for (const options of wrong) {
      const error = await bootError({ imports: [JobsModule.forRoot(rootOptions(options))] });
      expect(`${error.message}\n${error.stack}\n${JSON.stringify(error)}`).not.toContain(SECRET);
      await closeApplications();
    }
  });
});
