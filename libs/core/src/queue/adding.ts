import { InvalidOptionError, OutcomeUnknownError, PayloadError, type Where } from '../errors/index.js';
import type { Job } from '../job/job.js';
import { checkBySchema } from '../job/schema-check.js';
import type { FailureJob, JobOptions, ResolvedQueueOptions, ScheduledJob } from '../options/index.js';
import type { JobTemplate } from '../schedule/definition.js';
import { Drafting } from './drafting.js';
import { inOrder } from './in-order.js';
import { readJobs } from './job-reader.js';
import { Neighbours } from './neighbours.js';
import type { Added, Draft } from './batch.js';
import { Producer } from './producer.js';
import type { QueueContext } from './queue-context.js';

/** A job of a batch. */
export interface JobDraft<N extends string = string, D = unknown, F extends FailureJob = FailureJob> {
  readonly name: N;
  readonly data: D;
  readonly options?: JobOptions<F> | undefined;
}

/** What one atomic command takes at most: it holds the server while it runs. */
const MAX_JOBS = 1_000;
const MAX_CHARS = 16 * 1_048_576;

/** Adds jobs to a queue: checked here, stored by the producer, and told as what they have become. */
export class Adding {
  readonly #queue: QueueContext;
  readonly #producer: Producer;
  readonly #drafting: Drafting;
  readonly #schemas: ResolvedQueueOptions['jobs'];
  readonly #neighbours: Neighbours;

  constructor(queue: QueueContext, options: ResolvedQueueOptions) {
    this.#queue = queue;
    this.#producer = new Producer(queue);
    this.#neighbours = new Neighbours(queue);
    this.#schemas = options.jobs;
    this.#drafting = new Drafting(queue.name, options, () => this.#producer.mintId());
  }

  async add(name: string, data: unknown, options: JobOptions | undefined): Promise<Job> {
    if (this.#schemas !== undefined) await this.#check(name, data, this.#schemas);
    return this.#store(this.#drafting.draft(name, data, options));
  }

  /** Checks what each job of a schedule is to be made of. */
  async template({ name, data, options }: ScheduledJob, where: Where): Promise<JobTemplate> {
    if (this.#schemas !== undefined) await this.#check(name, data, this.#schemas);
    return this.#drafting.template(name, data, options, where);
  }

  /** Adds one job of a schedule, at no time of it. */
  addFrom(scheduleId: string, { name, options, defaults, payload }: JobTemplate): Promise<Job> {
    const id = this.#producer.mintId();
    const drafting = this.#drafting.with(defaults);
    return this.#store({ id, isGiven: false, ...drafting.compose(id, name, { ...options, scheduleId }, payload) });
  }

  async #store(draft: Draft): Promise<Job> {
    if (draft.dependsOn !== undefined) await this.#reachAll(inOrder([draft], this.#queue.name));
    const { outcome, at, keptId = draft.id, became } = await this.#producer.add(draft);
    if (outcome === 'kept') return (await this.#read([keptId], 'kept')).get(keptId) ?? this.#drafting.gone(keptId);
    if (became !== 'ended') return this.#drafting.toJob(draft, outcome, at, became === 'blocked');
    return (await this.#read([draft.id], outcome)).get(draft.id) ?? this.#drafting.gone(draft.id);
  }

  async addMany(jobs: readonly JobDraft[]): Promise<Job[]> {
    const schemas = this.#schemas;
    if (schemas !== undefined) await Promise.all(jobs.map(({ name, data }) => this.#check(name, data, schemas)));
    const drafts = jobs.map((job) => this.#drafting.draft(job.name, job.data, job.options));
    this.#refuseRepeatedIds(drafts);
    const ordered = inOrder(drafts, this.#queue.name);
    await this.#reachAll(ordered);
    const added: Job[] = [];
    for (const page of pagesOf(ordered)) added.push(...(await this.#toJobs(page, await this.#producer.addAll(page))));
    if (ordered === drafts) return added;
    const places = new Map(ordered.map((draft, place) => [draft, place]));
    return drafts.map((draft) => added[places.get(draft) ?? 0]!);
  }

  /** What is stored is the data as it was given: the handler gets what the schema makes of it. */
  async #check(name: string, data: unknown, schemas: NonNullable<ResolvedQueueOptions['jobs']>): Promise<void> {
    const schema = schemas.get(name);
    if (schema === undefined) return;
    const checked = await checkBySchema(schema, data, 'data');
    if (!checked.ok)
      throw new PayloadError(`Payload of "${name}"`, checked.path, `does not fit its schema: ${checked.problem}.`);
  }

  /** Resolves when all that was added so far has been answered. */
  settled(): Promise<void> {
    return this.#producer.settled();
  }

  async #toJobs(drafts: readonly Draft[], added: readonly Added[]): Promise<Job[]> {
    const isRead = ({ outcome, became }: Added): boolean => outcome === 'kept' || became === 'ended';
    const ids = drafts.flatMap(({ id }, i) => (isRead(added[i]!) ? [added[i]!.keptId ?? id] : []));
    const kept = await this.#read(ids, 'kept');
    return drafts.map((draft, i) => {
      const { outcome, at, keptId = draft.id, became } = added[i]!;
      if (isRead(added[i]!)) return kept.get(keptId) ?? this.#drafting.gone(keptId);
      return this.#drafting.toJob(draft, outcome === 'replaced' ? outcome : 'added', at, became === 'blocked');
    });
  }

  /** Jobs that were there already are what is stored of them, not what was to be added. */
  async #read(ids: readonly string[], outcome: Added['outcome']): Promise<Map<string, Job>> {
    try {
      const jobs = await readJobs(this.#queue, ids, outcome);
      return new Map(jobs.map((job) => [job.id, job]));
    } catch (error) {
      // Others of the batch may have been stored: "nothing was written" would be wrong.
      throw new OutcomeUnknownError(this.#queue.name, 'add', ids, { cause: error });
    }
  }

  /** The queues of what these depend on are in the slot of this one. */
  async #reachAll(drafts: readonly Draft[]): Promise<void> {
    const queues = new Set(drafts.flatMap(({ dependsOn = [] }) => dependsOn.flatMap(({ queue }) => queue ?? [])));
    for (const queue of queues) await this.#neighbours.reach(queue);
  }

  #refuseRepeatedIds(drafts: readonly Draft[]): void {
    const seen = new Set<string>();
    for (const { id, isGiven } of drafts) {
      if (!isGiven) continue;
      if (seen.has(id)) {
        const where = `addMany('${this.#queue.name}')`;
        throw new InvalidOptionError({ where, path: 'id', value: id, expected: 'each id once in a batch' });
      }
      seen.add(id);
    }
  }
}

/** Cuts a batch into parts that one command takes. */
function* pagesOf(drafts: readonly Draft[]): Generator<Draft[]> {
  let page: Draft[] = [];
  let chars = 0;
  for (const draft of drafts) {
    if (page.length === MAX_JOBS || (page.length > 0 && chars + draft.body.length > MAX_CHARS)) {
      yield page;
      page = [];
      chars = 0;
    }
    page.push(draft);
    chars += draft.body.length;
  }
  if (page.length > 0) yield page;
}
