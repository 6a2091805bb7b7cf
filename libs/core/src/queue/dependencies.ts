import {
  DependencyCycleError,
  DependencyNotFoundError,
  InvalidOptionError,
  JobActiveError,
  JobFinishedError,
  JobNotFoundError,
  type Where,
} from '../errors/index.js';
import { describeRef, encodeRef, policyLetter, type JobRef, type OnDependencyFailure } from '../job/job-ref.js';
import type { JobState } from '../job/job-state.js';
import { validateName } from '../job/names.js';
import { oneOf } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { checkDependsOn, checkJobRef } from '../options/job/dependency-options.js';
import { scripts } from '../redis/index.js';
import { LaneQueue } from './lane.js';
import { Neighbours } from './neighbours.js';
import type { QueueContext } from './queue-context.js';

/** How a job is made to depend on others after it was added. */
export interface AddDependencyOptions {
  /** What becomes of the job when one that it depends on does not complete. @default as the job says; `fail` where it says nothing */
  readonly onDependencyFailure?: OnDependencyFailure | undefined;
  /** A job that is not there refuses the call, or counts as done. @default 'reject' */
  readonly missingDependency?: 'reject' | 'done' | undefined;
}

interface Checked {
  readonly onDependencyFailure?: OnDependencyFailure;
  readonly missingDependency?: 'reject' | 'done';
}

const OPTIONS = fieldTable<Checked>({
  onDependencyFailure: oneOf<OnDependencyFailure>('fail', 'block', 'cancel', 'run'),
  missingDependency: oneOf('reject', 'done'),
});
const STATES: Readonly<Record<string, JobState>> = Object.freeze({
  b: 'blocked',
  w: 'waiting',
  d: 'delayed',
  r: 'retrying',
  o: 'aggregating',
  f: 'failed',
  x: 'cancelled',
});

/** Gives a job dependencies after it was added, and takes them away, in a lane of their own. */
export class Dependencies {
  readonly #queue: QueueContext;
  readonly #lane: LaneQueue;
  readonly #neighbours: Neighbours;

  constructor(queue: QueueContext) {
    this.#queue = queue;
    this.#lane = new LaneQueue(queue);
    this.#neighbours = new Neighbours(queue);
  }

  add(id: string, on: JobRef | readonly JobRef[], options: AddDependencyOptions): Promise<JobState> {
    const where = (): string => `addDependency('${id}')`;
    const { onDependencyFailure, missingDependency } = readFields(options, OPTIONS, where);
    const letter = onDependencyFailure === undefined ? '' : policyLetter(onDependencyFailure);
    return this.#link(id, on, 1, letter + (missingDependency === 'done' ? 'd' : ''), where);
  }

  remove(id: string, on: JobRef | readonly JobRef[] | undefined): Promise<JobState> {
    return this.#link(id, on ?? [], on === undefined ? 2 : 0, '', () => `removeDependency('${id}')`);
  }

  async #link(
    id: string,
    on: JobRef | readonly JobRef[],
    isOn: 0 | 1 | 2,
    policy: string,
    where: Where,
  ): Promise<JobState> {
    validateName('job id', id);
    const jobs = await this.#named(on, where);
    if (isOn === 1 && jobs.includes(id)) throw new DependencyCycleError(this.#queue.name, [id, id]);
    if (isOn === 1 && jobs.length === 0) throw invalid(where, on, 'at least one job');
    const { now, name } = this.#queue;
    const { fate, others } = await this.#lane.call(
      scripts.link,
      ({ laneId, seq }) => ({ now, laneId, seq, id, on: isOn, policy, jobs }),
      () => [id],
    );
    const change = isOn === 1 ? 'made to depend on others' : 'made to depend on others no more';
    if (fate === 'N') throw new JobNotFoundError(name, id);
    if (fate === 'F') throw new JobFinishedError(name, id, change);
    if (fate === 'A') throw new JobActiveError(name, id, change);
    if (fate === 'M') throw new DependencyNotFoundError(name, id, describeRef(others[0] ?? '', name));
    if (fate === 'C') throw new DependencyCycleError(name, [id, ...others.map((ref) => describeRef(ref, name))]);
    if (fate === 'W') throw invalid(where, on, 'jobs that wait for at most 1,000 others in all, so that a cycle shows');
    if (fate === 'E') throw invalid(where, on, 'at most 1,000 dependencies of one job');
    return STATES[fate] ?? 'waiting';
  }

  /** As the core names them. Those of other queues must be in reach. */
  async #named(on: JobRef | readonly JobRef[], where: Where): Promise<string[]> {
    const refs = Array.isArray(on) ? checkDependsOn(on, 'on', where) : [checkJobRef(on, 'on', where)];
    for (const { queue } of refs) if (queue !== undefined) await this.#neighbours.reach(queue);
    return [...new Set(refs.map((ref) => encodeRef(ref, this.#queue.name)))];
  }
}

function invalid(where: Where, value: unknown, expected: string): InvalidOptionError {
  return new InvalidOptionError({ where, path: 'on', value, expected });
}
