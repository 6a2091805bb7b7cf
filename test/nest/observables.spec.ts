import {
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EMPTY, map, NEVER, Observable, of, Subject } from 'rxjs';
import { ActiveJob, getQueueToken, JobsModule, OnJob, Processor, Queue } from '../../libs/nest/src/index.js';
import { waitFor } from '../support/wait-for.ts';
import { closeApplications, rootOptions, startApplication } from './support/application.ts';
import { finished, runJob } from './support/finish.ts';

@Injectable()
class Tenfold implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler<number>): Observable<number> {
    return next.handle().pipe(map((value) => value * 10));
  }
}

let values: Subject<number>;
let isSubscribed = false;
let progress: unknown[] = [];

@Processor('mail')
class MailProcessor {
  @OnJob() @UseInterceptors(Tenfold) counts(_job: ActiveJob): Observable<number> {
    return of(1, 2, 3);
  }
  @OnJob() async later(_job: ActiveJob): Promise<Observable<string>> {
    return of('a', 'b');
  }
  @OnJob() nothing(_job: ActiveJob): Observable<never> {
    return EMPTY;
  }
  @OnJob() watched(job: ActiveJob): Observable<number> {
    const report = job.progress.bind(job);
    job.progress = (value) => {
      progress.push(value);
      return report(value);
    };
    return values;
  }
  @OnJob({ timeoutMs: 30, maxAttempts: 1 }) endless(_job: ActiveJob): Observable<number> {
    return new Observable((subscriber) => {
      isSubscribed = true;
      const inner = NEVER.subscribe(subscriber);
      return () => {
        isSubscribed = false;
        inner.unsubscribe();
      };
    });
  }
  @OnJob() unstorable(_job: ActiveJob): Observable<unknown> {
    return of(10n, 'done');
  }
}

describe('a handler that returns an Observable', () => {
  let mail: Queue;
  let logged: () => string[];

  beforeEach(async () => {
    values = new Subject();
    isSubscribed = false;
    progress = [];
    const { app, logger } = await startApplication({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
      providers: [MailProcessor, Tenfold],
    });
    mail = app.get<Queue>(getQueueToken('mail'));
    logged = () => logger.of('warn');
  });
  afterEach(closeApplications);

  it('has its last value as the result, after interceptors; progress is what came before them [nest:M3]', async () => {
    expect(await runJob(mail, 'counts')).toMatchObject({ result: 30, progressValue: 1 });
    expect(await runJob(mail, 'later')).toMatchObject({ result: 'b' });
  });

  it('and gives no value has no result [nest:M3]', async () => {
    const job = await runJob(mail, 'nothing');
    expect(job.state).toBe('completed');
    expect(job.result).toBeUndefined();
  });

  it('writes progress at most twice a second, the latest value winning [nest:M3]', async () => {
    const { id } = await mail.add('watched', {});
    await waitFor('the handler', () => values.observed);
    const from = performance.now();
    let sent = 0;
    await waitFor('three writes', () => {
      values.next(++sent);
      return progress.length === 3;
    });
    const elapsedMs = performance.now() - from;
    values.complete();
    expect((await finished(mail, id)).result).toBe(sent);
    expect(progress[0]).toBe(1);
    expect(progress[2]).toBeGreaterThanOrEqual(sent - 1);
    // Two intervals lie between three writes.
    expect(elapsedMs).toBeGreaterThanOrEqual(990);
  });

  it('is unsubscribed when the attempt is aborted [nest:M3]', async () => {
    expect(await runJob(mail, 'endless')).toMatchObject({ state: 'timed_out' });
    await waitFor('the teardown', () => !isSubscribed);
  });

  it('does not fail by progress that cannot be stored [nest:M3]', async () => {
    expect(await runJob(mail, 'unstorable')).toMatchObject({ state: 'completed', result: 'done' });
    expect(logged()[0]).toMatch(/^Progress of job mail\/\S+ could not be stored; the handler goes on\./);
  });
});
