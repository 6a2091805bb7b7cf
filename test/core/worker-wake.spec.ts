import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Queue } from '@millrace/core';
import { within } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';

/** The poll of a worker that sleeps comes after a second at the earliest: what is faster was woken. */
const BEFORE_THE_POLL_MS = 700;

describe('new work', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    await queue.counts();
  });

  afterEach(() => harness.close());

  it('wakes a worker that sleeps [core:B13] [seed:O1, seed:I6]', async () => {
    await harness.worker({ handler: () => 'done' });
    for (let round = 0; round < 10; round++) {
      const { id } = await queue.add('first', round);
      expect(await within('the job', queue.result(id), BEFORE_THE_POLL_MS)).toBe('done');
    }
  });

  it('that comes while a worker goes to sleep is not left to the poll [core:B13]', async () => {
    for (let round = 0; round < 10; round++) {
      const worker = await harness.worker({ handler: () => 'done' });
      const { id } = await queue.add('first', round);
      expect(await within('the job', queue.result(id), BEFORE_THE_POLL_MS)).toBe('done');
      await worker.stop();
    }
  });

  it('is spread over the workers that sleep, and each job runs once [core:B13]', async () => {
    const ran = new Map<string, number>();
    const count = ({ id }: { id: string }): void => void ran.set(id, (ran.get(id) ?? 0) + 1);
    for (let n = 0; n < 5; n++) await harness.worker({ handler: count, connection: await harness.connect() });
    for (let round = 0; round < 20; round++) {
      const jobs = await queue.addMany(Array.from({ length: 10 }, (_, data) => ({ name: 'first', data })));
      await within('the jobs', Promise.all(jobs.map(({ id }) => queue.result(id))), BEFORE_THE_POLL_MS);
    }
    expect([...ran.values()]).toEqual(Array.from({ length: 200 }, () => 1));
  });
});
