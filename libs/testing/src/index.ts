/** `@millrace/testing`: tests of applications that use Millrace. Virtual time, real Redis, handlers within their enhancers. */
export { createTestJob, TestJob, type TestJobFacts } from './test-job.js';
export { JobsTesting } from './jobs-testing.js';
export { JobsTestingModule } from './jobs-testing.module.js';
export { jobsMatchers, type JobsMatchers } from './jobs-matchers.js';
export { TestJobs } from './test-jobs.js';
export type { EnqueuedJob } from './recorder.js';
export type { TestOptions } from './test-root.js';
