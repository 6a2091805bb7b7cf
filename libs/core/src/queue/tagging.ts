import { InvalidOptionError, JobNotFoundError, JobsError, type Where } from '../errors/index.js';
import type { Job } from '../job/job.js';
import { validateName } from '../job/names.js';
import { wholeNumber } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import { readJobs } from './job-reader.js';
import { LaneQueue } from './lane.js';
import { readListOptions, wrongCursor, type JobPage, type ListOptions } from './listing.js';
import type { QueueContext } from './queue-context.js';

/** A tag, and how many jobs have it. */
export interface TagCount {
  readonly tag: string;
  readonly count: number;
}

/** Which of the most used tags to read. */
export interface TopTagsOptions {
  /** How many to pass over. @default 0 */
  readonly offset?: number | undefined;
  /** 1 to 1,000. @default 25 */
  readonly limit?: number | undefined;
  /** Only tags that at least so many jobs have. @default 1 */
  readonly min?: number | undefined;
}

/** The jobs that are tracked: those that are there, and the ids of those that are gone. */
export interface TrackedJobs {
  readonly jobs: Job[];
  readonly gone: string[];
}

/** What became of a job that was to be tracked. */
export type TrackOutcome = 'tracked' | 'too many' | 'not found';

const TOP_DEFAULTS = Object.freeze({ offset: 0, limit: 25, min: 1 });
const TOP = fieldTable<{ offset: number; limit: number; min: number }>({
  offset: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  limit: wholeNumber(1, 1_000),
  min: wholeNumber(1, Number.MAX_SAFE_INTEGER),
});
const TRACK: Readonly<Record<string, TrackOutcome>> = { T: 'tracked', M: 'too many', N: 'not found' };
const MAX_TAGS = 32;
const MAX_IDS = 1_000;

/** Tags of jobs, and the short list of those that somebody keeps an eye on. */
export class Tagging {
  readonly #queue: QueueContext;
  readonly #lane: LaneQueue;

  constructor(queue: QueueContext) {
    this.#queue = queue;
    this.#lane = new LaneQueue(queue);
  }

  /** @throws JobNotFoundError; InvalidOptionError where the job would have too many */
  async change(id: string, tags: readonly string[], on: 0 | 1): Promise<void> {
    validateName('job id', id);
    for (const tag of tags) validateName('tag', tag);
    if (tags.length === 0) return;
    const { now, name } = this.#queue;
    const given = [...new Set(tags)];
    const where = (): string => `tag('${name}', '${id}')`;
    if (given.length > MAX_IDS) throw tooMany(given, where);
    const { fate } = await this.#lane.call(
      scripts.tag,
      ({ laneId, seq }) => ({ now, laneId, seq, id, on, tags: given }),
      () => [id],
    );
    if (fate === 'N') throw new JobNotFoundError(name, id);
    if (fate === 'M') throw tooMany(given, where);
  }

  /** One page of the jobs that have a tag, in the order in which they got it. */
  async page(tag: string, options: ListOptions): Promise<JobPage & { readonly total: number }> {
    validateName('tag', tag);
    const queue = this.#queue;
    const where = (): string => `tagged('${queue.name}')`;
    const { cursor, limit, reverse } = readListOptions(options, where);
    const list = `tag${reverse ? '<' : '>'}${queue.name.length}:${queue.name}:${tag.length}:${tag}:`;
    if (cursor !== '' && !cursor.startsWith(list)) throw wrongCursor(cursor, where);
    const args = { tag, cursor: cursor.slice(list.length), limit, reverse: reverse ? 1 : 0 };
    const page = await queue.ask(scripts.tagged, args).catch((error: unknown) => {
      throw JobsError.is(error, 'INVALID_OPTION') ? wrongCursor(cursor, where) : error;
    });
    const jobs = await readJobs(queue, page.ids);
    const found = { jobs, total: page.total };
    return page.cursor === '' ? found : { ...found, cursor: `${list}${page.cursor}` };
  }

  /** The tags that most jobs have. */
  async top(options: TopTagsOptions): Promise<TagCount[]> {
    const said = { ...TOP_DEFAULTS, ...readFields(options, TOP, () => `topTags('${this.#queue.name}')`) };
    const { tags } = await this.#queue.ask(scripts.topTags, {
      offset: said.offset,
      limit: said.limit,
      least: said.min,
    });
    const counts: TagCount[] = [];
    for (let i = 0; i < tags.length; i += 2) counts.push({ tag: tags[i] ?? '', count: Number(tags[i + 1]) });
    return counts;
  }

  async track(ids: readonly string[], on: 0 | 1): Promise<TrackOutcome[]> {
    for (const id of ids) validateName('job id', id);
    const outcomes: TrackOutcome[] = [];
    for (let from = 0; from < ids.length; from += MAX_IDS) {
      const page = ids.slice(from, from + MAX_IDS);
      const { now } = this.#queue;
      const { fates } = await this.#lane.call(
        scripts.track,
        ({ laneId, seq }) => ({ now, laneId, seq, on, ids: page }),
        () => page,
      );
      for (const letter of fates) outcomes.push(TRACK[letter] ?? 'not found');
    }
    return outcomes;
  }

  async tracked(): Promise<TrackedJobs> {
    const { ids } = await this.#queue.ask(scripts.tracked, {});
    const jobs = await readJobs(this.#queue, ids);
    const there = new Set(jobs.map(({ id }) => id));
    return { jobs, gone: ids.filter((id) => !there.has(id)) };
  }
}

function tooMany(tags: readonly string[], where: Where): InvalidOptionError {
  return new InvalidOptionError({ where, path: 'tags', value: tags, expected: `at most ${MAX_TAGS} tags a job` });
}
