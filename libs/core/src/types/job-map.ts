import type { Json, Jsonify } from './json.js';

/** What one job name stands for. */
export interface JobEntry {
  /** What the handler gets. */
  readonly data: unknown;
  /** What `add()` takes, where a schema turns it into `data`. @default the type of `data` */
  readonly input?: unknown;
  /** What the handler returns. */
  readonly result?: unknown;
}

/**
 * The jobs of a queue by name: `{ welcome: { data: { userId: string }; result: void } }`. An interface or a type alias;
 * members that are no {@link JobEntry} have no name that could be added.
 */
export type JobMap = object;

/** Any name, any data: the map of a queue that was given none. */
export type AnyJobs = Record<string, { readonly data: unknown; readonly result: unknown }>;

/** The names of the jobs of a map. */
export type JobName<M extends JobMap> = {
  [K in keyof M & string]: M[K] extends { readonly data: unknown } ? K : never;
}[keyof M & string];

/** What `add()` takes as the data of a job; a member that JSON cannot keep is an error. */
export type JobInput<M extends JobMap, N extends JobName<M>> = M[N] extends { readonly input: infer I }
  ? Json<I>
  : Json<JobData<M, N>>;

/** The data of a job, as it was declared. */
export type JobData<M extends JobMap, N extends JobName<M>> = M[N] extends { readonly data: infer D } ? D : never;

/** What `queue.result()` gives: the handler's result after JSON. */
export type JobResult<M extends JobMap, N extends JobName<M>> = M[N] extends { readonly result: infer R }
  ? Jsonify<R>
  : unknown;
