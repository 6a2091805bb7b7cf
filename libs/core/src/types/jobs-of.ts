import type { ActiveJob } from '../job/active-job.js';
import type { Onward } from '../job/onward.js';

/** Stands in for a parameter that is there but is no job: nothing else is of this type. */
declare const NO_JOB: unique symbol;
type NoJob = typeof NO_JOB;

type IsAny<T> = 0 extends 1 & T ? true : false;
type IsUnknown<T> = IsAny<T> extends true ? false : unknown extends T ? true : false;

/** The job that a parameter stands for: an `ActiveJob`, or a list of them for a batch. */
type JobIn<P> =
  IsAny<P> extends true
    ? NoJob
    : [P] extends [never]
      ? NoJob
      : P extends ActiveJob<infer D, infer N>
        ? { readonly data: D; readonly name: N }
        : P extends readonly ActiveJob<infer D, infer N>[]
          ? { readonly data: D; readonly name: N; readonly isBatch: true }
          : NoJob;

/** The first parameter that stands for a job. */
type FindJob<Params extends readonly unknown[]> = Params extends readonly [infer First, ...infer Rest]
  ? JobIn<First> extends NoJob
    ? FindJob<Rest>
    : JobIn<First>
  : NoJob;

/** The first parameter that stands for none: the data, in a handler such as `(@JobData() data: Dto, @JobRef() job: ActiveJob)`. */
type FindPlain<Params extends readonly unknown[]> = Params extends readonly [infer First, ...infer Rest]
  ? JobIn<First> extends NoJob
    ? First
    : FindPlain<Rest>
  : unknown;

/** What goes on by `completeWith()` has the result that it completes with; a job that moves has none here. */
type Settled<V> = V extends Onward<infer R> ? R : V;

/** The last value of an Observable (known by its shape: core has no rxjs), the value of a promise, or what it is. */
type ResultOf<R> = R extends {
  subscribe(...args: never[]): unknown;
  forEach(next: (value: infer V) => void): Promise<void>;
}
  ? Settled<V>
  : Settled<Awaited<R>>;

/** Of a batch each job has the value of its outcome; a handler that returns none completes them without a result. */
type OutcomeOf<R> = R extends readonly PromiseSettledResult<infer V>[] ? Settled<V> : undefined;

/** The data in a parameter of its own; of a batch there is a list of them. */
type PlainData<Params extends readonly unknown[]> =
  FindJob<Params> extends { readonly isBatch: true }
    ? FindPlain<Params> extends readonly (infer D)[]
      ? D
      : unknown
    : FindPlain<Params>;

/** What one method says about a job, or nothing. */
type HandlerOf<F> = F extends (...args: infer Params) => infer R
  ? FindJob<Params> extends { readonly data: infer D; readonly name: infer N }
    ? {
        readonly name: N;
        readonly data: IsUnknown<D> extends true ? PlainData<Params> : D;
        readonly result: FindJob<Params> extends { readonly isBatch: true } ? OutcomeOf<Awaited<R>> : ResultOf<R>;
      }
    : never
  : never;

/** The job's name: the one that `ActiveJob<D, N>` says, else the method's. */
type NameOf<F, Method> = [HandlerOf<F>] extends [{ readonly name: infer N }]
  ? [HandlerOf<F>] extends [never]
    ? never
    : string extends N
      ? Method
      : N
  : never;

/**
 * The jobs of a processor class, read off its methods: each method with an `ActiveJob` among its parameters (or a list of
 * them) is a handler; its job's name is the method's, or the one in `ActiveJob<Data, 'name'>`. Hooks take a `JobRun` and
 * are none; private methods are not seen.
 *
 * @example constructor(@InjectQueue('mail') private readonly mail: Queue<JobsOf<MailProcessor>>) {}
 */
export type JobsOf<P> = {
  [K in keyof P & string as NameOf<P[K], K> & string]: {
    readonly data: HandlerOf<P[K]>['data'];
    readonly result: HandlerOf<P[K]>['result'];
  };
};
