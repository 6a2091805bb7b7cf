import type { Job } from '../job/job.js';
import type { AddDraft, AddMiddleware, JobOptions } from '../options/index.js';
import type { Adding, JobDraft } from './adding.js';

/** What a queue adds jobs by. */
export type Adds = Pick<Adding, 'add' | 'addMany' | 'settled'>;

type Changes = Partial<Pick<AddDraft, 'name' | 'data' | 'options'>>;

/** Adds jobs through middleware; where there is none, as before. */
export function throughMiddleware(adding: Adds, queue: string, middleware: readonly AddMiddleware[]): Adds {
  return middleware.length === 0 ? adding : new AddChain(queue, adding, middleware);
}

/** Adds jobs through middleware, the first of the list outermost. */
class AddChain implements Adds {
  readonly #queue: string;
  readonly #adding: Adds;
  readonly #middleware: readonly AddMiddleware[];

  constructor(queue: string, adding: Adds, middleware: readonly AddMiddleware[]) {
    this.#queue = queue;
    this.#adding = adding;
    this.#middleware = middleware;
  }

  add(name: string, data: unknown, options: JobOptions | undefined): Promise<Job> {
    return this.#through({ queue: this.#queue, name, data, options }, (draft) =>
      this.#adding.add(draft.name, draft.data, draft.options),
    );
  }

  /** One atomic command all the same: it waits until each job has come through, or was refused. */
  async addMany(jobs: readonly JobDraft[]): Promise<Job[]> {
    const batch = new Batch(jobs.length);
    const results = jobs.map(({ name, data, options }, index) => {
      const draft = { queue: this.#queue, name, data, options };
      const result = this.#through(draft, (final) => batch.join(index, final));
      result.then(
        () => batch.arrived(index),
        (error: unknown) => batch.refused(index, error),
      );
      return result;
    });
    const storing = batch.complete((drafts) => this.#adding.addMany(drafts));
    // Whoever waits for a refused batch finds that nothing of it goes on.
    await Promise.allSettled([storing, ...results]);
    await storing;
    return Promise.all(results);
  }

  settled(): Promise<void> {
    return this.#adding.settled();
  }

  #through(draft: AddDraft, store: (draft: AddDraft) => Promise<Job>, at = 0): Promise<Job> {
    const middleware = this.#middleware[at];
    if (middleware === undefined) return store(draft);
    const next = async (changes: Changes = {}): Promise<Job> =>
      this.#through({ ...draft, ...changes, queue: this.#queue }, store, at + 1);
    // What throws before it returns a promise refuses as well.
    return (async () => middleware(draft, next))();
  }
}

/** The jobs of one `addMany`, while each is on its way through the middleware. */
class Batch {
  readonly #drafts = new Map<number, AddDraft>();
  readonly #onTheirWay: Set<number>;
  readonly #stored: Promise<ReadonlyMap<number, Job>>;
  readonly #ready: Promise<void>;
  #settle!: (stored: Promise<ReadonlyMap<number, Job>>) => void;
  #isReady!: () => void;
  #refusal: { readonly error: unknown } | undefined;

  constructor(count: number) {
    this.#onTheirWay = new Set(Array.from({ length: count }, (_, index) => index));
    this.#stored = new Promise((resolve) => (this.#settle = resolve));
    this.#stored.catch(() => {});
    this.#ready = new Promise((resolve) => (this.#isReady = resolve));
    if (count === 0) this.#isReady();
  }

  /** A job has come through; resolves when it is stored, with all others. */
  async join(index: number, draft: AddDraft): Promise<Job> {
    if (!this.#drafts.has(index)) this.#drafts.set(index, draft);
    this.arrived(index);
    return (await this.#stored).get(index)!;
  }

  arrived(index: number): void {
    this.#onTheirWay.delete(index);
    if (this.#onTheirWay.size === 0) this.#isReady();
  }

  refused(index: number, error: unknown): void {
    this.#refusal ??= { error };
    this.arrived(index);
  }

  /** Stores what has come through, or nothing if a job was refused. Middleware hears of it as `next()` settles. */
  async complete(store: (drafts: AddDraft[]) => Promise<Job[]>): Promise<void> {
    await this.#ready;
    const storing = this.#refusal === undefined ? this.#store(store) : Promise.reject(this.#refusal.error);
    this.#settle(storing);
    await storing;
  }

  async #store(store: (drafts: AddDraft[]) => Promise<Job[]>): Promise<ReadonlyMap<number, Job>> {
    const indexes = [...this.#drafts.keys()].sort((a, b) => a - b);
    if (indexes.length === 0) return new Map();
    const jobs = await store(indexes.map((index) => this.#drafts.get(index)!));
    return new Map(indexes.map((index, position) => [index, jobs[position]!]));
  }
}
