/** A worker that is the business of its process, and reads something anew at SIGHUP. */
import { connect, runWorker, silentLogger, Worker } from '@millrace/core';

const [url = '', prefix = ''] = process.argv.slice(2);
const tell = (message: object): void => void process.send?.(message);
const errors: string[] = [];

const connection = await connect(url, { prefix, logger: silentLogger });
const worker = new Worker({ connection, queues: 'mail', handler: () => tell({ type: 'ran' }), name: 'by-signals' });
let hangups = 0;
process.channel?.unref();
const running = runWorker(worker, {
  onHangup: async () => {
    tell({ type: 'hangup', count: ++hangups });
    if (hangups === 2) throw new Error('no such file');
  },
  logger: { ...silentLogger, error: (message) => errors.push(message) },
});
tell({ type: 'listening' });
const reason = await running;
await connection.close();
tell({
  type: 'stopped',
  reason,
  errors,
  listeners: process.listenerCount('SIGHUP') + process.listenerCount('SIGTSTP'),
});
