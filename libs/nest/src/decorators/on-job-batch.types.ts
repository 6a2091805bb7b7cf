import type { ActiveJob, NamedJobContract } from '@millrace/core';

import type { Misfit } from './on-job.types.js';

/** The jobs' name and data as the first parameter that is a list of jobs says them; `string` where it says no name. */
type JobsSeen<Parameters> = Parameters extends readonly [infer First, ...infer Rest]
  ? First extends readonly ActiveJob<infer Data, infer Name>[]
    ? { readonly name: Name; readonly data: Data; readonly isSeen: true }
    : JobsSeen<Rest>
  : { readonly name: string; readonly data: unknown; readonly isSeen: false };

type SeenBy<F> = F extends (...parameters: infer P) => unknown ? JobsSeen<Required<P>> : never;

/** Whether `key`, where it says of what data it makes the key, fits the data of the jobs. */
type FitsKey<F, D> = [D] extends [never]
  ? unknown
  : unknown extends SeenBy<F>['data']
    ? unknown
    : [SeenBy<F>['data']] extends [D]
      ? unknown
      : Misfit<'key takes other data than the jobs have', D, SeenBy<F>['data']>;

/** `@OnJobBatch()`: `ActiveJob<D, N>[]` may repeat the method's name, and nothing else. */
export type FitsBatchMethodName<F, Name extends string, D> = (string extends SeenBy<F>['name']
  ? unknown
  : SeenBy<F>['name'] extends Name
    ? unknown
    : Misfit<'the jobs are named by the method', Name, SeenBy<F>['name']>) &
  FitsKey<F, D>;

/** `@OnJobBatch('x')`: the method is called so, or the parameter says `ActiveJob<D, 'x'>[]`: else `JobsOf` would know the jobs by another name. */
export type FitsBatchName<F, Name extends string, MethodName extends string, D> = (string extends SeenBy<F>['name']
  ? [MethodName, Name] extends [Name, MethodName]
    ? unknown
    : Misfit<'the parameter must name the jobs: ActiveJob<Data, Name>[]', Name, MethodName>
  : [SeenBy<F>['name'], Name] extends [Name, SeenBy<F>['name']]
    ? unknown
    : Misfit<'the parameter must name the jobs: ActiveJob<Data, Name>[]', Name, SeenBy<F>['name']>) &
  FitsKey<F, D>;

/** The data of a contract's jobs. */
export type BatchData<C> =
  C extends NamedJobContract<infer _Name, infer _Input, infer Data, infer _Result> ? Data : never;

/** `@OnJobBatch(contract)`: the handler takes the contract's data; where it returns outcomes, their values are the contract's results. */
export type FitsBatchContract<F, C> =
  C extends NamedJobContract<infer Name, infer _Input, infer Data, infer Result>
    ? FitsBatchMethodName<F, Name, never> & FitsData<F, Data> & FitsResult<F, Result>
    : never;

type FitsData<F, Data> = SeenBy<F>['isSeen'] extends false
  ? unknown
  : [Data] extends [SeenBy<F>['data']]
    ? unknown
    : Misfit<'the contract gives other data', Data, SeenBy<F>['data']>;

type FitsResult<F, Result> = F extends (...parameters: never[]) => infer Returned
  ? Awaited<Returned> extends readonly PromiseSettledResult<infer Value>[]
    ? [Value] extends [Result]
      ? unknown
      : Misfit<'the contract wants another result', Result, Value>
    : unknown
  : never;
