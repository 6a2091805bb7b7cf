/**
 * A worker in a process of its own. Its handlers write what they do into a history file, which survives kill -9, and do what
 * the job's data says. SIGTERM stops it as an application would.
 */
import { connect, Worker, type ActiveJob, type JobsError, type Logger } from '@millrace/core';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import { appendEntry, type Op } from '../support/crew/history.ts';
import type { JobData, WorkerSettings } from '../support/crew/worker-process.ts';

const settings = JSON.parse(process.argv[2] ?? '') as WorkerSettings;
const { url, prefix, history, waits, connect: connectSettings, ...workerSettings } = settings;

const say = (type: string, fields: object = {}): void => void process.send?.({ type, ...fields });
const tell = (type: string) => (message: string) => say(type, { message });
const logger: Logger = { debug: () => {}, info: () => {}, warn: tell('warn'), error: tell('error') };
const note = (op: Op, job: string, detail?: string): void => appendEntry(history, op, job, detail);

function block(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

async function handler(job: ActiveJob): Promise<string> {
  const { does, ms = 0 } = job.data as JobData;
  note('start', job.id);
  if (does === 'die') process.kill(process.pid, 'SIGKILL');
  job.signal.addEventListener('abort', () => note('abort', job.id, (job.signal.reason as JobsError).code));
  if (does === 'block') block(ms);
  else await pause(ms);
  note('end', job.id);
  return `by ${process.pid}`;
}

const connection = await connect(url, { prefix, logger, ...connectSettings });
const worker = new Worker({
  connection,
  queues: 'mail',
  handler,
  hooks: {
    onSuccess: ({ id }) => note('accepted', id),
    onTimeout: ({ id }, { kind }) => note(kind === 'lease' ? 'lost' : 'timeout', id),
  },
  ...workerSettings,
});

process.once('SIGTERM', () => {
  void worker
    .stop()
    .then(() => connection.close())
    .then(() => say('stopped'))
    // What keeps a process alive now is a leak: it has to end by itself.
    .then(() => process.channel?.unref());
});

say('begins');
if (waits === true) await once(process, 'message');
await worker.start();
process.on('message', () => say('health', { health: worker.health() }));
say('ready');
