import { mintedId } from '../job/minted-id.js';
import { mintNonce } from '../job/nonce.js';
import { QUEUE_DEFAULTS, type Logger } from '../options/index.js';
import { Drafting } from '../queue/drafting.js';
import type { QueueContext } from '../queue/queue-context.js';
import { scripts } from '../redis/index.js';
import { decodeSchedules, type JobTemplate, type StoredSchedule } from '../schedule/definition.js';
import { jobIdOf } from '../schedule/schedule.js';
import { leftOf, planFiring } from '../schedule/timing.js';
import { Crowding } from './crowding.js';

/** What the firer asks of its consumer. */
export interface FirerHost {
  readonly context: QueueContext;
  readonly logger: Logger;
  /** There may be jobs, and there are new times. */
  fired(): void;
}

/** Schedules read and fired at once. */
const PAGE = 100;
/** So many are sent at first before an answer is waited for. */
const FIRST_TOGETHER = 8;
/** The next time of a schedule keeps a firing from being done twice; this does where Redis has lost that. */
const ID_FOR_MS = 60 * 60 * 1_000;
const WARN_EVERY_MS = 60_000;

/** Fired, fired by somebody else, or not to be fired by this worker. */
type Fate = 'OK' | 'LOST' | 'UPGRADE';

/** What became of those that were read: some that others had fired meanwhile, some that this worker cannot fire. */
interface Page {
  readonly read: number;
  readonly fired: number;
  readonly lost: number;
  /** How many were due when they were read. */
  readonly due: number;
}

/** Workers that look at once need not all take the same. */
function skipOf(due: number): number {
  return Math.floor(Math.random() * Math.max(0, due - PAGE));
}

/**
 * Adds the jobs of schedules whose time has come. What is to be added, and when the next time is, is worked out here; the core
 * compares and sets, so that of all workers that look at once one fires.
 */
export class ScheduleFirer {
  readonly #host: FirerHost;
  readonly #warnedAt = new Map<string, number>();
  #isFiring = false;
  #isStopped = false;
  #nonce = '';
  #minted = 0;
  /** How many are sent before an answer is waited for: fewer where Redis is crowded. */
  #together = FIRST_TOGETHER;
  readonly #crowding = new Crowding();

  constructor(host: FirerHost) {
    this.#host = host;
  }

  /**
   * Fires all that is due: of missed times a part at each round. While it does, further calls do nothing. Never rejects.
   *
   * @param due how many schedules are, as far as is known
   */
  async fire(due: number): Promise<void> {
    if (this.#isFiring) return;
    this.#isFiring = true;
    try {
      for (let skip = skipOf(due); !this.#isStopped;) {
        const page = await this.#firePage(skip);
        if (page.fired + page.lost > 0) this.#host.fired();
        // Fewer were due than were skipped where others fire too; what nobody can fire is left to the next look.
        else if (page.read > 0 || page.due === 0) break;
        // Two hundred workers that all went on with the most overdue ones fired each of them two hundred times.
        skip = page.read === 0 || page.lost > 0 ? skipOf(page.due - page.read) : 0;
      }
    } catch (error) {
      const { context, logger } = this.#host;
      logger.debug(`Schedules of queue "${context.name}" could not be fired: ${(error as Error).message}`);
    } finally {
      this.#isFiring = false;
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #firePage(skip: number): Promise<Page> {
    const { context } = this.#host;
    const { now, due, rows } = await context.run(scripts.dueSchedules, { now: context.now, skip, limit: PAGE });
    const schedules = decodeSchedules(rows);
    const fates: Fate[] = [];
    while (fates.length < schedules.length) {
      const some = schedules.slice(fates.length, fates.length + this.#together);
      const from = context.clock.monotonic();
      fates.push(...(await this.#fireSome(some, now)));
      const isCrowded = this.#crowding.sees(context.clock.monotonic() - from);
      this.#together = isCrowded ? Math.max(1, this.#together >> 1) : Math.min(PAGE, this.#together * 2);
    }
    const count = (wanted: Fate): number => fates.filter((fate) => fate === wanted).length;
    return { read: fates.length, fired: count('OK'), lost: count('LOST'), due };
  }

  async #fireSome(schedules: readonly StoredSchedule[], now: number): Promise<Fate[]> {
    const firing: Promise<Fate>[] = [];
    for (const schedule of schedules) {
      firing.push(this.#fireOne(schedule, now));
      await this.#breathe();
    }
    return Promise.all(firing);
  }

  /** Many times take long to work out: what else this process has to do comes in between. Virtual time would pass meanwhile. */
  #breathe(): Promise<void> {
    const { clock } = this.#host.context;
    return clock.isVirtual ? Promise.resolve() : new Promise((resolve) => clock.tick(resolve));
  }

  /** One that cannot be fired stays, and does not keep others from it. */
  async #fireOne(schedule: StoredSchedule, now: number): Promise<Fate> {
    try {
      return await this.#send(schedule, now);
    } catch (error) {
      this.#warn(schedule.id, (error as Error).message);
      return 'UPGRADE';
    }
  }

  async #send({ id, at, hash, count, definition }: StoredSchedule, now: number): Promise<Fate> {
    const { context } = this.#host;
    if (definition === undefined) throw new Error('a later release has stored it');
    const { timing, job } = definition;
    const { times, nextAt } = await planFiring(timing, { at, count }, now, () => this.#breathe());
    const reply = await context.run(scripts.fire, {
      now: context.now,
      id,
      at,
      hash,
      nextAt,
      left: leftOf(timing, count),
      alone: timing.overlap === 'skip' ? 1 : 0,
      rows: times.flatMap((time) => this.#row(id, time, job)),
    });
    return reply.code;
  }

  #row(scheduleId: string, time: number, { name, options, defaults, payload }: JobTemplate): string[] {
    const { context } = this.#host;
    const drafting = new Drafting(context.name, { ...QUEUE_DEFAULTS, defaults }, () => this.#mintId());
    const said = { ...options, scheduleId, scheduledFor: time };
    const { how, lines, body } = drafting.compose(jobIdOf(scheduleId, time), name, said, payload);
    const head = `ck,m${ID_FOR_MS}${how === '' ? '' : `,${how}`}`;
    return [String(time), lines === '' ? head : `${head}\n${lines}`, body];
  }

  #mintId(): string {
    if (this.#nonce === '') this.#nonce = mintNonce();
    return mintedId(this.#nonce, this.#minted++);
  }

  #warn(id: string, reason: string): void {
    const { context, logger } = this.#host;
    const now = context.clock.monotonic();
    if (now - (this.#warnedAt.get(id) ?? -Infinity) < WARN_EVERY_MS) return;
    this.#warnedAt.set(id, now);
    logger.warn(`Schedule "${id}" of queue "${context.name}" cannot be fired by this worker: ${reason}`, {
      queue: context.name,
      schedule: id,
    });
  }
}
