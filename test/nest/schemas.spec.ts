import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ActiveJob,
  defineQueue,
  getQueueToken,
  job,
  JobsModule,
  OnJob,
  Processor,
  Queue,
  type JobOf,
  type StandardSchema,
} from '../../libs/nest/src/index.js';
import { closeApplications, rootOptions, startApplication } from './support/application.ts';

/** A text becomes a number. */
const Count: StandardSchema<{ n: string }, { n: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate(value) {
      const n = Number((value as { n?: unknown }).n);
      return Number.isNaN(n) ? { issues: [{ message: 'no number', path: ['n'] }] } : { value: { n } };
    },
  },
};
const Counts = defineQueue('counts', { double: job(Count).returns<number>() });

@Processor(Counts)
class ByContract {
  @OnJob(Counts.jobs.double) run({ data }: JobOf<(typeof Counts.jobs)['double']>): number {
    return data.n * 2;
  }
}

@Processor('plain')
class ByRegistration {
  @OnJob() double({ data }: ActiveJob<{ n: number }>): number {
    return data.n * 2;
  }
}

describe('the schema of a contract', () => {
  afterEach(closeApplications);

  it.each([
    ['of defineQueue(), in the queue and in the handler', 'counts', JobsModule.registerQueue(Counts), ByContract],
    [
      'of registerQueue({ jobs }), where there is no contract',
      'plain',
      JobsModule.registerQueue({ name: 'plain', jobs: { double: { schema: Count } } }),
      ByRegistration,
    ],
  ])('is looked at: %s [nest:H12, seed:O21]', async (_, name, registration, processor) => {
    const { app } = await startApplication({
      imports: [JobsModule.forRoot(rootOptions()), registration],
      providers: [processor],
    });
    const queue = app.get<Queue>(getQueueToken(name));
    await expect(queue.add('double', { n: 'x' })).rejects.toMatchObject({ code: 'PAYLOAD', path: 'data.n' });
    const { id } = await queue.add('double', { n: '21' });
    expect(await queue.result(id)).toBe(42);
  });
});
