/** Tells how many random names were drawn by importing the library, by making a queue and a worker, and by using them. */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const [url = '', prefix = ''] = process.argv.slice(2);
const { randomBytes } = crypto;
let drawn = 0;
Object.assign(crypto, {
  randomBytes: (size: number) => {
    drawn += 1;
    return randomBytes(size);
  },
});
syncBuiltinESMExports();

const { connect, Queue, silentLogger, Worker } = await import('@millrace/core');
const imported = drawn;
const connection = await connect(url, { prefix, logger: silentLogger });
const queue = new Queue('mail', { connection });
const worker = new Worker({ connection, queues: 'mail', handler: () => 1, lease: { keeper: 'main' } });
const made = drawn;
await queue.add('first', 1);
const added = drawn;
await worker.start();
const started = drawn;
await worker.stop();
await queue.close();
await connection.close();
process.send?.({ imported, made, added, started }, () => process.disconnect());
