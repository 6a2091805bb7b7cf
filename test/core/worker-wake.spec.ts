import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, silentLogger, type ActiveJob, type AnyJobs, type Queue } from '@millrace/core';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor, within } from '../support/wait-for.ts';
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

  it('that came while a worker could not hear of it is taken when it can again [core:B13] [case:R22]', async () => {
    const redis = await RedisServer.start();
    const own = new Harness(redis.url);
    const address = { host: '127.0.0.1', port: redis.port, retryStrategy: () => 100 };
    const connection = await connect(address, { prefix: own.prefix, logger: silentLogger });
    try {
      const ran = new Set<unknown>();
      const mail = await own.queue();
      await own.worker({ connection, handler: ({ data }: ActiveJob) => void ran.add(data) });
      for (let round = 0; round < 3; round++) {
        await mail.add('any', `heard ${round}`);
        // It sleeps from now on, with its whole poll before it.
        await waitFor('it to run', () => ran.has(`heard ${round}`));
        await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
        await mail.add('any', `not heard ${round}`);
        expect(await redis.command('PUBSUB', 'CHANNELS')).toBe('*0\r\n');
        await waitFor('the other one', () => ran.has(`not heard ${round}`), { timeoutMs: BEFORE_THE_POLL_MS });
      }
    } finally {
      await own.close();
      await connection.close();
      await redis.stop();
    }
  });
});
