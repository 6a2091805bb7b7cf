/**
 * Fills a queue with a million jobs, does everything to it, and says which command held Redis for more than 10 ms. `--jobs N` takes
 * fewer, `--only WORD,WORD` does what has one of the words in its name.
 */
import { parseArgs } from 'node:util';
import { connect, Queue, silentLogger } from '@millrace/core';
import { Redis } from 'ioredis';

import { BenchServer } from '../server.js';
import { actionsOn } from './actions.js';
import { fill, MILLION } from './fill.js';
import { beginSlowLog, LIMIT_MS, readSlowLog } from './slow-log.js';

const { values } = parseArgs({ options: { jobs: { type: 'string' }, only: { type: 'string' } } });
const { jobs = MILLION, only = '' } = values;
const words = only.split(',');

const server = await BenchServer.start('off');
const redis = new Redis({ port: server.port, host: '127.0.0.1' });
const connection = await connect(`redis://127.0.0.1:${server.port}`, { logger: silentLogger });
const queue = new Queue('million', { connection });
let isOver = false;
try {
  console.log('filling …');
  await fill(connection, queue, Number(jobs));
  console.log(JSON.stringify(await queue.counts()));
  for (const [name, act] of actionsOn(connection, queue)) {
    if (!words.some((word) => name.includes(word))) continue;
    await beginSlowLog(redis);
    const began = performance.now();
    const outcome = await act().then(
      () => '',
      (error: Error) => `failed: ${error.message}`,
    );
    const slow = await readSlowLog(redis);
    const told =
      slow === undefined ? 'ok' : `${slow.count} over ${LIMIT_MS} ms, worst ${slow.worstMs} ms: ${slow.worst}`;
    console.log(
      `${name.padEnd(36)} ${String(Math.round(performance.now() - began)).padStart(7)} ms  ${told} ${outcome}`,
    );
    isOver ||= slow !== undefined || outcome !== '';
  }
} finally {
  await queue.close();
  await connection.close();
  redis.disconnect();
  await server.stop();
}
process.exitCode = isOver ? 1 : 0;
