/** What options of BullMQ and its kin are called here: the sentence that follows `Unknown option "attempts" in …`. */

const KEEP = 'In Millrace it is keep: { completed, failed }, and config.set({ keep }) for the queue.';
const LIMITER = 'Limits belong to the queue: queue.config.set({ rateLimit: { max, perMs } }), changed while it runs.';
const LATER = 'This version does not have it yet.';

/** Names of other queues in the options of one job. */
export const FOREIGN_JOB_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['attempts', 'In Millrace it is maxAttempts.'],
  ['delay', 'In Millrace it is delayMs.'],
  ['jobId', 'In Millrace it is id.'],
  ['removeOnComplete', KEEP],
  ['removeOnFail', KEEP],
  [
    'repeat',
    'In Millrace it is a schedule of its own, not an option of a job: queue.schedule(id, { cron }, { name, data }), or @Recurring({ cron }).',
  ],
  ['lifo', "Jobs of one priority run first in, first out; for the front use priority: 'high'."],
  ['parent', `In Millrace it is dependsOn. ${LATER}`],
  ['dependsOn', LATER],
  ['onDependencyFailure', LATER],
  ['failParentOnFailure', `In Millrace it is onDependencyFailure. ${LATER}`],
  ['deduplication', 'In Millrace it is unique.'],
  ['debounce', "In Millrace it is unique, with onConflict: 'replace'."],
  ['ttl', 'In Millrace it is expiresInMs (not started by then) or timeoutMs (running longer than that).'],
  ['timeout', 'In Millrace it is timeoutMs.'],
  ['timestamp', 'The time at which a job was added is the server’s.'],
  ['sizeLimit', 'In Millrace it is maxPayloadBytes of the queue.'],
]);

/** Names of other queues in the options of a backoff. */
export const FOREIGN_BACKOFF_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['delay', 'In Millrace it is delayMs.'],
  ['maxDelay', 'In Millrace it is maxMs.'],
]);

/** Names of other queues in the options of a schedule. */
export const FOREIGN_SCHEDULE_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['pattern', 'In Millrace it is cron.'],
  ['every', 'In Millrace it is everyMs.'],
  ['interval', 'In Millrace it is everyMs.'],
  ['timezone', 'In Millrace it is tz.'],
  ['timeZone', 'In Millrace it is tz.'],
  ['startDate', 'In Millrace it is startAt.'],
  ['endDate', 'In Millrace it is endAt.'],
  ['offset', 'In Millrace it is startAt: the first time.'],
  ['immediately', 'In Millrace it is triggerNow(id), beside the schedule.'],
  ['waitForCompletion', "In Millrace it is overlap: 'skip'."],
]);

/** Names of other queues in the options of a queue. */
export const FOREIGN_QUEUE_OPTIONS: ReadonlyMap<string, string> = new Map([
  [
    'prefix',
    "The prefix of all keys belongs to the connection: connect(url, { prefix: 'app' }), or JobsModule.forRoot({ prefix: 'app' }).",
  ],
  ['defaultJobOptions', 'In Millrace it is defaults.'],
  ['limiter', LIMITER],
]);

/** Names of other queues in the options of a worker. */
export const FOREIGN_WORKER_OPTIONS: ReadonlyMap<string, string> = new Map([
  [
    'prefix',
    "The prefix of all keys belongs to the connection: connect(url, { prefix: 'app' }), or JobsModule.forRoot({ prefix: 'app' }).",
  ],
  ['limiter', LIMITER],
  ['lockDuration', 'In Millrace it is lease: { durationMs }.'],
  ['lockRenewTime', 'A lease is renewed at a third of lease.durationMs.'],
  ['skipLockRenewal', 'A lease is always renewed, by a thread of its own.'],
  ['stalledInterval', 'There is no such interval: a lease that ran out (lease.durationMs) is noticed at once.'],
  ['skipStalledCheck', 'There is no such switch: lost jobs are always taken up again.'],
  ['maxStalledCount', 'In Millrace it is maxStalls, in defaults or in the options of a job.'],
  ['removeOnComplete', KEEP],
  ['removeOnFail', KEEP],
  ['autorun', 'A worker runs when start() is called.'],
  ['drainDelay', 'A worker is woken by new jobs; there is no delay to set.'],
  ['settings', 'Backoff functions are given by name: backoffs: { name: (failures, error, job) => ms }.'],
  ['processor', 'In Millrace it is handler, or handlers by job name.'],
]);
