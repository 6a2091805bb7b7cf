/** A worker whose handler `leaves` returns and leaves a promise behind that rejects while the job `next` runs. */
import { setTimeout as delay } from 'node:timers/promises';

import { connect, Queue, silentLogger, Worker } from '@millrace/core';

const [url = '', prefix = ''] = process.argv.slice(2);
const unhandled: string[] = [];
process.on('unhandledRejection', (reason) => unhandled.push((reason as Error).message));

const connection = await connect(url, { prefix, logger: silentLogger });
const queue = new Queue('mail', { connection });
const worker = new Worker({
  connection,
  queues: 'mail',
  concurrency: 1,
  handlers: {
    leaves: ({ id }) => {
      void delay(20).then(() => Promise.reject(new Error(`left by ${id}`)));
      return 'done';
    },
    next: async () => {
      while (unhandled.length === 0) await delay(5);
      return 'fine';
    },
  },
});
await worker.start();
const first = await queue.add('leaves', 1, { id: 'first' });
const next = await queue.add('next', 1, { id: 'next' });
const results = [await queue.result(first.id), await queue.result(next.id)];
const jobs = await queue.getMany([first.id, next.id]);
await worker.stop();
await queue.close();
await connection.close();
const ends = jobs.map((job) => [job?.state, job?.failures, job?.error]);
process.send?.({ type: 'over', unhandled, results, ends });
process.channel?.unref();
