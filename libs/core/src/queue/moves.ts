import { InvalidOptionError, JobActiveError, JobConflictError, JobNotFoundError } from '../errors/index.js';
import { validateName } from '../job/names.js';
import { encodePayload } from '../job/payload.js';
import {
  resolveMovePatch,
  resolvePatch,
  type JobPatch,
  type MovePatch,
  type ResolvedPatch,
} from '../options/job/job-patch.js';
import { scripts } from '../redis/index.js';
import { LaneQueue } from './lane.js';
import { Neighbours } from './neighbours.js';
import type { QueueContext } from './queue-context.js';

const TOO_MUCH = 'a job with at most 1,000 dependencies and dependents, for another queue';

/** Changes what a job is or where it waits, in a lane of their own. */
export class Moves {
  readonly #queue: QueueContext;
  readonly #maxPayloadBytes: number;
  readonly #lane: LaneQueue;
  readonly #neighbours: Neighbours;

  constructor(queue: QueueContext, maxPayloadBytes: number) {
    this.#queue = queue;
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#lane = new LaneQueue(queue);
    this.#neighbours = new Neighbours(queue);
  }

  /** @throws JobNotFoundError, JobActiveError */
  async update(id: string, patch: JobPatch): Promise<boolean> {
    const said = resolvePatch(patch, () => `update('${id}')`);
    const { now, name } = this.#queue;
    const change = this.#change(validateName('job id', id), said);
    const { fate } = await this.#lane.call(
      scripts.update,
      ({ laneId, seq }) => ({ now, laneId, seq, id, ...change }),
      () => [id],
    );
    if (fate === 'N') throw new JobNotFoundError(name, id);
    if (fate === 'A') throw new JobActiveError(name, id, 'updated');
    return fate === 'U';
  }

  /** @throws JobNotFoundError, JobActiveError, JobConflictError, QueueNotFoundError, CrossSlotError */
  async move(id: string, to: string, patch: MovePatch): Promise<void> {
    const said = resolveMovePatch(patch, () => `move('${id}')`);
    const change = this.#change(validateName('job id', id), said);
    const queue = await this.#neighbours.reach(to);
    const { now, name } = this.#queue;
    const { fate } = await this.#lane.call(
      scripts.move,
      ({ laneId, seq }) => ({ now, laneId, seq, id, queue, name: said.name ?? '', ...change }),
      () => [id],
    );
    if (fate === 'N') throw new JobNotFoundError(name, id);
    if (fate === 'A') throw new JobActiveError(name, id, 'moved');
    if (fate === 'E')
      throw new InvalidOptionError({ where: `move('${id}')`, path: 'id', value: id, expected: TOO_MUCH });
    if (fate === 'T' || fate === 'D') throw new JobConflictError(to, id, fate === 'D' ? 'unique' : 'id');
  }

  #change(id: string, said: ResolvedPatch): { how: string; hasData: number; data: string } {
    const subject = `Payload of job ${this.#queue.name}/${id}`;
    const limits = { maxBytes: this.#maxPayloadBytes, subject };
    const data = said.data === undefined ? '' : encodePayload(said.data, limits);
    return { how: instructionsOf(said), hasData: said.data === undefined ? 0 : 1, data };
  }
}

/** A time and a priority as the commands take them. */
export function instructionsOf({ delayMs, runAt, priority }: ResolvedPatch): string {
  const parts: string[] = [];
  if (delayMs !== undefined) parts.push(`d${delayMs}`);
  if (runAt !== undefined) parts.push(`a${runAt}`);
  if (priority !== undefined) parts.push(`p${priority}`);
  return parts.join(',');
}
