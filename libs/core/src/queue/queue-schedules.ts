import type { Job } from '../job/job.js';
import type { ScheduledJob, ScheduleOptions } from '../options/index.js';
import type { DeclaredSchedule, Schedule, SchedulePage, ScheduleRun } from '../schedule/schedule.js';
import type { JobInput, JobMap, JobName } from '../types/index.js';
import type { Adding } from './adding.js';
import type { QueueContext } from './queue-context.js';
import { QueueControl } from './queue-control.js';
import type { FailureJobOf, ScheduledJobOf } from './queue-jobs.js';
import {
  listSchedules,
  orphanedSchedules,
  readHistory,
  syncSchedules,
  type ScheduleListOptions,
  type ScheduleSync,
} from './schedule-list.js';
import { Schedules, type ScheduleDraft } from './schedules.js';

/** What a queue has to say of its schedules. */
export abstract class QueueSchedules<M extends JobMap> extends QueueControl<M> {
  readonly #context: QueueContext;
  readonly #schedules: Schedules;

  /** @param maxPayloadBytes of what jobs are changed to */
  constructor(context: QueueContext, adding: Adding, maxPayloadBytes: number) {
    super(context, maxPayloadBytes);
    this.#context = context;
    this.#schedules = new Schedules(context, adding);
  }

  /**
   * Declares a schedule, by which workers add a job at each of its times: once, however many processes declare it. Declared
   * again in the same way it changes nothing; in another way, it goes on with what it has done so far. Its first time is
   * later than now.
   *
   * @throws InvalidOptionError, UnknownOptionError, InvalidNameError, PayloadError: nothing was sent
   */
  schedule<N extends JobName<M>>(
    id: string,
    timing: ScheduleOptions,
    job: ScheduledJob<N, JobInput<M, N>, FailureJobOf<M>>,
  ): Promise<DeclaredSchedule> {
    return this.#schedules.declare(id, timing, job);
  }

  /** Makes the schedules of an owner these and no others, at any time: say, with what a table of settings has now. */
  syncSchedules(owner: string, schedules: readonly ScheduleDraft<ScheduledJobOf<M>>[]): Promise<ScheduleSync> {
    return syncSchedules(this.#context, this.#schedules, owner, schedules);
  }

  /** The schedules of an owner that no live worker says its program declares: see `schedules` of a worker. */
  orphanedSchedules(owner: string): Promise<Schedule[]> {
    return orphanedSchedules(this.#context, owner);
  }

  /** The schedules, a page at a time, in the order of their ids. */
  schedules(options: ScheduleListOptions = {}): Promise<SchedulePage> {
    return listSchedules(this.#context, options);
  }

  getSchedule(id: string): Promise<Schedule | undefined> {
    return this.#schedules.get(id);
  }

  /** Deletes a schedule; the jobs that it has added stay. False if there was none. */
  unschedule(id: string): Promise<boolean> {
    return this.#schedules.remove(id);
  }

  /** Keeps a schedule from firing. False if it was paused, or is over. @throws ScheduleNotFoundError */
  pauseSchedule(id: string): Promise<boolean> {
    return this.#schedules.pause(id);
  }

  /** Lets a schedule fire again, from its next time on; those of the pause are not made up for. @throws ScheduleNotFoundError */
  resumeSchedule(id: string): Promise<boolean> {
    return this.#schedules.resume(id);
  }

  /** Adds a job of the schedule now, beside those of its times: it counts for none of them. @throws ScheduleNotFoundError */
  triggerNow(id: string): Promise<Job> {
    return this.#schedules.trigger(id);
  }

  /** The next times of a schedule, or of a definition before it is declared. @throws ScheduleNotFoundError */
  nextRuns(schedule: string | ScheduleOptions, n = 10): Promise<Date[]> {
    return this.#schedules.nextRuns(schedule, n);
  }

  /** What became of the last 100 times of a schedule, latest first. */
  scheduleHistory(id: string): Promise<ScheduleRun[]> {
    return readHistory(this.#context, id);
  }
}
