import {
  Catch,
  Injectable,
  UseFilters,
  UseGuards,
  UseInterceptors,
  ValidationPipe,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { IsInt, IsString } from 'class-validator';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Observable } from 'rxjs';
import {
  ActiveJob,
  CancelError,
  getQueueToken,
  Job,
  JobContext,
  JobData,
  JobRef,
  JobsModule,
  OnJob,
  Processor,
  Queue,
  SnoozeError,
  type StandardSchema,
} from '../../libs/nest/src/index.js';
import { closeApplications, rootOptions, startApplication } from './support/application.ts';
import { runJob } from './support/finish.ts';

class DigestDto {
  @IsString() userId!: string;
  @IsInt() pages!: number;
}

/** `{ at: "2026-01-01" }` becomes `{ at: Date }`; anything else is refused. */
const Schema: StandardSchema<{ at: string }, { at: Date }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate(value) {
      const at = (value as { at?: unknown }).at;
      return typeof at === 'string'
        ? { value: { at: new Date(at) } }
        : { issues: [{ message: 'no date', path: ['at'] }] };
    },
  },
};

@Injectable()
class Refuse implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Injectable()
class Later implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (JobContext.of(context).progressValue === undefined && seen.later++ === 0) throw new SnoozeError({ delayMs: 1 });
    return true;
  }
}

@Injectable()
class CancelIt implements NestInterceptor {
  intercept(_context: ExecutionContext, _next: CallHandler): Observable<unknown> {
    throw new CancelError('not wanted');
  }
}

@Catch(RangeError)
class Answer implements ExceptionFilter {
  catch(): string {
    return 'from the filter';
  }
}

@Catch(RangeError)
class OnlyLooks implements ExceptionFilter {
  async catch(error: Error): Promise<void> {
    seen.looked.push(error.message);
  }
}

@Catch(RangeError)
class Replace implements ExceptionFilter {
  catch(): never {
    throw new TypeError('replaced');
  }
}

const seen = { later: 0, looked: [] as string[], entered: 0 };

@Processor('mail')
class MailProcessor {
  @OnJob() digest(
    @JobData(new ValidationPipe({ transform: true })) data: DigestDto,
    @JobRef() _job: ActiveJob<DigestDto>,
  ): string {
    seen.entered++;
    return data.constructor.name;
  }

  @OnJob() scheduled(@JobData({ schema: Schema }) data: { at: Date }, @JobRef() _job: ActiveJob): string {
    return data.at.toISOString();
  }

  @OnJob() @UseGuards(Refuse) forbidden(_job: ActiveJob): void {
    seen.entered++;
  }

  @OnJob() @UseGuards(Later) later(_job: ActiveJob): string {
    return 'at last';
  }

  @OnJob() @UseInterceptors(CancelIt) unwanted(_job: ActiveJob): void {}

  @OnJob() @UseFilters(Answer) answered(_job: ActiveJob): void {
    throw new RangeError('original');
  }

  @OnJob({ maxAttempts: 1 }) @UseFilters(OnlyLooks) looked(_job: ActiveJob): void {
    throw new RangeError('original');
  }

  @OnJob({ maxAttempts: 1 }) @UseFilters(Replace) replaced(_job: ActiveJob): void {
    throw new RangeError('original');
  }
}

describe('what a refusal by an enhancer means', () => {
  let mail: Queue;

  beforeEach(async () => {
    Object.assign(seen, { later: 0, looked: [], entered: 0 });
    const { app } = await startApplication({
      imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'] }))],
      providers: [MailProcessor, Refuse, Later, CancelIt],
    });
    mail = app.get<Queue>(getQueueToken('mail'));
  });

  afterEach(closeApplications);

  const ended = (name: string, data: unknown = {}): Promise<Job> => runJob(mail, name, data);

  it('a payload that its pipe turns down makes the job broken, at once [nest:H2] [nest:H3]', async () => {
    const job = await ended('digest', { userId: 7 });
    expect(job).toMatchObject({ state: 'broken', failures: 0 });
    expect(job.error).toMatchObject({ name: 'BrokenPayloadError', cause: { name: 'BadRequestException' } });
    expect(job.error?.message).toMatch(/userId must be a string; pages must be an integer/);
    expect(seen.entered).toBe(0);
  });

  it('a good payload reaches the handler as its class [nest:H2]', async () => {
    expect(await ended('digest', { userId: 'ada', pages: 3 })).toMatchObject({
      state: 'completed',
      result: 'DigestDto',
    });
  });

  it('a schema gives the handler its output, and refuses what does not fit [nest:H2] [nest:H12]', async () => {
    expect(await ended('scheduled', { at: '2026-01-01' })).toMatchObject({ result: '2026-01-01T00:00:00.000Z' });
    const job = await ended('scheduled', { at: 5 });
    expect(job.state).toBe('broken');
    expect(job.error?.message).toContain('at: no date');
  });

  it('a guard that says no fails the job at once, as forbidden [nest:H3]', async () => {
    const job = await ended('forbidden');
    expect(job).toMatchObject({ state: 'failed', error: { code: 'FORBIDDEN', kind: 'forbidden' } });
    expect(seen.entered).toBe(0);
  });

  it('a guard may snooze the job and an interceptor cancel it, as a handler may [nest:H3]', async () => {
    expect(await ended('later')).toMatchObject({ state: 'completed', result: 'at last', failures: 0 });
    expect(await ended('unwanted')).toMatchObject({ state: 'cancelled' });
  });

  it('a filter that returns a value completes the job with it [nest:H3]', async () => {
    expect(await ended('answered')).toMatchObject({ state: 'completed', result: 'from the filter' });
  });

  it('a filter that returns nothing only looked on, an async one too [nest:H3]', async () => {
    expect(await ended('looked')).toMatchObject({ state: 'failed', error: { message: 'original' } });
    expect(seen.looked).toEqual(['original']);
  });

  it('what a filter throws decides, and the first error stays its cause [nest:H3]', async () => {
    expect(await ended('replaced')).toMatchObject({
      state: 'failed',
      error: { name: 'TypeError', message: 'replaced', cause: { message: 'original' } },
    });
  });
});
