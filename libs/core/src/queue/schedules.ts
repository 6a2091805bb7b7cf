import { ScheduleNotFoundError } from '../errors/index.js';
import type { Job } from '../job/job.js';
import { wholeNumber } from '../options/check/checks.js';
import {
  checkScheduleId,
  resolveScheduleOptions,
  type ResolvedScheduleOptions,
  type ScheduledJob,
  type ScheduleOptions,
} from '../options/index.js';
import { scripts } from '../redis/index.js';
import {
  decodeSchedules,
  encodeDefinition,
  hashOf,
  type ScheduleDefinition,
  type StoredSchedule,
} from '../schedule/definition.js';
import { toSchedule, type DeclaredSchedule, type Schedule } from '../schedule/schedule.js';
import { firstTime, nextTimeAfterChange, nextTimeAfterPause, timesToCome } from '../schedule/timing.js';
import type { Adding } from './adding.js';
import { LaneQueue } from './lane.js';
import type { QueueContext } from './queue-context.js';

const checkCount = wholeNumber(1, 1_000);

/** A schedule as one reading found it, with the time of that by the clock of Redis. */
interface Found {
  readonly now: number;
  readonly stored: StoredSchedule | undefined;
}

/** A schedule of {@link Schedules.sync}. */
export interface ScheduleDraft<J extends ScheduledJob = ScheduledJob> {
  readonly id: string;
  readonly timing: ScheduleOptions;
  readonly job: J;
}

/**
 * Declares the schedules of a queue and looks after them. Next times are worked out here, from the clock of Redis, and set
 * where nobody else has changed the schedule meanwhile; else it is read again.
 */
export class Schedules {
  readonly #queue: QueueContext;
  readonly #adding: Adding;
  readonly #lane: LaneQueue;

  constructor(queue: QueueContext, adding: Adding) {
    this.#queue = queue;
    this.#adding = adding;
    this.#lane = new LaneQueue(queue);
  }

  async declare(id: string, timing: ScheduleOptions, job: ScheduledJob): Promise<DeclaredSchedule> {
    const where = (): string => `schedule('${this.#queue.name}', '${id}')`;
    checkScheduleId(id, where);
    const resolved = resolveScheduleOptions(timing, where);
    const definition = { timing: resolved, job: await this.#adding.template(job, where) };
    const hash = hashOf(definition);
    for (;;) {
      const outcome = await this.#declareOnce(id, definition, hash, await this.#find(id));
      if (outcome === 'again') continue;
      return { ...(await this.#get(id)), outcome };
    }
  }

  async get(id: string): Promise<Schedule | undefined> {
    const { stored } = await this.#find(checkScheduleId(id, 'getSchedule()'));
    return stored === undefined ? undefined : toSchedule(stored);
  }

  /** @param hash only if it is defined so */
  async remove(id: string, hash = ''): Promise<boolean> {
    checkScheduleId(id, 'unschedule()');
    const { now } = this.#queue;
    const reply = await this.#lane.call(
      scripts.unschedule,
      ({ laneId, seq }) => ({ now, laneId, seq, id, hash }),
      () => [],
    );
    return reply.removed === 1;
  }

  async pause(id: string): Promise<boolean> {
    return (await this.#setPaused(checkScheduleId(id, 'pauseSchedule()'), { on: 1, hash: '', at: 0, nextAt: 0 })) === 1;
  }

  async resume(id: string): Promise<boolean> {
    checkScheduleId(id, 'resumeSchedule()');
    for (;;) {
      const { now, stored } = await this.#find(id);
      if (stored === undefined) throw new ScheduleNotFoundError(this.#queue.name, id);
      const { timing } = this.#readable(stored);
      const args = { on: 0, hash: stored.hash, at: stored.at, nextAt: nextTimeAfterPause(timing, stored, now) };
      const changed = await this.#setPaused(id, args);
      if (changed !== 'again') return changed === 1;
    }
  }

  async trigger(id: string): Promise<Job> {
    const { stored } = await this.#find(checkScheduleId(id, 'triggerNow()'));
    if (stored === undefined) throw new ScheduleNotFoundError(this.#queue.name, id);
    return this.#adding.addFrom(id, this.#readable(stored).job);
  }

  /** The times to come of a schedule that there is, or of one that is only thought of. */
  async nextRuns(what: string | ScheduleOptions, n: number): Promise<Date[]> {
    checkCount(n, 'n', 'nextRuns()');
    const { first, timing } = await this.#toCome(what);
    return timesToCome(timing, first, Math.min(n, timing.limit ?? n)).map((at) => new Date(at));
  }

  async #toCome(what: string | ScheduleOptions): Promise<{ first: number; timing: ResolvedScheduleOptions }> {
    if (typeof what !== 'string') {
      const timing = resolveScheduleOptions(what, 'nextRuns()');
      return { timing, first: firstTime(timing, (await this.#find('')).now) };
    }
    const { stored } = await this.#find(checkScheduleId(what, 'nextRuns()'));
    if (stored === undefined) throw new ScheduleNotFoundError(this.#queue.name, what);
    const { timing } = this.#readable(stored);
    const { limit } = timing;
    return { first: stored.at, timing: limit === undefined ? timing : { ...timing, limit: limit - stored.count } };
  }

  async #declareOnce(
    id: string,
    definition: ScheduleDefinition,
    hash: string,
    { now, stored }: Found,
  ): Promise<DeclaredSchedule['outcome'] | 'again'> {
    const { timing } = definition;
    if (stored?.hash === hash) return 'unchanged';
    if (stored !== undefined && stored.revision > timing.revision) return 'kept';
    const was = stored?.definition?.timing;
    const reply = await this.#lane.call(
      scripts.schedule,
      ({ laneId, seq }) => ({
        now: this.#queue.now,
        laneId,
        seq,
        id,
        wasHash: stored?.hash ?? '',
        wasAt: stored?.at ?? 0,
        revision: timing.revision,
        hash,
        nextAt:
          stored === undefined || was === undefined
            ? firstTime(timing, now)
            : nextTimeAfterChange(timing, was, stored, now),
        definition: encodeDefinition(definition),
      }),
      () => [],
    );
    if (reply.code === 'AGAIN') return 'again';
    if (reply.code === 'NEWER') return 'kept';
    if (stored === undefined) return 'added';
    if (stored.revision === timing.revision) this.#warnOfChange(id, timing.revision);
    return 'changed';
  }

  #warnOfChange(id: string, revision: number): void {
    const { name, logger } = this.#queue;
    logger.warn(
      `Schedule "${id}" of queue "${name}" was declared otherwise before, also as revision ${revision}: the later declaration holds. Raise revision with each change, so that processes of an older release cannot put theirs back.`,
      { code: 'SCHEDULE_CHANGED', queue: name, schedule: id },
    );
  }

  async #setPaused(
    id: string,
    args: { on: number; hash: string; at: number; nextAt: number },
  ): Promise<number | 'again'> {
    const { now } = this.#queue;
    const reply = await this.#lane.call(
      scripts.pauseSchedule,
      ({ laneId, seq }) => ({ now, laneId, seq, id, ...args }),
      () => [],
    );
    if (reply.code === 'NOT_FOUND') throw new ScheduleNotFoundError(this.#queue.name, id);
    return reply.code === 'AGAIN' ? 'again' : reply.changed;
  }

  async #find(id: string): Promise<Found> {
    const { now, rows } = await this.#queue.ask(scripts.getSchedules, { now: this.#queue.now, ids: [id] });
    return { now, stored: decodeSchedules(rows)[0] };
  }

  async #get(id: string): Promise<Schedule> {
    const { stored } = await this.#find(id);
    if (stored === undefined) throw new ScheduleNotFoundError(this.#queue.name, id);
    return toSchedule(stored);
  }

  #readable({ id, definition }: StoredSchedule): ScheduleDefinition {
    if (definition === undefined) throw this.#queue.upgradeRequired(`a schedule "${id}" of a later release`);
    return definition;
  }
}
