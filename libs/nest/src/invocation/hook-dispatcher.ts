import type { ActiveJob, JobRun, Logger, WorkerHooks } from '@millrace/core';

import type { DiscoveredHook } from '../interfaces/discovered.interface.js';
import type { HookName, JobsHooks } from '../interfaces/hooks.interface.js';
import { CATCH_ALL } from '../jobs.constants.js';
import { hookFailed } from '../jobs.messages.js';
import { OutcomeLog } from './outcome-log.js';
import type { ProcessorHost } from './processor-host.js';

/** The class that handles a job, and its hooks. */
export interface HookOwner {
  readonly className: string;
  readonly host: ProcessorHost;
  readonly hooks: readonly DiscoveredHook[];
}

/** By queue, then by job name. */
export type HookOwners = ReadonlyMap<string, ReadonlyMap<string, HookOwner>>;

type Told = readonly [run: JobRun, ...more: unknown[]];

const HOOK_NAMES: readonly HookName[] = [
  'onStart',
  'onSuccess',
  'onFailure',
  'onTimeout',
  'onPermanentFailure',
  'onCancel',
];

/**
 * Tells hooks what became of a run: first the log, then those of the application, then those of the class that handles the job, one
 * after the other, each whatever became of the one before.
 */
export class HookDispatcher {
  readonly #application: JobsHooks;
  readonly #owners: HookOwners;
  readonly #logger: Logger;
  readonly #log: JobsHooks;
  readonly #isLogged: boolean;

  /**
   * @param isLogged whether lines about outcomes are written here; where the worker's `logEvents` do, there are none twice
   */
  constructor(application: JobsHooks, owners: HookOwners, logger: Logger, isLogged: boolean) {
    this.#application = application;
    this.#owners = owners;
    this.#logger = logger;
    this.#isLogged = isLogged;
    this.#log = isLogged ? new OutcomeLog(logger) : {};
  }

  /** The hooks for a worker: only those that somebody wants to hear of, as the worker waits for each. */
  toWorkerHooks(): WorkerHooks {
    const wanted = HOOK_NAMES.filter((name) => this.#isWanted(name));
    return Object.fromEntries(wanted.map((name) => [name, (...told: Told) => this.#fire(name, told)]));
  }

  /**
   * Tells the class of a request-scoped processor of a start. Its instance needs the job, which the worker's own hook does
   * not have, so the handler's side does it.
   */
  async startScoped(job: ActiveJob): Promise<void> {
    const owner = this.#ownerOf(job);
    if (owner === undefined || methodsFor(owner, 'onStart', job.name).length === 0) return;
    await owner.host.forRun(job.run, job);
    await this.#fireOwner(owner, 'onStart', [job.run]);
  }

  #isWanted(name: HookName): boolean {
    const owners = [...this.#owners.values()].flatMap((ofQueue) => [...ofQueue.values()]);
    const inClasses = owners.some(({ hooks }) => hooks.some(({ hook }) => hook === name));
    return inClasses || this.#application[name] !== undefined || (this.#isLogged && OutcomeLog.HOOKS.includes(name));
  }

  async #fire(name: HookName, told: Told): Promise<void> {
    const [run] = told;
    const tell = (hooks: JobsHooks): unknown =>
      (hooks[name] as ((...told: Told) => unknown) | undefined)?.apply(hooks, [...told]);
    tell(this.#log);
    if (this.#application[name] !== undefined) {
      await this.#call(`forRoot({ hooks: { ${name} } })`, run, () => tell(this.#application));
    }
    const owner = this.#ownerOf(run);
    if (owner === undefined || (name === 'onStart' && !owner.host.isStatic)) return;
    await this.#fireOwner(owner, name, told);
  }

  async #fireOwner(owner: HookOwner, name: HookName, told: Told): Promise<void> {
    const [run] = told;
    for (const methodName of methodsFor(owner, name, run.name)) {
      await this.#call(`${owner.className}.${methodName}`, run, async () => {
        const { instance } = await owner.host.forRun(run, run);
        return (Reflect.get(instance, methodName) as (...told: Told) => unknown).apply(instance, [...told]);
      });
    }
  }

  #ownerOf({ queue, name }: { readonly queue: string; readonly name: string }): HookOwner | undefined {
    const ofQueue = this.#owners.get(queue);
    return ofQueue?.get(name) ?? ofQueue?.get(CATCH_ALL);
  }

  async #call(label: string, { queue, id }: JobRun, hook: () => unknown): Promise<void> {
    try {
      await hook();
    } catch (error) {
      this.#logger.error(hookFailed(label, `${queue}/${id}`), {
        stack: error instanceof Error ? error.stack : String(error),
      });
    }
  }
}

function methodsFor({ hooks }: HookOwner, name: HookName, jobName: string): string[] {
  const matching = hooks.filter(
    ({ hook, jobNames }) => hook === name && (jobNames.length === 0 || jobNames.includes(jobName)),
  );
  return matching.map(({ methodName }) => methodName);
}
