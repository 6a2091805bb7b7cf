/**
 * Starts and closes an application for each row of the lifecycle table and reports what its hooks saw. Also copied into an
 * application with another Nest, so it imports nothing but packages.
 */
import 'reflect-metadata';
import {
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type INestApplicationContext,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { ActiveJob, getQueueToken, JobsModule, JobsRunner, OnJob, Processor, Queue } from '@millrace/nestjs';

/** One row: how the application is made and what imports what. */
interface Row {
  readonly kind: 'context' | 'http' | 'microservice';
  readonly isJobsGlobal: boolean;
  readonly isDbGlobal: boolean;
  readonly isJobsFirst: boolean;
  readonly isNested: boolean;
}

const [connection = '', prefix = ''] = process.argv.slice(2);
const BOTH = [true, false];

/** A microservice that nobody talks to. */
class Silent extends Server implements CustomTransportStrategy {
  listen(done: () => void): void {
    done();
  }
  close(): void {}
  on(): void {}
  unwrap<T>(): T {
    return undefined as T;
  }
}

/** What the hooks of a row's own providers saw that they should not. */
async function faultsOf(row: Row): Promise<string[]> {
  const faults: string[] = [];

  @Injectable()
  class Watch {
    constructor(
      @Inject(JobsRunner) private readonly runner: JobsRunner,
      @Inject(getQueueToken('mail')) private readonly mail: Queue,
    ) {}
    started(who: string): void {
      if (this.runner.health().workers.length > 0) faults.push(`workers started before ${who} was`);
    }
    destroyed(who: string): void {
      const states = this.runner.health().workers.map(({ health }) => health.state);
      if (states.length !== 1 || states[0] !== 'stopped')
        faults.push(`${who} was destroyed while workers were ${states.join()}`);
    }
    async closed(who: string): Promise<void> {
      const isOpen = await this.mail.add('after', {}).then(
        () => true,
        () => false,
      );
      if (!isOpen) faults.push(`the connection was closed before ${who} was`);
    }
  }

  /** A provider with all hooks, as an application has them everywhere. */
  function watched(name: string): Type {
    @Injectable()
    class Watched {
      constructor(@Inject(Watch) private readonly watch: Watch) {}
      onApplicationBootstrap(): void {
        this.watch.started(name);
      }
      onModuleDestroy(): void {
        this.watch.destroyed(name);
      }
      onApplicationShutdown(): Promise<void> {
        return this.watch.closed(name);
      }
    }
    return Watched;
  }

  @Module({ providers: [Watch], exports: [Watch] })
  class WatchModule {}

  const db = watched('Db');
  @Module({})
  class DbModule {}
  const dbModule: DynamicModule = {
    module: DbModule,
    global: row.isDbGlobal,
    imports: [WatchModule],
    providers: [db],
    exports: [db],
  };

  @Processor('mail')
  class MailProcessor {
    @OnJob() welcome(_job: ActiveJob): void {}
  }
  @Module({ imports: [dbModule, WatchModule], providers: [MailProcessor, watched('Feature')] })
  class FeatureModule {}

  const options = { connection, prefix: `${prefix}${Math.random()}`, queues: ['mail'], signals: false };
  const jobs = {
    ...JobsModule.forRoot({ ...options, worker: { lease: { keeper: 'main' } } }),
    global: row.isJobsGlobal,
  };
  @Module({ imports: [jobs] })
  class InfrastructureModule {}
  const jobsImport = row.isNested ? InfrastructureModule : jobs;
  const others = [dbModule, FeatureModule, WatchModule];
  @Module({ imports: row.isJobsFirst ? [jobsImport, ...others] : [...others, jobsImport], providers: [watched('App')] })
  class AppModule {}

  const app = await start(row.kind, AppModule);
  await app.close();
  return faults;
}

async function start(kind: Row['kind'], module: Type): Promise<INestApplicationContext> {
  const quiet = { logger: ['warn', 'error', 'fatal'] as ['warn', 'error', 'fatal'], abortOnError: false };
  if (kind === 'context') return NestFactory.createApplicationContext(module, quiet);
  if (kind === 'microservice') {
    const app = await NestFactory.createMicroservice(module, { ...quiet, strategy: new Silent() });
    await app.listen();
    return app;
  }
  const app = await NestFactory.create(module, quiet);
  await app.listen(0, '127.0.0.1');
  return app;
}

for (const kind of ['context', 'http', 'microservice'] as const) {
  for (const isJobsGlobal of BOTH) {
    for (const isDbGlobal of BOTH) {
      for (const isJobsFirst of BOTH) {
        for (const isNested of BOTH) {
          const row = { kind, isJobsGlobal, isDbGlobal, isJobsFirst, isNested };
          const faults = await faultsOf(row).catch((error: unknown) => [String(error)]);
          process.send?.({ type: 'row', row, faults });
        }
      }
    }
  }
}
process.send?.({ type: 'end' });
