import { Module, type BeforeApplicationShutdown, type DynamicModule } from '@nestjs/common';
import { JobsModule, type JobsRootOptions } from '@millrace/nestjs';

import { TestRoot, type TestOptions } from './test-root.js';

/**
 * The root module of a test that puts its own modules together: as `JobsModule.forRoot()`, with keys of its own, virtual
 * time, and workers that run only when the test says so. `JobsTesting.of(module)` gives what the test does with jobs.
 *
 * @example Test.createTestingModule({ imports: [JobsTestingModule.forRoot({ queues: ['mail'] })], providers: [MailProcessor] })
 */
@Module({})
export class JobsTestingModule {
  static forRoot({ name, ...options }: TestOptions & Pick<JobsRootOptions, 'name'> = {}): DynamicModule {
    const root = new TestRoot(options);
    const said: JobsRootOptions = name === undefined ? root.options : { ...root.options, name };
    const remover: BeforeApplicationShutdown = { beforeApplicationShutdown: () => root.removeKeys() };
    return {
      module: JobsTestingModule,
      imports: [JobsModule.forRoot(said)],
      providers: [{ provide: root.prefix, useValue: remover }],
    };
  }
}
