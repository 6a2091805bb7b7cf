import { CATCH_ALL, HANDLER_METADATA } from '../jobs.constants.js';
import type { HandlerMetadata } from '../interfaces/metadata.interface.js';
import type { HandlerSettings } from '../interfaces/worker-settings.interface.js';
import type { FitsContract, FitsMethodName, FitsName, JobContract, Method } from './on-job.types.js';

/** For `@OnJob()`: the job is named by the method. */
type ByMethodName = <Name extends string, F extends Method>(
  target: object,
  method: Name,
  descriptor: TypedPropertyDescriptor<F> & FitsMethodName<F, Name>,
) => void;

/** For `@OnJob('mail.x')`: the job is named by the decorator, and the parameter says so too. */
type ByName<Name extends string> = <F extends Method>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<F> & FitsName<F, Name>,
) => void;

/** For `@OnJob(Mail.jobs.x)`: name, data and result are the contract's. */
type ByContract<C extends JobContract> = <F extends Method>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<F> & FitsContract<F, C>,
) => void;

/** For `@OnJob('*')`. */
type CatchAll = <F extends Method>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<F>,
) => void;

/**
 * Marks the method that runs the jobs of one name. It takes the job, `welcome(job: ActiveJob<Data>)`, or parameters
 * decorated with `@JobData()`, `@JobRef()`, `@JobSignal()`. What it returns is the result; what it throws is a failure.
 *
 * The name stands in one place that the compiler can see: the method's name (which may be quoted), the second type of
 * `ActiveJob<Data, 'name'>`, or a contract. `'*'` takes every job that has no handler of its own.
 *
 * @example @OnJob({ timeoutMs: 30_000, maxAttempts: 5 }) digest(job: ActiveJob<Digest>) {}
 * @example @OnJob('mail.digest') any(job: ActiveJob<Digest, 'mail.digest'>) {}
 * @example @OnJob(Mail.jobs['mail.digest']) any(job: JobOf<(typeof Mail.jobs)['mail.digest']>) {}
 */
export function OnJob(settings?: HandlerSettings): ByMethodName;
export function OnJob(name: typeof CATCH_ALL, settings?: HandlerSettings): CatchAll;
export function OnJob<C extends JobContract>(contract: C, settings?: HandlerSettings): ByContract<C>;
export function OnJob<const Name extends string>(name: Name, settings?: HandlerSettings): ByName<Name>;
export function OnJob(input?: string | JobContract | HandlerSettings, more?: HandlerSettings): MethodDecorator {
  const named = typeof input === 'string' ? input : isContract(input) ? input.name : undefined;
  const settings = named === undefined ? (input as HandlerSettings | undefined) : more;
  const agreed = isContract(input) ? { schema: input.schema as HandlerSettings['schema'] } : {};
  const metadata: HandlerMetadata = { jobName: named, settings: { ...agreed, ...settings } };
  return (_target, _method, descriptor) => {
    if (typeof descriptor.value === 'function') Reflect.defineMetadata(HANDLER_METADATA, metadata, descriptor.value);
  };
}

/** Settings of a handler have no name: only a contract has. */
function isContract(input: unknown): input is JobContract {
  return typeof input === 'object' && input !== null && 'name' in input;
}
