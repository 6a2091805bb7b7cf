import type { ActiveJob, NamedJobContract, Onward } from '@millrace/core';

/** Any method, whatever it takes: `never` accepts every parameter without looking into it. */
export type Method = (...parameters: never[]) => unknown;

/** A job that a contract agreed on, whatever its types: those are looked at where the method is known. */
export type JobContract = Pick<NamedJobContract, 'name' | 'queue'> & { readonly schema: unknown };

/** The job's name and data as the first parameter that is a job says them; `string` where it says no name. */
type JobSeen<Parameters> = Parameters extends readonly [infer First, ...infer Rest]
  ? First extends ActiveJob<infer Data, infer Name>
    ? { readonly name: Name; readonly data: Data }
    : JobSeen<Rest>
  : { readonly name: string; readonly data: unknown };

type SeenBy<F> = F extends (...parameters: infer P) => unknown ? JobSeen<Required<P>> : never;

/** Stands in the compiler's message; nothing has such a member, so the decorator does not fit. */
export interface Misfit<Why extends string, Expected, Found> {
  readonly millrace: Why;
  readonly expected: Expected;
  readonly found: Found;
}

/** `@OnJob()`: `ActiveJob<D, N>` may repeat the method's name, and nothing else. */
export type FitsMethodName<F, Name extends string> = string extends SeenBy<F>['name']
  ? unknown
  : SeenBy<F>['name'] extends Name
    ? unknown
    : Misfit<'the job is named by the method', Name, SeenBy<F>['name']>;

/** `@OnJob('x')`: the parameter must say `ActiveJob<D, 'x'>`, or `JobsOf` would know the job by the method's name. */
export type FitsName<F, Name extends string> = [SeenBy<F>['name'], Name] extends [Name, SeenBy<F>['name']]
  ? unknown
  : Misfit<'the parameter must name the job: ActiveJob<Data, Name>', Name, SeenBy<F>['name']>;

/** `@OnJob(contract)`: the handler takes the contract's data and returns its result; a name it states is the contract's. */
export type FitsContract<F, C> =
  C extends NamedJobContract<infer Name, infer _Input, infer Data, infer Result>
    ? FitsMethodName<F, Name> & FitsData<F, Data> & FitsResult<F, Result>
    : never;

type FitsData<F, Data> = [Data] extends [SeenBy<F>['data']]
  ? unknown
  : Misfit<'the contract gives other data', Data, SeenBy<F>['data']>;

type FitsResult<F, Result> = F extends (...parameters: never[]) => infer Returned
  ? [ResultOf<Returned>] extends [Result]
    ? unknown
    : Misfit<'the contract wants another result', Result, ResultOf<Returned>>
  : never;

/** The last value of an Observable, the value of a promise, or what it is; what goes on, has the result that it goes on with. */
type ResultOf<R> =
  Awaited<R> extends {
    forEach(next: (value: infer Value) => void): Promise<void>;
    subscribe(...observers: never[]): unknown;
  }
    ? Settled<Value>
    : Settled<Awaited<R>>;

type Settled<V> = V extends Onward<infer R> ? R : V;
