import {
  ActiveJob,
  defineQueue,
  job,
  JobData,
  JobRef,
  JobRun,
  OnJob,
  OnJobBatch,
  OnJobFailure,
  OnJobStart,
  OnJobSuccess,
  type FailureInfo,
  type JobOf,
  type JobsOf,
  type Queue,
  type QueueOf,
} from '@millrace/nestjs';
import { of, type Observable } from 'rxjs';

class Dto {
  pages!: number;
}

const Mail = defineQueue('mail', { welcome: job<{ userId: string }>(), 'mail.digest': job<Dto>().returns<number>() });

/** Everything in here compiles, or is expected not to: a test lets the compiler look at it, and nothing runs it. */
export class Handlers {
  @OnJob() welcome(_job: ActiveJob<{ userId: string }>): void {}
  @OnJob() 'mail.quoted'(_job: ActiveJob): void {}
  @OnJob() repeated(_job: ActiveJob<Dto, 'repeated'>): void {}
  @OnJob({ timeoutMs: 5 }) sugar(@JobData() _data: Dto, @JobRef() _job: ActiveJob): Observable<number> {
    return of(1);
  }
  @OnJob('named') differently(_job: ActiveJob<Dto, 'named'>): string {
    return '';
  }
  @OnJobBatch({ maxSize: 5 }) together(_jobs: ActiveJob<Dto>[]): void {}
  @OnJobBatch('pairs', { key: (dto: Dto) => String(dto.pages) }) pairs(_jobs: readonly ActiveJob<Dto>[]): void {}
  @OnJobBatch('mail.pairs') otherPairs(_jobs: ActiveJob<Dto, 'mail.pairs'>[]): void {}
  // @ts-expect-error the jobs would be known as `misnamed`
  @OnJobBatch('mail.x') misnamed(_jobs: ActiveJob<Dto>[]): void {}
  // @ts-expect-error the key is made of other data
  @OnJobBatch({ key: (other: { a: 1 }) => String(other.a) }) keyed(_jobs: ActiveJob<Dto>[]): void {}
  @OnJob('*') any(_job: ActiveJob): void {}
  @OnJob(Mail.jobs['mail.digest']) async digest(_job: JobOf<(typeof Mail.jobs)['mail.digest']>): Promise<number> {
    return 1;
  }
  @OnJob(Mail.jobs['mail.digest']) async goesOn(job: ActiveJob<Dto>) {
    return job.data.pages > 1 ? job.completeWith(1, { name: 'next' }) : job.moveTo('later');
  }
  // @ts-expect-error the contract wants a number to complete with
  @OnJob(Mail.jobs['mail.digest']) async goesOnWith(job: ActiveJob<Dto>) {
    return job.completeWith('one', { name: 'next' });
  }
  @OnJob() dated(job: ActiveJob<{ at: Date }>): string {
    // A Date has been through JSON when it arrives.
    return job.data.at.slice(0, 10);
  }
  @OnJob() mapped(_job: ActiveJob<{ rows: Map<string, number> }>): void {}
  @OnJob(Mail.jobs.welcome) hello(_job: ActiveJob<{ userId: string }>): void {}

  // @ts-expect-error the job is named by the method, not by the parameter
  @OnJob() wrong(_job: ActiveJob<Dto, 'right'>): void {}
  // @ts-expect-error a renamed handler must say its name where JobsOf sees it
  @OnJob('renamed') unnamed(_job: ActiveJob<Dto>): void {}
  // @ts-expect-error the two names differ
  @OnJob('one') two(_job: ActiveJob<Dto, 'two'>): void {}
  // @ts-expect-error the contract gives other data
  @OnJob(Mail.jobs.welcome) otherData(_job: ActiveJob<{ userId: number }>): void {}
  // @ts-expect-error the contract wants a number
  @OnJob(Mail.jobs['mail.digest']) otherResult(_job: ActiveJob<Dto>): string {
    return '';
  }
  // @ts-expect-error no such option
  @OnJob({ attempts: 3 }) misspelt(_job: ActiveJob): void {}

  @OnJobStart() started(_run: JobRun): void {}
  @OnJobSuccess('welcome') narrowed(_run: JobRun<{ userId: string }>, _result: unknown): void {}
  @OnJobFailure() failed(_run: JobRun, _error: Error, _info: FailureInfo): void {}
  // @ts-expect-error a hook has no powers of a handler, so it cannot be taken for one
  @OnJobStart() powers(_job: ActiveJob): void {}
}

export function producers(queue: Queue<JobsOf<Handlers>>, contract: QueueOf<typeof Mail>): unknown[] {
  return [
    queue.add('welcome', { userId: '1' }),
    queue.add('mail.quoted', 'anything'),
    queue.add('named', { pages: 1 }),
    queue.add('sugar', { pages: 1 }),
    contract.add('mail.digest', { pages: 1 }),
    queue.add('dated', { at: new Date() }),
    // @ts-expect-error JSON cannot keep a Map
    queue.add('mapped', { rows: new Map([['a', 1]]) }),
    // @ts-expect-error it is called by its job's name
    queue.add('differently', { pages: 1 }),
    // @ts-expect-error a hook is no job
    queue.add('started', {}),
    // @ts-expect-error other data
    queue.add('welcome', { userId: 1 }),
    // @ts-expect-error no such job
    contract.add('mail.digets', { pages: 1 }),
  ];
}
