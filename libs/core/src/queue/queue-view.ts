import type { Job } from '../job/job.js';
import type { JobState } from '../job/job-state.js';
import { validateName } from '../job/names.js';
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
import { listJobs, type JobPage, type ListOptions } from './listing.js';
import { checkedIds, PastJobs } from './past-jobs.js';
import { isQueuePaused } from './pausing.js';
import type { QueueContext } from './queue-context.js';
import {
  latencyOf,
  memoryOfQueue,
  surveyQueue,
  type QueueInfo,
  type QueueLatency,
  type QueueMemory,
} from './survey.js';

/** What a queue shows of itself: its jobs, its workers, its size. */
export abstract class QueueView extends PastJobs {
  readonly #context: QueueContext;

  constructor(context: QueueContext) {
    super(context);
    this.#context = context;
  }

  /** The job as it is now, or `undefined` if there is none of this id. */
  async get(id: string): Promise<Job | undefined> {
    return (await readJobs(this.#context, [validateName('job id', id)]))[0];
  }

  /** Several jobs as they are now, in the order of the ids; those that do not exist are left out. */
  getMany(ids: readonly string[]): Promise<Job[]> {
    return readJobs(this.#context, checkedIds(ids));
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
    return surveyQueue(this.#context, this.#context.slot);
  }

  /** The live workers of the queue, and what each of them runs. */
  workers(options: WorkersOptions = {}): Promise<WorkerInfo[]> {
    return listWorkers(this.#context, options);
  }

  /** What the job logged, oldest line first. */
  async log(id: string): Promise<string[]> {
    return readLog(this.#context, validateName('job id', id));
  }

  isPaused(): Promise<boolean> {
    return isQueuePaused(this.#context);
  }
}
