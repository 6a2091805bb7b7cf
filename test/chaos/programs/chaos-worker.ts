/** A worker of a chaos run. It takes the jobs of all queues, and writes down what it does and what it is told. */
import { batch, Worker, type ActiveJob, type JobRun, type WorkerHooks } from '@millrace/core';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChaosProcess } from './chaos-process.ts';
import { markOf, QUEUES, runIn, textOf, type Work, type WorkName } from './work.ts';

const CONCURRENCY = 6;
/** Below the time in which a process that was asked to end has to be gone. */
const SHUTDOWN_MS = 1_500;
/** As many starts in one turn of the event loop are a batch. */
const BATCH = 3;

const self = new ChaosProcess();
let runs = 0;
let startsOfTurn = 0;
/** The run of a job that this process started last, by queue and id. */
const running = new Map<string, string>();

function countStart(): void {
  if (startsOfTurn === 0) setImmediate(() => (startsOfTurn = 0));
  startsOfTurn += 1;
  if (startsOfTurn === BATCH) self.pass('mid-batch');
}

/** Notes the start of a run, and returns its name. */
function begin({ id, queue, data }: ActiveJob<Work>): string {
  runs += 1;
  const name = `${self.settings.label}-${runs}`;
  running.set(`${queue}/${id}`, name);
  const isWhole = data.text === textOf(data.n);
  self.note({
    op: 'start',
    id,
    queue,
    run: name,
    n: data.n,
    ...(!isWhole && { detail: 'the data is not what was sent' }),
  });
  self.pass('handler-start');
  countStart();
  return name;
}

function end({ id, queue, data, failures }: ActiveJob<Work>, run: string): { mark: string } {
  self.note({ op: 'effect', id, queue, run });
  self.pass('after-effect');
  if (failures < data.fails && data.lateMs === undefined) throw new Error(`fails as it was told ${markOf(run)}`);
  return { mark: markOf(run) };
}

async function run(job: ActiveJob<Work>): Promise<{ mark: string }> {
  const name = begin(job);
  const { ms, fails, lateMs = ms } = job.data;
  await sleep(job.failures < fails ? lateMs : ms);
  return end(job, name);
}

const gather = batch<Work>({ maxSize: 5, graceMs: 60 }, async (jobs) => {
  const names = jobs.map((job) => begin(job));
  await sleep(Math.max(...jobs.map(({ data }) => data.ms)));
  return Promise.allSettled(jobs.map(async (job, index) => end(job, names[index] ?? '')));
});

function told(op: 'success' | 'failure' | 'lost', { id, queue }: JobRun, text?: string): void {
  const found = text === undefined ? running.get(`${queue}/${id}`) : runIn(text);
  self.note({ op, id, queue, run: found ?? '' });
}

const hooks: WorkerHooks = {
  onSuccess: (job, result) => told('success', job, (result as { mark: string }).mark),
  onFailure: (job, error) => told('failure', job, error.message),
  onTimeout: (job, { kind }) => told(kind === 'lease' ? 'lost' : 'failure', job),
};

const connection = await self.connect();
const worker = new Worker({
  connection,
  queues: Object.values(QUEUES),
  handlers: { work: run, gather } satisfies Record<WorkName, unknown>,
  hooks,
  concurrency: CONCURRENCY,
  lease: { durationMs: self.settings.leaseMs },
  shutdownTimeoutMs: SHUTDOWN_MS,
  name: self.settings.label,
});
self.endsBy(async () => {
  await worker.stop();
  await connection.close();
});
const hasStarted = await worker.start().then(
  () => true,
  (error: unknown) => {
    if (!self.isEnding) throw error;
    return false;
  },
);
if (hasStarted) self.note({ op: 'ready' });
