/** A worker that ends when a signal asks it to, as an application does it: no `process.exit`, nothing left open. */
import { connect, silentLogger, Worker, type ActiveJob } from '@millrace/core';
import type { StopTold, StopWork } from '../support/stop-protocol.ts';

const [url = '', prefix = '', graceMs = '0'] = process.argv.slice(2);
const tell = (message: StopTold): void => void process.send?.(message);

const connection = await connect(url, { prefix, logger: silentLogger, waitUntilReady: false });
const worker = new Worker({
  connection,
  queues: 'mail',
  concurrency: 2,
  prefetch: 4,
  shutdownTimeoutMs: Number(graceMs),
  handler: run,
  logger: { ...silentLogger, warn: (message) => tell({ type: 'warning', message }) },
});

async function run({ id, data, signal }: ActiveJob<StopWork>): Promise<void> {
  tell({ type: 'running', id });
  signal.addEventListener('abort', () => tell({ type: 'aborted', id, code: (signal.reason as { code: string }).code }));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, data.runMs);
    if (data.ignoresAbort === true) return;
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
  tell({ type: 'finished', id });
}

async function end(): Promise<void> {
  tell({ type: 'stopping' });
  await worker.stop();
  await connection.close();
  tell({ type: 'stopped' });
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());
// The launcher listens for the end of its parent, which is no reason of this program to stay alive.
process.channel?.unref();
tell({ type: 'listening' });
await worker.start().then(
  () => tell({ type: 'started' }),
  (error: { readonly code: string }) => tell({ type: 'not started', code: error.code }),
);
