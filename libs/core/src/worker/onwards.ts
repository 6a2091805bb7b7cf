import { InvalidOptionError } from '../errors/index.js';
import type { NextJob } from '../job/active-job.js';
import { MAX_RESULT_BYTES } from '../job/limits.js';
import { mintedId } from '../job/minted-id.js';
import { mintNonce } from '../job/nonce.js';
import { encodeFollowing, encodeMove, Onward } from '../job/onward.js';
import { encodePayload } from '../job/payload.js';
import { QUEUE_DEFAULTS, type MovePatch } from '../options/index.js';
import { resolveMovePatch } from '../options/job/job-patch.js';
import { headOf } from '../queue/batch.js';
import { Drafting } from '../queue/drafting.js';
import { instructionsOf } from '../queue/moves.js';
import { Neighbours } from '../queue/neighbours.js';
import type { QueueContext } from '../queue/queue-context.js';

/** The options of a job that only make sense where its adding can be refused. */
const REFUSABLE = ['id', 'idForMs', 'unique', 'onConflict', 'onActive', 'dependsOn'] as const;

/** Makes what handlers return so that something goes on when their jobs end. */
export class Onwards {
  readonly #queue: QueueContext;
  readonly #neighbours: Neighbours;
  readonly #draftings = new Map<string, Drafting>();
  #nonce = '';
  #count = 0;

  constructor(queue: QueueContext) {
    this.#queue = queue;
    this.#neighbours = new Neighbours(queue);
  }

  /** The job moves to a queue of the slot. @throws QueueNotFoundError, CrossSlotError, InvalidOptionError, PayloadError */
  async move(id: string, to: string, patch: MovePatch): Promise<Onward<never>> {
    const said = resolveMovePatch(patch, () => `moveTo('${to}')`);
    const subject = `Payload of job ${to}/${id}`;
    const data =
      said.data === undefined ? undefined : encodePayload(said.data, { maxBytes: MAX_RESULT_BYTES, subject });
    const queue = await this.#neighbours.reach(to);
    return new Onward('m', to, encodeMove(queue, instructionsOf(said), said.name ?? '', data));
  }

  /** The job completes, and another one follows. @throws QueueNotFoundError, CrossSlotError, InvalidOptionError, PayloadError */
  async follow<R>(id: string, result: R, next: NextJob): Promise<Onward<R>> {
    const { queue: to = this.#queue.name, name, data, options } = next;
    for (const path of REFUSABLE) {
      if (options?.[path] === undefined) continue;
      const expected = 'nothing here: a job that follows another one is added for sure, under a minted id';
      throw new InvalidOptionError({
        where: 'completeWith()',
        path: `options.${path}`,
        value: options[path],
        expected,
      });
    }
    const draft = this.#drafting(to).draft(name, data, options);
    const subject = `Result of job ${this.#queue.name}/${id}`;
    const limits = { maxBytes: MAX_RESULT_BYTES, limit: 'the limit of results', subject, root: 'result' };
    const text = encodePayload(result, limits);
    const queue = await this.#neighbours.reach(to);
    const head = headOf(draft.id, draft.how, draft.lines);
    return new Onward<R>('q', to, encodeFollowing({ head, body: draft.body }, queue, text), result);
  }

  #drafting(queue: string): Drafting {
    const known = this.#draftings.get(queue) ?? new Drafting(queue, QUEUE_DEFAULTS, () => this.#mintId());
    this.#draftings.set(queue, known);
    return known;
  }

  #mintId(): string {
    if (this.#nonce === '') this.#nonce = mintNonce();
    return mintedId(this.#nonce, this.#count++);
  }
}
