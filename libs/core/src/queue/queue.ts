import { ClosedError, InvalidOptionError, JobNotFoundError } from '../errors/index.js';
import { QueueEvents, type EventsOptions, type QueueEvent } from '../events/index.js';
import { Job } from '../job/job.js';
import type { JobState } from '../job/job-state.js';
import { validateName } from '../job/names.js';
import { resolveJobDefaults, resolveQueueOptions, type JobOptions, type Priority, type QueueOptions, type ResolvedQueueOptions } from '../options/index.js';
import { scripts, type Connection } from '../redis/index.js';
import type { AnyJobs, JobInput, JobMap, JobName, JobResult } from '../types/index.js';
import { Drafting } from './drafting.js';
import {
  countJobs,
  listJobs,
  listWorkers,
  readLog,
  unclaimedNames,
  type JobCounts,
  type JobPage,
  type ListOptions,
  type Unclaimed,
  type WorkerInfo,
} from './inspector.js';
import { readJobs } from './job-reader.js';
import { pauseQueue, isQueuePaused, type PauseOptions } from './pausing.js';
import { MAX_ATOMIC_JOBS, Producer } from './producer.js';
import { QueueAdmin, type CancelOutcome, type PromoteOutcome, type RemoveOutcome, type RetryOutcome } from './queue-admin.js';
import { LiveConfig } from './live-config.js';
import { QueueContext } from './queue-context.js';
import { Results } from './results.js';

/** A job of a batch. */
export interface JobDraft<N extends string = string, D = unknown> {
  readonly name: N;
  readonly data: D;
  readonly options?: JobOptions | undefined;
}

/** The drafts that a queue of these jobs takes. */
export type DraftOf<M extends JobMap> = { [N in JobName<M>]: JobDraft<N, JobInput<M, N>> }[JobName<M>];

type JobOfMap<M extends JobMap, N extends JobName<M>> = Job<JobInput<M, N>, JobResult<M, N>, N>;

/**
 * A queue: adds jobs and looks after them. Any number of objects, in any number of processes, stand for the same queue.
 *
 * @typeParam M the jobs of the queue by name, `{ welcome: { data: …; result: … } }`, or `JobsOf<MailProcessor>`
 */
export class Queue<M extends JobMap = AnyJobs> {
  readonly name: string;
  /** What all workers of the queue obey, changed while they run. */
  readonly config: LiveConfig;
  readonly #options: ResolvedQueueOptions<Connection>;
  readonly #context: QueueContext;
  readonly #drafting: Drafting;
  readonly #producer: Producer;
  readonly #admin: QueueAdmin;
  readonly #results: Results;
  readonly #events: QueueEvents;

  /**
   * Touches Redis only with its first call.
   *
   * @throws InvalidNameError, InvalidOptionError, UnknownOptionError
   */
  constructor(name: string, options: QueueOptions<Connection>) {
    this.name = validateName('queue', name);
    this.#options = resolveQueueOptions(options, () => `new Queue('${name}')`);
    const { connection, slot, logger } = this.#options;
    this.#context = new QueueContext(name, connection, slot, logger);
    this.#producer = new Producer(this.#context);
    this.#drafting = new Drafting(name, this.#options, () => this.#producer.mintId());
    this.#admin = new QueueAdmin(this.#context);
    this.#results = new Results(this.#context);
    this.#events = new QueueEvents(this.#context);
    this.config = new LiveConfig(this.#context);
  }

  /**
   * Adds a job. Calls of one tick share a round trip; each promise settles by itself.
   *
   * @throws PayloadError, InvalidOptionError, InvalidNameError: nothing was sent
   * @throws JobConflictError, JobActiveError: the id is taken, and `onConflict` says so
   * @throws StorageRefusedError, NoRedisError: nothing was written
   * @throws OutcomeUnknownError: the connection broke before the answer; `ids` has the job's id
   */
  async add<N extends JobName<M>>(name: N, data: JobInput<M, N>, options?: JobOptions): Promise<JobOfMap<M, N>> {
    const draft = this.#drafting.draft(name, data, options);
    const { outcome, at } = await this.#producer.add(draft);
    if (outcome === 'kept') return (await this.#kept(draft.id)) as JobOfMap<M, N>;
    return this.#drafting.toJob(draft, outcome, at) as JobOfMap<M, N>;
  }

  /**
   * Adds jobs in one atomic command: all or none. More than 1,000 go in several commands, one after the other.
   *
   * @throws as `add`; an error of a later command leaves the jobs of the earlier ones added
   */
  async addMany(jobs: readonly DraftOf<M>[]): Promise<Job[]> {
    const drafts = jobs.map((job) => this.#drafting.draft(job.name, job.data, job.options));
    this.#refuseRepeatedIds(drafts.flatMap(({ id, isGiven }) => (isGiven ? [id] : [])));
    const added: Job[] = [];
    for (let from = 0; from < drafts.length; from += MAX_ATOMIC_JOBS) {
      const page = drafts.slice(from, from + MAX_ATOMIC_JOBS);
      const outcomes = await this.#producer.addAll(page);
      for (const [i, draft] of page.entries()) {
        const { outcome, at } = outcomes[i]!;
        added.push(outcome === 'kept' ? await this.#kept(draft.id) : this.#drafting.toJob(draft, outcome, at));
      }
    }
    return added;
  }

  /** The job as it is now, or `undefined` if there is none of this id. */
  async get(id: string): Promise<Job | undefined> {
    return (await readJobs(this.#context, [validateName('job id', id)]))[0];
  }

  /** The jobs of one state, a page at a time: oldest end (or due time) first, or in the order in which they will run. */
  list(state: JobState, options: ListOptions = {}): Promise<JobPage> {
    return listJobs(this.#context, state, options);
  }

  /** How many jobs are in each state. */
  counts(): Promise<JobCounts> {
    return countJobs(this.#context);
  }

  /** The names for which jobs wait although no worker handled them. */
  unclaimed(): Promise<Unclaimed[]> {
    return unclaimedNames(this.#context);
  }

  /** The live workers of the queue. */
  workers(): Promise<WorkerInfo[]> {
    return listWorkers(this.#context);
  }

  /** What the job logged, oldest line first. */
  log(id: string): Promise<string[]> {
    return readLog(this.#context, validateName('job id', id));
  }

  /**
   * Stops workers from taking jobs; running ones go on, everything else works as always. With `wait`, resolves when every
   * live worker has obeyed: from then on nothing starts.
   */
  pause(options: PauseOptions = {}): Promise<void> {
    return pauseQueue(this.#context, options);
  }

  /** Lets workers take jobs again. */
  async resume(): Promise<void> {
    await this.#context.run(scripts.pause, { on: 0 });
  }

  isPaused(): Promise<boolean> {
    return isQueuePaused(this.#context);
  }

  /** Cancels jobs wherever they are: a running one's signal aborts, and its outcome is refused. In the order of the ids. */
  cancel(...ids: readonly string[]): Promise<CancelOutcome[]> {
    return this.#admin.cancel(checked(ids));
  }

  /** Deletes jobs of any state but active. */
  remove(...ids: readonly string[]): Promise<RemoveOutcome[]> {
    return this.#admin.remove(checked(ids));
  }

  /** Sends finished jobs to the back of the queue, with all their attempts before them. */
  retry(...ids: readonly string[]): Promise<RetryOutcome[]> {
    return this.#admin.retry(checked(ids));
  }

  /** Lets delayed and retrying jobs run now. */
  promote(...ids: readonly string[]): Promise<PromoteOutcome[]> {
    return this.#admin.promote(checked(ids));
  }

  /**
   * Changes the priority of a job that has not ended; a waiting one goes to the back of its new priority. False if it had ended.
   *
   * @throws JobNotFoundError
   */
  async prioritize(id: string, priority: Priority): Promise<boolean> {
    const resolved = resolveJobDefaults({ priority }, () => `prioritize('${id}')`).priority ?? 0;
    const fate = await this.#admin.prioritize(validateName('job id', id), resolved);
    if (fate === 'N') throw new JobNotFoundError(this.name, id);
    return fate === 'P';
  }

  /**
   * The result of a job, as soon as it has ended, in whichever process. Told by a message, not by polling.
   *
   * @param options.timeoutMs how long to wait; 60,000 by default
   * @throws JobFailedError when it ended otherwise than completed
   * @throws JobNotFoundError at once, when there is no such job (any more)
   * @throws WaitTimeoutError
   */
  result<R = unknown>(id: string, options: { readonly timeoutMs?: number } = {}): Promise<R> {
    return this.#results.wait(validateName('job id', id), options.timeoutMs ?? RESULT_TIMEOUT_MS) as Promise<R>;
  }

  /** What happens to the jobs of this queue, in every process, from now on or from an event's id on. */
  events(options: EventsOptions = {}): AsyncIterable<QueueEvent> {
    return this.#events.read(options);
  }

  /** Ends the object once what was added is answered; the queue itself lives on. Closing twice is closing once. */
  async close(): Promise<void> {
    await this.#producer.settled();
    this.#results.close(new ClosedError(`Queue "${this.name}"`, 'wait for results'));
    this.#events.close();
    this.#context.close();
  }

  async #kept(id: string): Promise<Job> {
    const [job] = await readJobs(this.#context, [id], 'kept');
    return job ?? this.#drafting.remembered(id);
  }

  #refuseRepeatedIds(ids: readonly string[]): void {
    const repeated = ids.find((id, i) => ids.indexOf(id) !== i);
    if (repeated === undefined) return;
    throw new InvalidOptionError({ where: `addMany('${this.name}')`, path: 'id', value: repeated, expected: 'each id once in a batch' });
  }
}

const RESULT_TIMEOUT_MS = 60_000;

function checked(ids: readonly string[]): readonly string[] {
  for (const id of ids) validateName('job id', id);
  return ids;
}
