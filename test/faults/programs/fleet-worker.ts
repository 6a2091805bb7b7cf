/**
 * A worker in a process of its own, which writes down what it does. Its jobs say what happens to it: `wait` takes `ms`,
 * `block` too, and blocks the event loop, `hold` lasts until it is told to end or is aborted, `die` kills the process
 * after `ms`. In their first worker only: `effect` kills it once its handler is through, `detach` leaves a rejected promise
 * behind, `family` adds a job and kills it before another one that waits for the first. `grow` fills the heap. `together` runs in batches of five at most, each as long as its longest job; a job with -1 kills the process.
 */
import {
  batch,
  connect,
  Queue,
  silentLogger,
  Worker,
  type ActiveJob,
  type AnyJobs,
  type JobsError,
  type WorkerHooks,
} from '@millrace/core';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker as Thread } from 'node:worker_threads';
import { note, type Line } from '../support/fleet/history.ts';
import type { Answer, Order, ProcessSettings } from '../support/fleet/protocol.ts';

type Act = (job: ActiveJob<{ ms: number }>) => unknown;

const settings = JSON.parse(process.argv[2] ?? '') as ProcessSettings;
const { url, prefix, folder, commandTimeoutMs, hearsOfSuccess = false, ...options } = settings;
// The last one: Node 24 tells of the thread that loads modules, too.
let keeper: Thread | undefined;
process.on('worker', (thread) => (keeper = thread));

let release = (): void => undefined;
const released = new Promise<void>((resolve) => (release = resolve));

const ACTS: Readonly<Record<string, Act>> = {
  effect: () => undefined,
  wait: ({ data }) => sleep(data.ms),
  block: ({ data }) => {
    for (const until = performance.now() + data.ms; performance.now() < until;);
  },
  hold: ({ signal }) => Promise.race([released, once(signal, 'abort')]),
  die: async ({ data }) => {
    await sleep(data.ms);
    process.kill(process.pid, 'SIGKILL');
  },
  detach: async ({ data, redelivered }) => {
    if (!redelivered) void sleep(10).then(() => Promise.reject(new Error('nobody waits for this')));
    await sleep(data.ms);
  },
  family: async ({ id, queue: name, redelivered }) => {
    const queue = new Queue<AnyJobs>(name, { connection });
    await queue.add('wait', { ms: 1 }, { id: `${id}-parent` });
    if (!redelivered) process.kill(process.pid, 'SIGKILL');
    await queue.add('wait', { ms: 1 }, { id: `${id}-child`, dependsOn: [`${id}-parent`] });
    await queue.close();
  },
  grow: async () => {
    for (const kept: unknown[] = []; ; await sleep(0)) kept.push(Array.from({ length: 1_000_000 }, () => ({})));
  },
};

/** The moment after a handler and before its end can be handed in. */
async function effect({ redelivered }: ActiveJob): Promise<void> {
  if (!redelivered) process.kill(process.pid, 'SIGKILL');
}

function noted(act: Act): Act {
  return async (job) => {
    const { id, signal } = job;
    const told = (op: Line['op'], detail?: string): void => note(folder, { op, id, ...(detail && { detail }) });
    told('start', job.redelivered ? 'redelivered' : undefined);
    signal.addEventListener('abort', () => told('abort', (signal.reason as JobsError).code));
    await act(job);
    told('end');
    if (job.name === 'effect') await effect(job);
    return process.pid;
  };
}

const together = batch<{ ms: number; key: string }>(
  { maxSize: 5, graceMs: 50, key: ({ key }) => key },
  async (jobs) => {
    for (const { id } of jobs) note(folder, { op: 'start', id, detail: jobs.map((job) => job.id).join(' ') });
    if (jobs.some(({ data }) => data.ms === -1)) process.kill(process.pid, 'SIGKILL');
    await sleep(Math.max(...jobs.map(({ data }) => data.ms)));
  },
);

const hooks: WorkerHooks = {
  ...(hearsOfSuccess && { onSuccess: ({ id }) => note(folder, { op: 'success', id }) }),
  onTimeout: ({ id }, { kind }) => note(folder, { op: 'timeout', id, detail: kind }),
  onPermanentFailure: ({ id }, error) =>
    note(folder, { op: 'permanent', id, detail: (error as JobsError).code ?? error.name }),
};

const tell = (message: string): void => {
  // Written at once, so that last words are not lost.
  console.error(message);
  say({ type: 'logged', message });
};
const logger = { ...silentLogger, warn: tell, error: tell };
const connection = await connect(url, { prefix, commandTimeoutMs, logger });
let worker: Worker | undefined;

async function work(queue: string): Promise<void> {
  await worker?.stop();
  worker = new Worker({
    connection,
    queues: queue,
    handlers: { ...Object.fromEntries(Object.entries(ACTS).map(([name, act]) => [name, noted(act)])), together },
    hooks,
    ...options,
  });
  await worker.start();
  say({ type: 'working', queue });
}

function tellHealth(): void {
  const health = worker?.health();
  const { epoch, running = 0, buffered = 0, zombies = 0 } = health?.queues[0] ?? {};
  say({ type: 'health', keeper: health?.keeper, epoch, running, buffered, zombies });
}

function endKeeper(how: 'terminate' | 'crash'): void {
  // What the thread is told without the memory of an epoch it cannot read: an exception that nobody catches.
  if (how === 'crash') keeper?.postMessage({ type: 'keep' });
  else void keeper?.terminate();
}

function say(answer: Answer): void {
  process.send?.(answer);
}

process.on('message', (order: Order) => {
  if (order.type === 'work') void work(order.queue);
  else if (order.type === 'release') release();
  else if (order.type === 'health') tellHealth();
  else endKeeper(order.how);
});
say({ type: 'ready' });
