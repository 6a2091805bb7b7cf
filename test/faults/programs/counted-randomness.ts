/**
 * Counts what is drawn at random while the package is imported, while a queue and a worker are made, and while they
 * begin. Until then every draw gives the same bytes, as in processes that were started from one snapshot.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const draw = crypto.randomBytes;
let drawn = 0;
let isFrozen = true;
Object.assign(crypto, {
  randomBytes(size: number): Buffer {
    drawn += 1;
    return isFrozen ? Buffer.alloc(size, 7) : draw(size);
  },
});
// Else `import { randomBytes }` would have the original.
syncBuiltinESMExports();

const { connect, Queue, silentLogger, Worker } = await import('@millrace/core');
const atImport = drawn;

const [url = '', prefix = ''] = process.argv.slice(2);
const connection = await connect(url, { prefix, logger: silentLogger });
const queue = new Queue('mail', { connection });
const worker = new Worker({ connection, queues: 'mail', handler: () => undefined, lease: { keeper: 'main' } });
const atConstruction = drawn;

isFrozen = false;
await worker.start();
const atStart = drawn;
const { id } = await queue.add('welcome', 1);
const atAdd = drawn;
const epoch = worker.health().queues[0]?.epoch;
await worker.stop();
await queue.close();
await connection.close();
process.send?.({ draws: [atImport, atConstruction, atStart, atAdd], epoch, id }, () => process.disconnect());
