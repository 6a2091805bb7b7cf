import { START } from '../../lua/support/lua-queue.js';
import { QUEUES } from '../core/core.js';
import { Coverage } from '../run/coverage.js';
import { Mailbox } from '../steps/perform.js';
import type { Client } from './client.js';
import { FEATURES, type Feature } from './features.js';
import type { Job } from './job.js';
import { Producers } from './producers.js';
import { QueueModel } from './queue-model.js';
import { Resources } from './resources.js';

/** Something that concerns the dependents or the dependencies of a job, to be settled before the call is over. */
export interface Note {
  /** An ending; `X` cancelled with all that depends on it, `R` gone, `O` tried again, `U` it waits for nothing any more. */
  readonly what: string;
  readonly ref: string;
  readonly queue: number;
  readonly text: string;
  /** Others depend on the job, or did. */
  readonly isParent: boolean;
}

/** A note of which some have still to be told. */
export interface Pending extends Note {
  children: readonly string[];
}

/** A reply that the model does not allow, or keys that it has not predicted. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

/** All that the model knows. */
export class World {
  now = START;
  readonly queues = QUEUES.map((name, index) => new QueueModel(index, name));
  readonly clients: Client[] = [];
  readonly producers = new Producers();
  readonly resources = new Resources();
  readonly mailbox = new Mailbox();
  /** Tokens of runs that were taken away or ended, as late messages have them. */
  readonly stale: { readonly queue: number; readonly id: string; readonly token: string }[] = [];
  notes: Note[] = [];
  /** How many dependents may still be told, and whom of a job the call has not come to. */
  budget: { left: number; readonly untold: (ref: string) => ReadonlySet<string> } = {
    left: 250,
    untold: () => new Set(),
  };
  /** The jobs of a queue that the keys have after the call at hand. */
  idsThere: (queue: number) => readonly string[] = () => [];
  /** The caller does not get the reply of the call at hand. */
  isReplyLost = false;
  /** What was done, for people. */
  readonly log: string[] = [];
  /** The number of the call at hand. */
  calls = 0;
  #minted = 0;

  constructor(
    readonly coverage = new Coverage(),
    readonly features: ReadonlySet<Feature> = new Set(FEATURES),
  ) {}

  queue(index: number): QueueModel {
    const queue = this.queues[index];
    if (queue === undefined) throw new Error(`there is no queue ${index}`);
    return queue;
  }

  job(ref: string): Job | undefined {
    const [queue = '', id = ''] = ref.split(/\/(.*)/s);
    return this.queues[Number(queue)]?.jobs.get(id);
  }

  *jobs(): Generator<Job> {
    for (const { jobs } of this.queues) yield* jobs.values();
  }

  /** A number that no other thing of this run has. */
  mint(): number {
    this.#minted += 1;
    return this.#minted;
  }
}
