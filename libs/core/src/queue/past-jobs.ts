import { validateName } from '../job/names.js';
import type { DayStats, JobTotals, MinuteStats } from '../stats/index.js';
import { Bulk, type BulkResult, type Selection } from './bulk.js';
import { failedJobs, failureGroups, type FailurePage, type FailuresOptions } from './failures.js';
import { readHistory, type HistoryEntry } from './history.js';
import type { JobPage, ListOptions } from './listing.js';
import { QueueAdmin, type RetryOutcome } from './queue-admin.js';
import type { QueueContext } from './queue-context.js';
import {
  dayStats,
  jobTotals,
  readThroughput,
  statsByName,
  statsHistory,
  type DayOptions,
  type NameStats,
  type StatsOptions,
  type ThroughputOptions,
} from './stats.js';

/** What has become of the jobs of a queue: the part of a `Queue` that looks back. */
export abstract class PastJobs {
  readonly #context: QueueContext;
  readonly #admin: QueueAdmin;
  readonly #bulk: Bulk;

  constructor(context: QueueContext) {
    this.#context = context;
    this.#admin = new QueueAdmin(context);
    this.#bulk = new Bulk(context);
  }

  /**
   * What failed for good, by job name and kind of error, the largest group first: `failures()`; the jobs of one group, oldest
   * end first: `failures('ship:ECONNREFUSED')`. A page at a time.
   *
   * @throws InvalidOptionError, UnknownOptionError
   */
  failures(options?: FailuresOptions): Promise<FailurePage>;
  failures(group: string, options?: ListOptions): Promise<JobPage>;
  async failures(
    groupOrOptions: string | FailuresOptions = {},
    options: ListOptions = {},
  ): Promise<JobPage | FailurePage> {
    if (typeof groupOrOptions === 'string') return failedJobs(this.#context, groupOrOptions, options);
    return failureGroups(this.#context, groupOrOptions);
  }

  /**
   * Sends finished jobs to the back of the queue, with all their attempts before them: by id, or all of a group of failures or
   * of a state, oldest end first. Those are moved in steps, however many they are; what ends meanwhile stays.
   *
   * @example await queue.retry({ group: 'ship:ECONNREFUSED', dryRun: true }); // { matched: 1204, done: 0, passedOver: 0 }
   * @throws InvalidNameError, InvalidOptionError, UnknownOptionError
   * @throws OutcomeUnknownError what the steps before did is done: calling it again goes on
   */
  retry(...ids: readonly string[]): Promise<RetryOutcome[]>;
  retry(selection: Selection): Promise<BulkResult>;
  async retry(...said: readonly (string | Selection)[]): Promise<RetryOutcome[] | BulkResult> {
    const [first] = said;
    if (typeof first === 'object') return this.#bulk.run('retryMany', first);
    return this.#admin.retry(checkedIds(said as readonly string[]));
  }

  /**
   * Deletes all jobs of a group of failures, or of a state in which jobs have ended, oldest end first.
   *
   * @throws as `retry`
   */
  async discard(selection: Selection): Promise<BulkResult> {
    return this.#bulk.run('discard', selection);
  }

  /**
   * What happened to a job: that it was added, each attempt that did not simply succeed at the first try, what was done to it
   * by hand, and its end. The first entry and the newest hundred.
   *
   * @throws JobNotFoundError
   */
  async history(id: string): Promise<HistoryEntry[]> {
    return readHistory(this.#context, validateName('job id', id));
  }

  /**
   * What was counted on a day (UTC), by the clock of Redis: of the whole queue, or of the jobs of one name. Days are kept for
   * 90 days; see `statsDays` of the live configuration. Successes and times come about a second late.
   *
   * @throws InvalidOptionError, UnknownOptionError, InvalidNameError
   */
  async stats(options: StatsOptions = {}): Promise<DayStats> {
    return dayStats(this.#context, options);
  }

  /** The same for each name of a job that was counted on that day. @throws InvalidOptionError, UnknownOptionError */
  async statsByName(options: DayOptions = {}): Promise<NameStats[]> {
    return statsByName(this.#context, options);
  }

  /** What was counted on each of the last days for the whole queue, today last: 400 at most. @throws InvalidOptionError */
  async statsHistory(days = 7): Promise<DayStats[]> {
    return statsHistory(this.#context, days);
  }

  /** What was counted since the queue was made. */
  async totals(): Promise<JobTotals> {
    return jobTotals(this.#context);
  }

  /** What happened in each of the last minutes, the present one last: a day at most. @throws InvalidOptionError */
  async throughput(options: ThroughputOptions = {}): Promise<MinuteStats[]> {
    return readThroughput(this.#context, options);
  }
}

/** @throws InvalidNameError */
export function checkedIds(ids: readonly string[]): readonly string[] {
  for (const id of ids) validateName('job id', id);
  return ids;
}
