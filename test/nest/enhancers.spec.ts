import {
  Catch,
  createParamDecorator,
  Inject,
  Injectable,
  Module,
  Scope,
  SetMetadata,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, Reflector, REQUEST } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { tap, type Observable } from 'rxjs';
import {
  ActiveJob,
  getQueueToken,
  isJobContext,
  JobContext,
  JobData,
  JobRef,
  JobsModule,
  JobSignal,
  OnJob,
  Processor,
  Queue,
  type JobsRootOptions,
} from '../../libs/nest/src/index.js';
import { closeApplications, rootOptions, startApplication, type TestApplication } from './support/application.ts';

const trail: string[] = [];

@Injectable()
class Trace implements CanActivate, NestInterceptor {
  canActivate(context: ExecutionContext): boolean {
    trail.push(`class guard ${JobContext.of(context).name}`);
    return true;
  }
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    trail.push('method interceptor');
    return next.handle().pipe(tap((value) => trail.push(`after ${String(value)}`)));
  }
}

/** What nearly every HTTP application has: it knows nothing of jobs. */
@Injectable()
class JwtGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>();
    return request.headers.authorization !== undefined;
  }
}

@Catch()
class HttpFilter implements ExceptionFilter {
  catch(_error: unknown, host: ExecutionContext): void {
    host.switchToHttp().getResponse<{ status(code: number): void }>().status(500);
  }
}

@Injectable()
class GlobalInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (isJobContext(context)) trail.push('global interceptor');
    return next.handle();
  }
}

const Tenant = createParamDecorator((key: string, context: ExecutionContext) => JobContext.of(context).meta[key]);

@Processor('mail')
@UseGuards(Trace)
class MailProcessor {
  @OnJob()
  @UseInterceptors(Trace)
  welcome(job: ActiveJob): string {
    trail.push(`handler ${job.name}`);
    return 'done';
  }

  @OnJob({ maxAttempts: 1 }) declined(_job: ActiveJob): void {
    throw new Error('card declined');
  }

  @OnJob() parameters(
    @JobData('user') user: string,
    @JobSignal() signal: AbortSignal,
    @Tenant('tenant') tenant: string,
    @JobRef() job: ActiveJob<{ user: string }>,
  ): unknown {
    return [user, signal.aborted, tenant, job.name];
  }
}

async function start(options: JobsRootOptions, providers: object[]): Promise<TestApplication & { mail: Queue }> {
  @Module({
    imports: [JobsModule.forRoot(rootOptions({ queues: ['mail'], ...options }))],
    providers: [MailProcessor, Trace, ...(providers as [])],
  })
  class AppModule {}
  const started = await startApplication({ imports: [AppModule] });
  return { ...started, mail: started.app.get<Queue>(getQueueToken('mail')) };
}

afterEach(async () => {
  trail.length = 0;
  await closeApplications();
});

describe('enhancers of a handler', () => {
  it('run for jobs: those of the class and the method, in the order of Nest [nest:H1]', async () => {
    const { mail } = await start({}, []);
    const job = await mail.add('welcome', {});
    expect(await mail.result(job.id)).toBe('done');
    expect(trail).toEqual(['class guard welcome', 'method interceptor', 'handler welcome', 'after done']);
  });

  it('do not include global ones, which are made for requests [nest:H1]', async () => {
    const globals = [
      { provide: APP_GUARD, useClass: JwtGuard },
      { provide: APP_FILTER, useClass: HttpFilter },
      { provide: APP_INTERCEPTOR, useClass: GlobalInterceptor },
    ];
    const { mail } = await start({}, globals);
    const good = await mail.add('welcome', {});
    expect(await mail.result(good.id)).toBe('done');
    expect(trail).not.toContain('global interceptor');
    const bad = await mail.add('declined', {});
    await expect(mail.result(bad.id)).rejects.toMatchObject({ error: { message: 'card declined' } });
  });

  it('include the kinds of global ones that were asked for [nest:H1]', async () => {
    const globals = [
      { provide: APP_GUARD, useClass: JwtGuard },
      { provide: APP_INTERCEPTOR, useClass: GlobalInterceptor },
    ];
    const { mail } = await start({ globalEnhancers: ['interceptors'] }, globals);
    const job = await mail.add('welcome', {});
    expect(await mail.result(job.id)).toBe('done');
    expect(trail).toEqual([
      'class guard welcome',
      'global interceptor',
      'method interceptor',
      'handler welcome',
      'after done',
    ]);
  });

  it('include request-scoped global ones that were asked for, made for each job [nest:H1]', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerJob implements CanActivate {
      constructor(@Inject(REQUEST) private readonly job: ActiveJob) {}
      canActivate(): boolean {
        trail.push(`global guard of ${this.job.name}`);
        return true;
      }
    }
    const { mail } = await start({ globalEnhancers: ['guards'] }, [{ provide: APP_GUARD, useClass: PerJob }]);
    const job = await mail.add('welcome', {});
    expect(await mail.result(job.id)).toBe('done');
    expect(trail.slice(0, 2)).toEqual(['global guard of welcome', 'class guard welcome']);
  });

  it('find the metadata of the method, and its name [nest:H1]', async () => {
    @Injectable()
    class Roles implements CanActivate {
      constructor(private readonly reflector: Reflector) {}
      canActivate(context: ExecutionContext): boolean {
        trail.push(`${context.getClass().name}.${context.getHandler().name}`);
        trail.push(this.reflector.getAllAndOverride<string>('role', [context.getHandler(), context.getClass()]));
        return true;
      }
    }
    @Processor('reports')
    @SetMetadata('role', 'class')
    class Reports {
      @OnJob() @UseGuards(Roles) @SetMetadata('role', 'method') night(_job: ActiveJob): void {}
    }
    const { app } = await start({ queues: ['mail', 'reports'] }, [Reports, Roles]);
    const reports = app.get<Queue>(getQueueToken('reports'));
    await reports.result((await reports.add('night', {})).id);
    expect(trail).toEqual(['Reports.night', 'method']);
  });

  it('leave the context of a request alone: isJobContext() tells them apart [nest:H1]', () => {
    const ofRequest = { getType: () => 'http', getArgByIndex: () => ({}) } as unknown as ExecutionContext;
    expect(isJobContext(ofRequest)).toBe(false);
    expect(() => JobContext.of(ofRequest)).toThrow(/type "http"/);
  });
});

describe('parameters of a handler', () => {
  it('are the payload or a field of it, the signal, the job, and what custom decorators make [nest:H2]', async () => {
    const { mail } = await start({}, []);
    const job = await mail.add('parameters', { user: 'ada' }, { meta: { tenant: 'acme' } });
    expect(await mail.result(job.id)).toEqual(['ada', false, 'acme', 'parameters']);
  });

  it('belong to the right job when many run at once [nest:H2]', async () => {
    const { mail } = await start({ worker: { concurrency: 20 } }, []);
    const jobs = await mail.addMany(
      Array.from({ length: 100 }, (_, i) => ({
        name: 'parameters',
        data: { user: `u${i}` },
        options: { meta: { tenant: `t${i}` } },
      })),
    );
    const results = await Promise.all(jobs.map(({ id }) => mail.result(id)));
    expect(results).toEqual(jobs.map((_, i) => [`u${i}`, false, `t${i}`, 'parameters']));
  });
});
