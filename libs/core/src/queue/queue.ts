import { ClosedError, JobNotFoundError } from '../errors/index.js';
import { QueueEvents, type EventsOptions, type QueueEvent } from '../events/index.js';
import type { Job } from '../job/job.js';
import type { JobState } from '../job/job-state.js';
import { validateName } from '../job/names.js';
import {
  resolveJobDefaults,
  resolveQueueOptions,
  type JobOptions,
  type JobPatch,
  type MovePatch,
  type Priority,
  type QueueOptions,
} from '../options/index.js';
import type { Connection } from '../redis/index.js';
import type { AnyJobs, JobInput, JobMap, JobName, JobResult, JobsIn, QueueContract } from '../types/index.js';
import { throughMiddleware, type Adds } from './add-chain.js';
import { Adding } from './adding.js';
import {
  countJobs,
  listWorkers,
  readLog,
  unclaimedNames,
  type JobCounts,
  type Unclaimed,
  type WorkerInfo,
  type WorkersOptions,
} from './inspector.js';
import { readJobs } from './job-reader.js';
import { isQueuePaused, pauseQueue, resumeQueue, type PauseOptions } from './pausing.js';
import {
  QueueAdmin,
  type CancelOptions,
  type CancelOutcome,
  type ExpireOutcome,
  type PromoteOutcome,
  type RemoveOutcome,
} from './queue-admin.js';
import { listJobs, type JobPage, type ListOptions } from './listing.js';
import { LiveConfig } from './live-config.js';
import { Moves } from './moves.js';
import { OpenBatches } from './open-batches.js';
import { checkedIds } from './past-jobs.js';
import { Groups } from './groups.js';
import { Resources } from './resources.js';
import { QueueContext } from './queue-context.js';
import { QueueSchedules } from './queue-schedules.js';
import type { DraftOf, FailureJobOf } from './queue-jobs.js';
import {
  deleteQueue,
  deregisterWorker,
  drainQueue,
  forgetQueue,
  type DeleteOptions,
  type DrainOptions,
} from './deletion.js';
import {
  latencyOf,
  memoryOfQueue,
  surveyQueue,
  type QueueInfo,
  type QueueLatency,
  type QueueMemory,
} from './survey.js';
import { Results, type ResultOptions } from './results.js';
import { Tagging, type TagCount, type TopTagsOptions, type TrackedJobs, type TrackOutcome } from './tagging.js';

/** The queue of a contract: `constructor(@InjectQueue(Mail) mail: QueueOf<typeof Mail>)`. */
export type QueueOf<C extends QueueContract> = Queue<JobsIn<C>>;

type JobOfMap<M extends JobMap, N extends JobName<M>> = Job<JobInput<M, N>, JobResult<M, N>, N>;

/**
 * A queue: adds jobs and looks after them. Any number of objects, in any number of processes, stand for the same queue.
 *
 * @typeParam M the jobs of the queue by name, `{ welcome: { data: …; result: … } }`, or `JobsOf<MailProcessor>`
 */
export class Queue<M extends JobMap = AnyJobs> extends QueueSchedules<M> {
  readonly name: string;
  /** What all workers of the queue obey, changed while they run. */
  readonly config: LiveConfig;
  /** How much there is of what jobs use. */
  readonly resources: Resources;
  /** The jobs that wait for each other; see `batch()`. */
  readonly batches: OpenBatches<JobName<M>>;
  /** The groups of jobs: their counts and limits. */
  readonly groups: Groups;
  readonly #context: QueueContext;
  readonly #slot: string | undefined;
  readonly #adding: Adds;
  readonly #admin: QueueAdmin;
  readonly #moves: Moves;
  readonly #results: Results;
  readonly #tagging: Tagging;
  readonly #events: QueueEvents;

  /**
   * Touches Redis only with its first call.
   *
   * @throws InvalidNameError, InvalidOptionError, UnknownOptionError
   */
  constructor(name: string, options: QueueOptions<Connection>) {
    validateName('queue', name);
    const resolved = resolveQueueOptions(options, () => `new Queue('${name}')`);
    const context = new QueueContext(name, resolved.connection, resolved.slot, resolved.logger);
    const adding = new Adding(context, resolved);
    super(context, adding);
    this.name = name;
    this.#context = context;
    this.#slot = resolved.slot;
    this.#adding = throughMiddleware(adding, name, resolved.middleware);
    this.#admin = new QueueAdmin(this.#context);
    this.#moves = new Moves(this.#context, resolved.maxPayloadBytes);
    this.#results = new Results(this.#context);
    this.#tagging = new Tagging(this.#context);
    this.#events = new QueueEvents(this.#context);
    this.config = new LiveConfig(this.#context);
    this.resources = new Resources(this.#context);
    this.batches = new OpenBatches(this.#context);
    this.groups = new Groups(this.#context);
  }

  /**
   * The queue of a contract, with the types of its jobs: `add()` checks data against the schemas that it has.
   *
   * @throws as the constructor
   */
  static of<C extends QueueContract>(
    contract: C,
    options: Omit<QueueOptions<Connection>, 'jobs' | 'slot'>,
  ): QueueOf<C> {
    const { name, slot, jobs } = contract;
    return new Queue<JobsIn<C>>(name, { ...options, slot, jobs });
  }

  /**
   * Adds a job. Calls of one tick share a round trip; each promise settles by itself.
   *
   * @throws PayloadError, InvalidOptionError, InvalidNameError: nothing was sent
   * @throws JobConflictError, JobActiveError: the id is taken, and `onConflict` says so
   * @throws StorageRefusedError, NoRedisError: nothing was written
   * @throws OutcomeUnknownError: the connection broke before the answer; `ids` has the job's id
   */
  add<N extends JobName<M>>(
    name: N,
    data: JobInput<M, N>,
    options?: JobOptions<FailureJobOf<M>>,
  ): Promise<JobOfMap<M, N>> {
    return this.#adding.add(name, data, options) as Promise<JobOfMap<M, N>>;
  }

  /**
   * Adds jobs in one atomic command: all or none. More than 1,000 (or 16 MiB of data) go in several commands, one after
   * the other.
   *
   * @throws as `add`; an error of a later command leaves the jobs of the earlier ones added
   */
  addMany(jobs: readonly DraftOf<M>[]): Promise<Job[]> {
    return this.#adding.addMany(jobs);
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

  /** Several jobs as they are now, in the order of the ids; those that do not exist are left out. */
  getMany(ids: readonly string[]): Promise<Job[]> {
    return readJobs(this.#context, checkedIds(ids));
  }

  /** The live workers of the queue, and what each of them runs. */
  workers(options: WorkersOptions = {}): Promise<WorkerInfo[]> {
    return listWorkers(this.#context, options);
  }

  /** Takes a worker off the list, by its epoch: what it holds goes back to the front of the queue, uncharged. One that lives begins anew. */
  deregister(epoch: string): Promise<void> {
    return deregisterWorker(this.#context, validateName('worker', epoch));
  }

  /** How long jobs have waited that could run: the oldest of all, and by priority. */
  latency(): Promise<QueueLatency> {
    return latencyOf(this.#context);
  }

  /** About how much memory of Redis the queue takes: an estimate from samples. */
  memory(): Promise<QueueMemory> {
    return memoryOfQueue(this.#context);
  }

  /** The queue at a glance: counts, latency, whether it is paused, workers. */
  info(): Promise<QueueInfo> {
    return surveyQueue(this.#context, this.#slot);
  }

  /** Removes all jobs that wait, in steps, and how many they were: also the delayed ones if that is asked. Nothing else is touched. */
  drain(options: DrainOptions = {}): Promise<number> {
    return drainQueue(this.#context, this.#admin, options);
  }

  /**
   * Deletes the queue with all its jobs, and what is kept of it. Stop whoever adds to it before: what is added meanwhile goes
   * too, or stays as a queue of the same name.
   *
   * @throws QueueActiveError while jobs run, unless `force`
   */
  delete(options: DeleteOptions = {}): Promise<void> {
    return deleteQueue(this.#context, options);
  }

  /** Takes the queue off the list of queues (`listQueues`); its jobs stay, and who uses it puts it on the list again. */
  async forget(): Promise<void> {
    await forgetQueue(this.#context);
    this.#context.undeclare();
  }

  /** What the job logged, oldest line first. */
  async log(id: string): Promise<string[]> {
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
    await resumeQueue(this.#context);
  }

  isPaused(): Promise<boolean> {
    return isQueuePaused(this.#context);
  }

  /** Cancels jobs wherever they are: a running one's signal aborts, and its outcome is refused. In the order of the ids. */
  cancel(...ids: readonly string[]): Promise<CancelOutcome[]>;
  /** The same, with options, for one job or several. @throws InvalidOptionError, UnknownOptionError */
  cancel(ids: string | readonly string[], options: CancelOptions): Promise<CancelOutcome[]>;
  async cancel(...said: readonly (string | readonly string[] | CancelOptions)[]): Promise<CancelOutcome[]> {
    const [ids, options] = said;
    if (typeof options !== 'object') return this.#admin.cancel(checkedIds(said.flat() as string[]));
    return this.#admin.cancel(checkedIds([ids].flat() as string[]), options as CancelOptions);
  }

  /**
   * Takes running jobs from their workers, as if their leases had ended: they wait at the front and the attempt is not
   * counted. The run's signal aborts with a LeaseLostError, and its outcome is refused.
   */
  async expire(...ids: readonly string[]): Promise<ExpireOutcome[]> {
    return this.#admin.expire(checkedIds(ids));
  }

  /** Deletes jobs of any state but active. */
  async remove(...ids: readonly string[]): Promise<RemoveOutcome[]> {
    return this.#admin.remove(checkedIds(ids));
  }

  /** Lets delayed and retrying jobs run now; of a job that waits for its batch, the batch. */
  async promote(...ids: readonly string[]): Promise<PromoteOutcome[]> {
    return this.#admin.promote(checkedIds(ids));
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
   * Changes a job that has not ended: its data and time while it does not run, its priority always. False if it had ended.
   *
   * @throws JobNotFoundError, JobActiveError, PayloadError, InvalidOptionError, UnknownOptionError
   */
  update(id: string, patch: JobPatch<JobInput<M, JobName<M>>>): Promise<boolean> {
    return this.#moves.update(id, patch);
  }

  /**
   * Puts a job that does not run into another queue of the same slot, or into this one again, by the same id and as new: with all
   * its attempts, without error, notes and outcome. Name and data stay unless the patch says otherwise. One atomic command.
   *
   * @throws QueueNotFoundError; CrossSlotError; JobNotFoundError; JobActiveError; JobConflictError if its id or unique key is taken there
   * @throws PayloadError, InvalidOptionError, UnknownOptionError
   */
  move(id: string, queue: string, patch: MovePatch = {}): Promise<void> {
    return this.#moves.move(id, queue, patch);
  }

  /**
   * Gives a job tags, whatever its state; those that it has already change nothing. A job has at most 32. What runs now still
   * has in `job.tags` what it was added with.
   *
   * @throws JobNotFoundError, InvalidNameError, InvalidOptionError
   */
  tag(id: string, ...tags: readonly string[]): Promise<void> {
    return this.#tagging.change(id, tags, 1);
  }

  /** Takes tags from a job; those that it has not change nothing. @throws JobNotFoundError, InvalidNameError */
  untag(id: string, ...tags: readonly string[]): Promise<void> {
    return this.#tagging.change(id, tags, 0);
  }

  /** The jobs that have a tag, of all states, in the order in which they got it, a page at a time; `total` counts them all. */
  tagged(tag: string, options: ListOptions = {}): Promise<JobPage & { readonly total: number }> {
    return this.#tagging.page(tag, options);
  }

  /** The tags that most jobs have, with how many have them. */
  topTags(options: TopTagsOptions = {}): Promise<TagCount[]> {
    return this.#tagging.top(options);
  }

  /** Puts jobs on the list of those that are tracked: at most 1,000 a queue. In the order of the ids. */
  async track(...ids: readonly string[]): Promise<TrackOutcome[]> {
    return this.#tagging.track(ids, 1);
  }

  /** Takes jobs off that list. */
  async untrack(...ids: readonly string[]): Promise<void> {
    await this.#tagging.track(ids, 0);
  }

  /** The jobs that are tracked, the first one first; a job that is removed or pruned stays on the list, as one that is gone. */
  tracked(): Promise<TrackedJobs> {
    return this.#tagging.tracked();
  }

  /**
   * The result of a job, as soon as it has ended, in whichever process. Told by a message, not by polling.
   *
   * @throws JobFailedError when it ended otherwise than completed
   * @throws JobNotFoundError at once, when there is no such job (any more)
   * @throws WaitTimeoutError
   */
  result<R = unknown>(id: string, options: ResultOptions = {}): Promise<R> {
    return this.#results.wait(id, options) as Promise<R>;
  }

  /** What happens to the jobs of this queue, in every process, from now on or from an event's id on. */
  events(options: EventsOptions = {}): AsyncIterable<QueueEvent> {
    return this.#events.read(options);
  }

  /** Ends the object once what was added is answered; the queue itself lives on. Closing twice is closing once. */
  async close(): Promise<void> {
    await this.#adding.settled();
    this.#results.close(new ClosedError(`Queue "${this.name}"`, 'wait for results'));
    this.#events.close();
    this.#context.close();
  }
}
