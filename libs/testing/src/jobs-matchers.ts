import { inspect } from 'node:util';

import { TestJobs } from './test-jobs.js';

/** What the matchers add to `expect()`; merge it into the interface of your test library. */
export interface JobsMatchers<R = void> {
  /** The application has added such a job; of `data` only what is named is compared. */
  toHaveEnqueued(queue: string, name: string, data?: unknown): R;
}

interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * Matchers for Jest and Vitest.
 *
 * @example
 * expect.extend(jobsMatchers);
 * expect(jobs).toHaveEnqueued('mail', 'welcome', { userId: '42' });
 */
export const jobsMatchers = Object.freeze({
  toHaveEnqueued(received: unknown, queue: string, name: string, ...data: [] | [unknown]): Verdict {
    if (!(received instanceof TestJobs)) {
      return { pass: false, message: () => 'toHaveEnqueued() asks what JobsTesting.of(module) gives.' };
    }
    const pass = received.enqueued(queue, name, ...data).length > 0;
    const wanted = `${queue}/${name}${data.length === 0 ? '' : ` with ${inspect(data[0])}`}`;
    const there = received.enqueued().map((job) => `\n  ${job.queue}/${job.name} ${inspect(job.data)}`);
    const found = there.length === 0 ? ' Nothing was enqueued.' : ` Enqueued were:${there.join('')}`;
    return { pass, message: () => `Expected ${pass ? 'no' : 'a'} job ${wanted}.${found}` };
  },
});
