import type { ActiveJob } from '../job/active-job.js';
import type { StandardSchema } from './standard-schema.js';

/**
 * What is agreed about the jobs of one name: what `add()` takes, what the handler gets and what it returns.
 *
 * @typeParam I what `add()` takes
 * @typeParam D what the handler gets; differs from `I` where a schema changes the data
 * @typeParam R what the handler returns
 */
export interface JobContract<I = unknown, D = I, R = unknown> {
  /** Checks the data, if it was given. */
  readonly schema: StandardSchema<I, D> | undefined;
  /** The same contract with a type for the result. Only the compiler sees a difference. */
  returns<Result>(): JobContract<I, D, Result>;
  /** Never present: carries the types. */
  readonly types?: { readonly input: I; readonly data: D; readonly result: R };
}

/** A {@link JobContract} that is part of a queue and knows its name. */
export interface NamedJobContract<N extends string = string, I = unknown, D = I, R = unknown> extends JobContract<
  I,
  D,
  R
> {
  readonly name: N;
  readonly queue: string;
}

/** Agrees on a job by its type alone: `job<{ userId: string }>()`. */
export function job<D = undefined>(): JobContract<D, D>;
/** Agrees on a job by a schema: `add()` takes the schema's input, the handler gets its output. */
export function job<I, D>(schema: StandardSchema<I, D>): JobContract<I, D>;
export function job(schema?: StandardSchema): JobContract {
  const contract: JobContract = Object.freeze({ schema, returns: () => contract as never });
  return contract;
}

/** The job that a handler of this contract gets. */
export type JobOf<C> =
  C extends NamedJobContract<infer N, infer _I, infer D, infer _R>
    ? ActiveJob<D, N>
    : C extends JobContract<infer _I, infer D, infer _R>
      ? ActiveJob<D>
      : never;
