import type { INestApplicationContext } from '@nestjs/common';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { getOptionsToken, type JobsModuleOptions } from '@millrace/nestjs';

import { TestJobs } from './test-jobs.js';
import { TestRoot, type TestOptions } from './test-root.js';

/** Puts the jobs of an application under the control of its test. */
export class JobsTesting {
  private constructor() {}

  /**
   * Overrides the options of a root of the application: keys of its own, virtual time, and workers that run only when the test
   * says so. Other roots have names: call it for each. What the application says in `forRoot()` is replaced; say again what
   * the test needs.
   *
   * @example const module = await JobsTesting.override(Test.createTestingModule({ imports: [AppModule] })).compile();
   */
  static override(
    builder: TestingModuleBuilder,
    options: TestOptions & { readonly root?: string } = {},
  ): TestingModuleBuilder {
    const { root, ...said } = options;
    const testRoot = new TestRoot(said);
    const value: JobsModuleOptions = { ...testRoot.options };
    // Nest calls it on every provider, and the check of options does not see it.
    Object.defineProperty(value, 'beforeApplicationShutdown', { value: () => testRoot.removeKeys() });
    return builder.overrideProvider(getOptionsToken(root)).useValue(value);
  }

  /**
   * What a test does with the jobs of an application that was made by {@link override}, or with `JobsTestingModule`.
   *
   * @throws TypeError when the application lives by real time
   */
  static of(app: INestApplicationContext, root?: string): TestJobs {
    const { clock } = app.get<JobsModuleOptions>(getOptionsToken(root), { strict: false });
    const testRoot = TestRoot.of(clock);
    if (testRoot === undefined) {
      throw new TypeError(
        'This application runs its jobs by itself. Make it with JobsTesting.override(Test.createTestingModule(…)), or import JobsTestingModule.forRoot().',
      );
    }
    return TestJobs.of(app, testRoot, root);
  }
}
