import {
  createParamDecorator,
  Inject,
  Injectable,
  ParseArrayPipe,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tap, type Observable } from 'rxjs';
import {
  ActiveJob,
  getQueueToken,
  JobContext,
  JobData,
  JobRef,
  JobRun,
  JobsModule,
  JobSignal,
  OnJob,
  OnJobBatch,
  OnJobSuccess,
  Processor,
  type JobsOf,
  type JobsRootOptions,
  type Queue,
} from '../../libs/nest/src/index.js';
import { bootError, closeApplications, rootOptions, startApplication } from './support/application.ts';
import { waitFor } from '../support/wait-for.ts';
import { finished } from './support/finish.ts';

interface Note {
  readonly user: string;
  readonly n: number;
}

let trail: unknown[] = [];
const PAIR = { maxSize: 2, graceMs: 60_000 };

@Injectable()
class Trace implements CanActivate, NestInterceptor, ExceptionFilter {
  canActivate(context: ExecutionContext): boolean {
    const jobs = JobContext.jobs<Note>(context);
    trail.push(['guard', jobs.map(({ data }) => data.n)]);
    return jobs.every(({ data }) => data.n < 100);
  }
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    trail.push(['interceptor', JobContext.jobs(context).length]);
    return next.handle().pipe(tap((value) => trail.push(['after', value])));
  }
  catch(error: Error): void {
    trail.push(['filter', error.message]);
  }
}

const Users = createParamDecorator((_: unknown, context) =>
  JobContext.jobs<Note>(context).map(({ data }) => data.user),
);

@Processor('mail')
class MailProcessor {
  @OnJobBatch('notify', { ...PAIR, key: (note: Note) => note.user })
  @UseGuards(Trace)
  @UseInterceptors(Trace)
  async notify(jobs: readonly ActiveJob<Note>[]): Promise<PromiseSettledResult<number>[]> {
    trail.push(['handler', jobs.map(({ data }) => data.n)]);
    return Promise.allSettled(
      jobs.map(async ({ data }) => {
        if (data.n === 13) throw new Error('unlucky');
        return data.n * 10;
      }),
    );
  }

  @OnJobBatch(PAIR)
  parameters(
    @JobData() data: Note[],
    @JobData('n') ns: number[],
    @JobRef() jobs: readonly ActiveJob<Note>[],
    @JobSignal() signal: AbortSignal,
    @Users() users: string[],
  ): void {
    trail.push([data, ns, jobs.length, signal.aborted, users]);
  }

  @OnJobBatch({ ...PAIR, maxAttempts: 1 })
  @UseFilters(Trace)
  failing(_jobs: ActiveJob<Note>[]): void {
    throw new Error('all of them');
  }

  @OnJobBatch({ ...PAIR, maxAttempts: 1 })
  picky(@JobData(new ParseArrayPipe({ items: Number })) ns: number[], @JobRef() _jobs: ActiveJob<Note>[]): void {
    trail.push(ns);
  }

  @OnJobBatch(PAIR) single(@JobRef() _jobs: ActiveJob<Note>[], @Whose() whose: string): void {
    trail.push(whose);
  }

  @OnJobSuccess('notify') done(run: JobRun, result: unknown): void {
    trail.push(['success', (run.data as Note).n, result]);
  }
}

function Whose(): ParameterDecorator {
  return createParamDecorator((_: unknown, context) => {
    try {
      return JobContext.of(context).id;
    } catch (error) {
      return (error as Error).message;
    }
  })();
}

describe('@OnJobBatch', () => {
  let queue: Queue<JobsOf<MailProcessor>>;

  beforeEach(() => {
    trail = [];
  });

  afterEach(closeApplications);

  async function start(options: JobsRootOptions = {}, providers: Type[] = [MailProcessor, Trace]) {
    const { app } = await startApplication({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'], ...options }))],
      providers,
    });
    queue = app.get(getQueueToken('mail'));
    return app;
  }

  const addBoth = (name: keyof JobsOf<MailProcessor>, a = 1, b = 2) =>
    Promise.all([a, b].map((n) => queue.add(name, { user: 'ada', n })));

  it('gives a method the list of jobs, within guards and interceptors that see the list [seed:A13]', async () => {
    await start();
    const jobs = await addBoth('notify');
    const results = await Promise.all(jobs.map(({ id }) => queue.result(id)));
    expect(results).toEqual([10, 20]);
    await waitFor('the hooks to be told', () => trail.length === 6);
    expect(trail).toEqual(
      expect.arrayContaining([
        ['guard', [1, 2]],
        ['interceptor', 2],
        ['handler', [1, 2]],
        ['after', [expect.objectContaining({ value: 10 }), expect.objectContaining({ value: 20 })]],
        ['success', 1, 10],
        ['success', 2, 20],
      ]),
    );
  });

  it('ends each job as its outcome says', async () => {
    await start({ defaults: { maxAttempts: 1 } });
    const jobs = await addBoth('notify', 13, 14);
    const ended = await Promise.all(jobs.map(({ id }) => finished(queue as never, id)));
    expect(ended.map(({ state }) => state)).toEqual(['failed', 'completed']);
  });

  it('fails every job at once that a guard keeps out, each with its own error', async () => {
    await start();
    const jobs = await addBoth('notify', 1, 100);
    const ended = await Promise.all(jobs.map(({ id }) => finished(queue as never, id)));
    expect(ended.map(({ id, state, error }) => [state, error?.kind, error?.message.includes(id)])).toEqual([
      ['failed', 'forbidden', true],
      ['failed', 'forbidden', true],
    ]);
  });

  it('fills decorated parameters with lists', async () => {
    await start();
    const jobs = await addBoth('parameters');
    await Promise.all(jobs.map(({ id }) => queue.result(id)));
    const data = [
      { user: 'ada', n: 1 },
      { user: 'ada', n: 2 },
    ];
    expect(trail).toEqual([[data, [1, 2], 2, false, ['ada', 'ada']]]);
  });

  it('asks filters once about what the handler threw', async () => {
    await start();
    const jobs = await addBoth('failing');
    const ended = await Promise.all(jobs.map(({ id }) => finished(queue as never, id)));
    expect(ended.map(({ state, error }) => [state, error?.message])).toEqual([
      ['failed', 'all of them'],
      ['failed', 'all of them'],
    ]);
    expect(trail).toEqual([['filter', 'all of them']]);
  });

  it('breaks the jobs whose data a pipe refuses', async () => {
    await start();
    const jobs = await addBoth('picky');
    const ended = await Promise.all(jobs.map(({ id }) => finished(queue as never, id)));
    expect(ended.map(({ state }) => state)).toEqual(['broken', 'broken']);
  });

  it('says what to ask where something wants the one job of a batch', async () => {
    await start();
    const jobs = await addBoth('single');
    await Promise.all(jobs.map(({ id }) => queue.result(id)));
    expect(trail).toEqual([expect.stringContaining('batch of 2 jobs. Ask JobContext.jobs()')]);
  });

  it('takes its options from the application, which win', async () => {
    await start({ processors: { mail: { handlers: { notify: { batch: { maxSize: 1 } } } } } });
    const job = await queue.add('notify', { user: 'ada', n: 1 });
    expect(await queue.result(job.id)).toBe(10);
  });

  it('makes one instance of a request-scoped processor for a batch; REQUEST is the list', async () => {
    @Processor({ queue: 'mail', scope: Scope.REQUEST })
    class ScopedProcessor {
      constructor(@Inject(REQUEST) private readonly jobs: readonly ActiveJob<Note>[]) {}

      @OnJobBatch(PAIR) notify(jobs: ActiveJob<Note>[]): void {
        trail.push(['same list', jobs === this.jobs]);
      }

      @OnJobSuccess() done(run: JobRun): void {
        trail.push(['hook', this.jobs.some(({ id }) => id === run.id)]);
      }
    }
    await start({}, [ScopedProcessor]);
    const jobs = await addBoth('notify');
    await Promise.all(jobs.map(({ id }) => finished(queue as never, id)));
    await closeApplications();
    expect(trail).toEqual([
      ['same list', true],
      ['hook', true],
      ['hook', true],
    ]);
  });

  it('refuses to start with options that are none, and says where', async () => {
    @Processor('mail')
    class BadProcessor {
      @OnJobBatch({ maxSize: 5_000 }) notify(_jobs: ActiveJob[]): void {}
    }
    const error = await bootError({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
      providers: [BadProcessor],
    });
    expect(error.message).toContain('BadProcessor.notify');
    expect(error.message).toContain('batch.maxSize');
  });

  it('stands beside single handlers', async () => {
    @Processor('mail')
    class BothProcessor {
      @OnJobBatch(PAIR) notify(jobs: ActiveJob<Note>[]): void {
        trail.push(jobs.length);
      }
      @OnJob() welcome(job: ActiveJob<Note>): string {
        return job.data.user;
      }
    }
    await start({}, [BothProcessor]);
    const both = queue as unknown as Queue<JobsOf<BothProcessor>>;
    const welcome = await both.add('welcome', { user: 'eve', n: 1 });
    const jobs = await addBoth('notify');
    expect(await both.result(welcome.id)).toBe('eve');
    await Promise.all(jobs.map(({ id }) => queue.result(id)));
    expect(trail).toEqual([2]);
  });
});
