/** What one error code stands for. */
export interface ErrorCodeEntry {
  /** What happened. */
  readonly means: string;
  /** What the reader of the message does about it. */
  readonly remedy: string;
}

/**
 * The catalogue of error codes. A code is stable: it is what programs compare (`JobsError.is(error, 'JOB_FAILED')`),
 * whatever the wording of a message. `docs/reference/errors.md` lists the same codes, and a test holds the two together.
 */
export const ERROR_CODES = Object.freeze({
  UNKNOWN_OPTION: {
    means: 'An option has a name that does not exist here.',
    remedy: 'Use the name that the message suggests.',
  },
  INVALID_OPTION: {
    means: 'An option has a value that is out of range or of the wrong type.',
    remedy: 'Pass what the message expects.',
  },
  QUEUE_ACTIVE: {
    means: 'A queue was to be deleted while jobs of it run.',
    remedy: 'Stop its workers first, or take their jobs from them with { force: true }.',
  },
  CROSS_SLOT: {
    means: 'A command was to change two queues that do not share a slot.',
    remedy: "Declare both queues with the same slot, everywhere: { slot: 'orders' }.",
  },
  QUEUE_NOT_FOUND: {
    means: 'A job was to go to another queue, or to depend on a job of one, that nobody has declared.',
    remedy: 'Check the name, or declare the queue first, with the same slot.',
  },
  NAME: {
    means: 'A name (queue, job, id, slot …) is empty, too long or has a character that is not allowed.',
    remedy: 'Use 1–256 bytes of printable text without braces.',
  },
  PAYLOAD: {
    means: 'Data, a result or progress cannot be stored as JSON, or is larger than maxPayloadBytes.',
    remedy: 'Convert the value at the path that the message names, or store it elsewhere and pass a reference.',
  },
  DEPENDENCY_FAILED: {
    means: 'A job on which this one depends did not complete, and onDependencyFailure says that this one ends so, too.',
    remedy: 'Retry the job that the message names: this one waits for it again.',
  },
  DEPENDENCY_NOT_FOUND: {
    means: 'A job was to depend on one that does not exist.',
    remedy: "Add that one first or in the same addMany(), or pass missingDependency: 'done'.",
  },
  DEPENDENCY_CYCLE: {
    means: 'Jobs were to wait for one another.',
    remedy: 'Leave one of the dependencies out that the message names.',
  },
  JOB_CONFLICT: {
    means: 'A job with this id exists, and the call asked for onConflict: "reject".',
    remedy: 'Take another id, or onConflict: "keep" or "replace".',
  },
  JOB_ACTIVE: {
    means: 'The job is running, and the change is only possible while it is not.',
    remedy: 'Cancel it first, pass onActive: "cancel" where that exists, or wait for its end.',
  },
  JOB_FINISHED: {
    means: 'The job has ended, and the change is only possible before.',
    remedy: 'Retry it first, or add another job.',
  },
  JOB_HAS_DEPENDENTS: {
    means: 'A job was to be cancelled, and others wait for it.',
    remedy: 'Cancel them in the same call, or say what becomes of them: { dependents: "cascade" } or "policy".',
  },
  JOB_NOT_FOUND: {
    means: 'No job has this id: it never existed, or it was removed or pruned.',
    remedy: 'Check queue and id; keep finished jobs longer if they are read later.',
  },
  SCHEDULE_NOT_FOUND: {
    means: 'No schedule of the queue has this id: it was never declared, or it was deleted.',
    remedy: 'Check queue and id; schedules() lists those that there are.',
  },
  SCHEDULE_CHANGED: {
    means: 'A schedule was declared in another way than before, under the same revision; the later declaration holds.',
    remedy: 'Raise revision with each change: a process of an older release then cannot put its own back.',
  },
  SCHEDULE_ORPHANED: {
    means: 'A schedule was declared by @Recurring(), and no process that runs declares it any more. It still fires.',
    remedy: 'Delete it with unschedule(), or set schedules: { removeOrphans: true }.',
  },
  JOB_FAILED: {
    means: 'The job that was waited for ended in another state than completed.',
    remedy: 'Read `state` and `error` of this error.',
  },
  WAIT_TIMEOUT: {
    means: 'The job did not end within the time that the caller was ready to wait. The job goes on.',
    remedy: 'Ask again, or wait longer.',
  },
  LEASE_LOST: {
    means: 'The worker no longer holds the job; its outcome is refused and the job runs again elsewhere.',
    remedy: 'Stop the work when `job.signal` aborts; look for a blocked event loop or a lost connection.',
  },
  JOB_TIMEOUT: {
    means: 'The attempt ran longer than timeoutMs.',
    remedy: 'Pass `job.signal` on to what the handler waits for, or raise timeoutMs.',
  },
  JOB_STALLED: {
    means: 'The worker of the job vanished while it ran, more often than maxStalls allows.',
    remedy: 'Look for what kills the process (memory, native crash, process.exit) when it runs this job.',
  },
  JOB_EXPIRED: {
    means: 'The job was not started within its expiresInMs; it ends as cancelled.',
    remedy: 'Start more workers, or give the job more time.',
  },
  BROKEN_PAYLOAD: {
    means: 'The stored data of a job cannot be decoded or does not match its schema.',
    remedy: 'Look at the stored text with queue.get(id); add the job again with good data.',
  },
  ABORTED: {
    means:
      'The worker shuts down and the job did not end within shutdownTimeoutMs; it goes back to its queue, uncharged.',
    remedy: 'Nothing, or raise shutdownTimeoutMs (below the grace of the orchestrator).',
  },
  UNRECOVERABLE: {
    means: 'The handler said that trying again is useless: the job fails at once.',
    remedy: 'Thrown by application code.',
  },
  SNOOZE: {
    means: 'The handler wants to run again later; the attempt is not counted.',
    remedy: 'Thrown by application code.',
  },
  CANCEL: {
    means: 'The job was cancelled, by its handler or from outside.',
    remedy: 'Thrown by application code, or the reason of `job.signal`.',
  },
  FORBIDDEN: {
    means: 'A guard refused the job before its handler was entered: the job fails at once.',
    remedy: 'Let the guard pass for jobs, or add the job with what the guard asks for.',
  },
  UNCOUNTED_LIMIT: {
    means: 'The job was tried again without being counted more often than maxUncounted allows.',
    remedy: 'Look at the cause; raise maxUncounted if so many tries are wanted.',
  },
  THROWN_VALUE: {
    means: 'A handler threw something that is no Error; it was wrapped, and is kept in `thrown`.',
    remedy: 'Throw an Error: only that has a stack.',
  },
  OUTCOME_UNKNOWN: {
    means: 'The connection broke before Redis answered: the change was made or was not.',
    remedy: 'Look the jobs up by the `ids` of the error, or repeat with the same id.',
  },
  STORAGE_REFUSED: {
    means: 'Redis answered with a refusal (out of memory, read-only replica …). Nothing was written.',
    remedy: 'Mend what the message names and repeat the call.',
  },
  UPGRADE_REQUIRED: {
    means: 'The queue uses a feature that this version of Millrace does not know.',
    remedy: 'Deploy the newer version to this process as well.',
  },
  QUEUE_MISMATCH: {
    means: 'The queue is registered in Redis with another slot, format or kind of time.',
    remedy: 'Declare the queue everywhere with the same slot.',
  },
  CLOSED: {
    means: 'A queue, worker or connection was used after it was closed.',
    remedy: 'Finish the work before closing, or open a new one.',
  },
  PROTOCOL: {
    means: 'Redis answered something that this version cannot read.',
    remedy: 'Look for a proxy or a foreign script on these keys; otherwise report it as a bug.',
  },
  NO_REDIS: {
    means: 'Redis could not be reached.',
    remedy: "Start one, correct the URL, or set connection: 'embedded' for development.",
  },
  NO_CONNECTION: {
    means: 'No connection is configured, and this is not a development machine.',
    remedy: 'Set the connection option or REDIS_URL.',
  },
  AUTH: {
    means: 'Redis refused user name or password.',
    remedy: 'Correct the credentials in the URL or in the options.',
  },
  SERVER_TOO_OLD: {
    means: 'The server is older than Redis 7.0 or Valkey 7.2, or of 32 bits.',
    remedy: 'Upgrade the server.',
  },
  NO_EMBEDDED: {
    means: 'An embedded Redis was asked for, and none could be started.',
    remedy: 'Install redis-server or valkey-server, or set the connection option.',
  },
  UNKNOWN_QUEUE: {
    means: 'A processor or an injection names a queue that is not registered.',
    remedy: 'Register it with JobsModule.forRoot({ queues }) or JobsModule.registerQueue().',
  },
  NO_ROOT: {
    means: 'A queue is registered, and there is no JobsModule.forRoot() for it.',
    remedy: 'Import JobsModule.forRoot() once in the root module.',
  },
  DUPLICATE_ROOT: {
    means: 'Two JobsModule.forRoot() have the same name.',
    remedy: "Give one a name: forRoot({ name: 'billing' }).",
  },
  DUPLICATE_HANDLER: {
    means: 'Two methods handle the same job name of a queue.',
    remedy: 'Rename one, or provide the processor in one module only.',
  },
  NO_HANDLER: {
    means: 'A processor has no method decorated with @OnJob().',
    remedy: 'Give each job name a method with @OnJob().',
  },
  UNDECORATED_PARAMETER: {
    means: 'A handler mixes decorated and undecorated parameters; the undecorated one would be null.',
    remedy: 'Decorate it with @JobRef() or @JobData(), or take the job as the only parameter.',
  },
  UNCLAIMED: {
    means: 'Jobs wait for a name that no running worker handles.',
    remedy: 'Deploy a worker with that handler, or correct the name in add().',
  },
} satisfies Record<string, ErrorCodeEntry>);

/** A code of the catalogue. */
export type ErrorCode = keyof typeof ERROR_CODES;
