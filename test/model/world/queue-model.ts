import type { Job } from './job.js';
import type { Pending } from './world.js';

/** A run that somebody else has ended, until its worker has shown receipt. */
export interface Taken {
  readonly number: number;
  readonly id: string;
  readonly token: string;
  readonly reason: 'cancelled' | 'replaced' | 'expired';
}

/** A worker's hold on a queue. */
export interface Epoch {
  readonly name: string;
  lease: number;
  expiry: number;
  /** False once its lease was over or it was closed, while jobs of it have still to be given back. */
  isOpen: boolean;
  /** Its lease was put off after an outage, and it has not shown itself since. */
  isSpared: boolean;
  /** The end of a lease that was put off by the grace of the queue. */
  late: number | undefined;
  obeyed: number;
  leased: number;
  takenSoFar: number;
  taken: Taken[];
  /** Slot -> its last call, and the numbers of the ends that it refused. */
  readonly slots: Map<string, { readonly seq: number; readonly refused: string }>;
}

export interface Lane {
  seq: number;
  usedAt: number;
}

export interface Schedule {
  state: 'running' | 'paused' | 'over';
  at: number;
  revision: number;
  count: number;
  last: number;
  hash: string;
  job: string;
  definition: string;
  /** Latest first. */
  history: string[];
}

/** The settings of one group. */
export interface GroupSettings {
  concurrency: string;
  rate: string;
  paused: string;
}

/** One queue as the documents describe it, in plain data. */
export class QueueModel {
  readonly jobs = new Map<string, Job>();
  readonly epochs = new Map<string, Epoch>();
  /** What `configure` has set, by name. */
  readonly settings = new Map<string, string>();
  readonly groups = new Map<string, GroupSettings>();
  /** Unique key -> who holds it, and until when at most. */
  readonly uniques = new Map<string, { readonly id: string; readonly expiry: number | undefined }>();
  /** Given id -> until when it is remembered. */
  readonly remembered = new Map<string, number>();
  readonly lanes = new Map<string, Lane>();
  readonly schedules = new Map<string, Schedule>();
  /** Id that is tracked -> since when, whatever has become of its job. */
  readonly tracked = new Map<string, number>();
  /** `<day or all>/<name or nothing>\t<letter>` -> how many. */
  readonly counted = new Map<string, number>();
  /** Times of starts that count towards the rate of the queue. */
  starts: number[] = [];
  /** Group -> the same towards its rate. */
  readonly groupStarts = new Map<string, number[]>();
  /** What dependents have still to be told, by housekeeping. */
  readonly pending: Pending[] = [];
  pause = 0;
  /** When housekeeping was done last, before that when the first epoch was opened. */
  seen: number | undefined;
  isHeard = false;
  /** Events that the call at hand must write: letter and id. */
  told: string[] = [];
  /** Jobs whose last dependency has ended in the call at hand. */
  freed: Job[] = [];
  /** Something became ready in the call at hand. */
  hasNews = false;
  /** So many jobs were called to its front by the call at hand, which has not taken as many itself. */
  called = 0;
  readonly parked = new Set<string>();
  /** The epoch that is parked by the call at hand. */
  parking: string | undefined;
  #back = 0;
  #front = 0;

  constructor(
    readonly index: number,
    readonly name: string,
  ) {}

  tell(letter: string, id: string): void {
    if (this.isHeard) this.told.push(`${letter}\t${id}`);
  }

  count(name: string, letter: string, now: number): void {
    const day = Math.floor(now / 86_400_000);
    for (const field of [`${day}/${name}\t${letter}`, `${day}/\t${letter}`, `all/\t${letter}`])
      this.counted.set(field, (this.counted.get(field) ?? 0) + 1);
  }

  /** The jobs wait, behind all others of their priorities; in this order, unless they come in any. */
  toBack(jobs: readonly Job[], inAnyOrder = false): void {
    for (const job of jobs) {
      if (!inAnyOrder || job === jobs[0]) this.#back += 1;
      this.#wait(job, this.#back);
    }
  }

  /** The jobs wait, in this order, before all others of their priorities. */
  toFront(jobs: readonly Job[]): void {
    this.#front -= jobs.length;
    jobs.forEach((job, i) => this.#wait(job, this.#front + i));
  }

  #wait(job: Job, turn: number): void {
    Object.assign(job, { state: 'waiting', turn, at: 0, lease: undefined, line: undefined });
    this.hasNews = true;
  }

  /** The jobs that wait for nothing but a worker, in the order in which they are served, those of groups left out unless one is named. */
  waiting(group?: string): Job[] {
    const all = this.inState('waiting').filter((job) => job.line === undefined && job.group === group);
    return all.sort(byTurn);
  }

  inState(state: Job['state']): Job[] {
    return [...this.jobs.values()].filter((job) => job.state === state);
  }

  /** The open epoch of this name. */
  living(name: string): Epoch | undefined {
    const epoch = this.epochs.get(name);
    return epoch?.isOpen === true ? epoch : undefined;
  }

  heldBy(epoch: string): Job[] {
    return this.inState('active')
      .filter((job) => job.lease?.epoch === epoch)
      .sort((a, b) => a.lease!.nth - b.lease!.nth);
  }

  get isPaused(): boolean {
    return this.pause % 2 === 1;
  }

  /** Who holds a unique key now. */
  holderOf(key: string, now: number): string | undefined {
    const holder = this.uniques.get(key);
    return holder === undefined || (holder.expiry !== undefined && holder.expiry <= now) ? undefined : holder.id;
  }

  /** The job holds its key no more, if it did. */
  release(job: Job): void {
    const key = job.sketch.unique?.key;
    if (key !== undefined && this.uniques.get(key)?.id === job.id) this.uniques.delete(key);
  }
}

/** Higher priorities first, then by turn. */
export function byTurn(a: Job, b: Job): number {
  return b.priority - a.priority || a.turn - b.turn;
}
