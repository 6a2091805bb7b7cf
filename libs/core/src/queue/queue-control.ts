import { JobNotFoundError } from '../errors/index.js';
import { validateName } from '../job/names.js';
import { resolveJobDefaults, type JobPatch, type MovePatch, type Priority } from '../options/index.js';
import type { JobInput, JobMap, JobName } from '../types/index.js';
import { ListedBulk, type CancelSelection, type PromoteSelection, type RemoveSelection } from './bulk-listed.js';
import type { BulkResult } from './bulk.js';
import {
  deleteQueue,
  deregisterWorker,
  drainQueue,
  forgetQueue,
  type DeleteOptions,
  type DrainOptions,
} from './deletion.js';
import type { CancelOptions, CancelOutcome } from './cancelling.js';
import { LinkedJobs } from './linked-jobs.js';
import type { JobPage, ListOptions } from './listing.js';
import { Moves } from './moves.js';
import { checkedIds } from './past-jobs.js';
import { pauseQueue, resumeQueue, type PauseOptions } from './pausing.js';
import { QueueAdmin, type ExpireOutcome, type PromoteOutcome, type RemoveOutcome } from './queue-admin.js';
import type { QueueContext } from './queue-context.js';
import {
  repairQueue,
  verifyQueue,
  type RepairReport,
  type VerifyOptions,
  type VerifyReport,
} from './verify/verifying.js';
import { Tagging, type TagCount, type TopTagsOptions, type TrackedJobs, type TrackOutcome } from './tagging.js';

/** What is done by hand with a queue and its jobs. */
export abstract class QueueControl<M extends JobMap> extends LinkedJobs {
  readonly #context: QueueContext;
  readonly #admin: QueueAdmin;
  readonly #bulk: ListedBulk;
  readonly #moves: Moves;
  readonly #tagging: Tagging;

  /** @param maxPayloadBytes of what jobs are changed to */
  constructor(context: QueueContext, maxPayloadBytes: number) {
    super(context);
    this.#context = context;
    this.#admin = new QueueAdmin(context);
    this.#bulk = new ListedBulk(context, this.#admin);
    this.#moves = new Moves(context, maxPayloadBytes);
    this.#tagging = new Tagging(context);
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

  /**
   * Cancels jobs wherever they are: a running one's signal aborts, and its outcome is refused. In the order of the ids.
   *
   * @throws JobHasDependentsError where jobs wait for one of them that this call does not cancel; `dependents` says otherwise
   */
  cancel(...ids: readonly string[]): Promise<CancelOutcome[]>;
  /** The same, with options, for one job or several. @throws InvalidOptionError, UnknownOptionError */
  cancel(ids: string | readonly string[], options: CancelOptions): Promise<CancelOutcome[]>;
  /** All of a state, in steps. @throws as the others: what the steps before did is done */
  cancel(selection: CancelSelection): Promise<BulkResult>;
  async cancel(
    ...said: readonly (string | readonly string[] | CancelOptions | CancelSelection)[]
  ): Promise<CancelOutcome[] | BulkResult> {
    const [ids, options] = said;
    if (typeof ids === 'object' && !Array.isArray(ids)) return this.#bulk.cancel(ids as CancelSelection);
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

  /** Deletes jobs of any state but active: by id, or all of a state, in steps. See also `discard`. */
  remove(...ids: readonly string[]): Promise<RemoveOutcome[]>;
  remove(selection: RemoveSelection): Promise<BulkResult>;
  async remove(...said: readonly (string | RemoveSelection)[]): Promise<RemoveOutcome[] | BulkResult> {
    const [first] = said;
    if (typeof first === 'object') return this.#bulk.remove(first);
    return this.#admin.remove(checkedIds(said as readonly string[]));
  }

  /** Lets delayed and retrying jobs run now, by id or all of a state; of a job that waits for its batch, the batch. */
  promote(...ids: readonly string[]): Promise<PromoteOutcome[]>;
  promote(selection: PromoteSelection): Promise<BulkResult>;
  async promote(...said: readonly (string | PromoteSelection)[]): Promise<PromoteOutcome[] | BulkResult> {
    const [first] = said;
    if (typeof first === 'object') return this.#bulk.promote(first);
    return this.#admin.promote(checkedIds(said as readonly string[]));
  }

  /**
   * Changes the priority of a job that has not ended; a waiting one goes to the back of its new priority. False if it had ended.
   *
   * @throws JobNotFoundError
   */
  async prioritize(id: string, priority: Priority): Promise<boolean> {
    const resolved = resolveJobDefaults({ priority }, () => `prioritize('${id}')`).priority ?? 0;
    const fate = await this.#admin.prioritize(validateName('job id', id), resolved);
    if (fate === 'N') throw new JobNotFoundError(this.#context.name, id);
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

  /**
   * Looks for what is wrong with the keys of the queue: jobs in no collection or in several, entries of what is not there,
   * counters, locks, indexes that do not agree. It changes nothing, may run while the queue works, and goes in bounded steps;
   * what it tells was so in one moment. The process remembers the entries of the lists: about 100 bytes a waiting or completed job.
   *
   * @throws UpgradeRequiredError if the queue uses what this release does not know; InvalidOptionError, UnknownOptionError
   */
  verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    return verifyQueue(this.#context, options);
  }

  /**
   * The same, and mends what it finds: each in a command that looks again first, so that nothing which only moves is touched. A
   * payload that can be kept is kept; a job that was lost between the collections runs (again).
   *
   * @throws as `verify`; OutcomeUnknownError: what the steps before did is done
   */
  repair(options: VerifyOptions = {}): Promise<RepairReport> {
    return repairQueue(this.#context, options);
  }

  /** Takes a worker off the list, by its epoch: what it holds goes back to the front of the queue, uncharged. One that lives begins anew. */
  deregister(epoch: string): Promise<void> {
    return deregisterWorker(this.#context, validateName('worker', epoch));
  }
}
