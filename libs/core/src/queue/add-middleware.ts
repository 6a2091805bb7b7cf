import type { Job } from '../job/job.js';
import type { JobOptions } from '../options/index.js';

/** A job on its way into a queue, as {@link AddMiddleware} sees it: nothing of it is checked yet. */
export interface AddDraft {
  readonly queue: string;
  readonly name: string;
  readonly data: unknown;
  readonly options: JobOptions | undefined;
}

/**
 * Stands around each adding of a job. `next()` adds it and gives the job; `next({ data, options })` adds it with changes;
 * what throws refuses it. In `addMany()` a refusal is one of the whole batch.
 */
export type AddMiddleware = (
  draft: AddDraft,
  next: (changes?: Partial<Pick<AddDraft, 'name' | 'data' | 'options'>>) => Promise<Job>,
) => Promise<Job>;
