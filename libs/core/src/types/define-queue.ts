import { InvalidOptionError, UnknownOptionError } from '../errors/index.js';
import { validateName } from '../job/names.js';
import type { JobContract, NamedJobContract } from './job-contract.js';

/** What is agreed about a queue. A value, so that producers and workers in different processes can share it. */
export interface QueueContract<J extends ContractJobs = ContractJobs> {
  readonly name: string;
  readonly slot?: string;
  readonly jobs: { readonly [N in keyof J & string]: NamedContract<N, J[N]> };
}

/** Contracts by job name, as they are given to {@link defineQueue}. */
export type ContractJobs = Readonly<Record<string, JobContract>>;

/** The jobs of a contract as a map: for `Queue<JobsIn<typeof Mail>>`. */
export type JobsIn<C> = C extends QueueContract<infer J> ? { [N in keyof J & string]: EntryOf<J[N]> } : never;

type NamedContract<N extends string, C> =
  C extends JobContract<infer I, infer D, infer R> ? NamedJobContract<N, I, D, R> : never;

type EntryOf<C> =
  C extends JobContract<infer I, infer D, infer R>
    ? { readonly input: I; readonly data: D; readonly result: R }
    : never;

/**
 * Agrees on a queue and its jobs, for processes that do not share a processor class.
 *
 * @example
 * export const Mail = defineQueue('mail', {
 *   welcome: job<{ userId: string }>(),
 *   'mail.digest': job(DigestSchema).returns<number>(),
 * });
 * @throws InvalidNameError, InvalidOptionError, UnknownOptionError
 */
export function defineQueue<const J extends ContractJobs>(
  name: string,
  jobs: J,
  options: { readonly slot?: string } = {},
): QueueContract<J> {
  const where = (): string => `defineQueue('${name}')`;
  validateName('queue', name);
  for (const [path, value] of Object.entries(options)) {
    if (path !== 'slot') throw new UnknownOptionError({ where, path, value, known: ['slot'] });
  }
  const named: Record<string, NamedJobContract> = Object.create(null) as Record<string, NamedJobContract>;
  for (const [jobName, contract] of Object.entries<unknown>(jobs)) {
    validateName('job', jobName);
    if (typeof contract !== 'object' || contract === null || !('returns' in contract)) {
      throw new InvalidOptionError({
        where,
        path: `jobs.${jobName}`,
        value: contract,
        expected: 'job<Data>() or job(schema)',
      });
    }
    named[jobName] = Object.freeze({ ...(contract as JobContract), name: jobName, queue: name });
  }
  const slot = options.slot === undefined ? {} : { slot: validateName('slot', options.slot) };
  return Object.freeze({ name, ...slot, jobs: Object.freeze(named) }) as QueueContract<J>;
}
