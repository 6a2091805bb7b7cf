import { ClosedError } from '../errors/index.js';
import { QueueEvents, type EventsOptions, type QueueEvent } from '../events/index.js';
import type { Job } from '../job/job.js';
import { validateName } from '../job/names.js';
import { resolveQueueOptions, type JobOptions, type QueueOptions } from '../options/index.js';
import type { Connection } from '../redis/index.js';
import type { AnyJobs, JobInput, JobMap, JobName, JobResult, JobsIn, QueueContract } from '../types/index.js';
import { throughMiddleware, type Adds } from './add-chain.js';
import { Adding } from './adding.js';
import { Groups } from './groups.js';
import { LiveConfig } from './live-config.js';
import { OpenBatches } from './open-batches.js';
import { QueueContext } from './queue-context.js';
import type { DraftOf, FailureJobOf } from './queue-jobs.js';
import { QueueSchedules } from './queue-schedules.js';
import { Resources } from './resources.js';
import { Results, type ResultOptions } from './results.js';

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
  readonly #adding: Adds;
  readonly #results: Results;
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
    super(context, adding, resolved.maxPayloadBytes);
    this.name = name;
    this.#context = context;
    this.#adding = throughMiddleware(adding, name, resolved.middleware);
    this.#results = new Results(this.#context);
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
   * @throws DependencyNotFoundError, DependencyCycleError, QueueNotFoundError, CrossSlotError: it cannot wait for what `dependsOn` names
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
