import type { ConnectionInput, ConnectSettings, JobDefaults } from '@millrace/core';
import type { FactoryProvider, InjectionToken, ModuleMetadata, OptionalFactoryDependency, Type } from '@nestjs/common';

import type { EnhancerKind } from '../invocation/enhancer-contexts.js';
import type { JobsHooks } from './hooks.interface.js';
import type { JobsMiddleware } from './middleware.interface.js';
import type { QueueIdentity, QueueSettings, QueueSettingsFactory, RootQueue } from './queue-options.interface.js';
import type { ProcessorSettings, SharedWorkerSettings, WorkerSettings } from './worker-settings.interface.js';

/** Options of a root: what `forRoot()` takes and what a factory of `forRootAsync()` returns. */
export interface JobsModuleOptions extends ConnectSettings {
  /**
   * A URL, ioredis options, an existing client, `{ cluster }`, `{ sentinels, name }` or `'embedded'`.
   * @default REDIS_URL where it is set; else, for development only, an embedded server
   */
  readonly connection?: ConnectionInput | undefined;
  /** Options of every job, where neither its queue, its handler nor `add()` says otherwise. */
  readonly defaults?: JobDefaults | undefined;
  /** Options of every worker, where neither its processors nor `processors` says otherwise. */
  readonly worker?: WorkerSettings | undefined;
  /**
   * Workers that work several queues with one set of slots, in an order, with options of their own. A queue that is in none
   * of them has a worker to itself. @default none
   */
  readonly workers?: readonly SharedWorkerSettings[] | undefined;
  /** Queues for the whole application. Of `forRootAsync()`, see {@link JobsModuleAsyncOptions.queues}. */
  readonly queues?: readonly RootQueue[] | undefined;
  /** Options of processors by queue. They win over the decorators, so that configuration can decide. */
  readonly processors?: { readonly [queue: string]: ProcessorSettings } | undefined;
  /**
   * What this process runs: everything, nothing, or these queues; `'!reports'` takes one away from everything.
   * @default the variable JOBS_WORK (`true`, `false`, or names separated by commas), else true
   */
  readonly work?: boolean | readonly string[] | undefined;
  /** Whether the workers start with the application; else when `JobsRunner.start()` is called. @default true */
  readonly autoStart?: boolean | undefined;
  /** Hooks for every job that this process runs. */
  readonly hooks?: JobsHooks | undefined;
  /** Around every run, and around every adding of a job by this process. */
  readonly middleware?: JobsMiddleware | undefined;
  /**
   * The kinds of globally bound enhancers (`APP_GUARD`, `app.useGlobalPipes()` …) that run for jobs as well. They are
   * mostly made for requests; those of a handler and its class always run.
   * @default none
   */
  readonly globalEnhancers?: true | readonly EnhancerKind[] | undefined;
  /** What becomes of schedules that `@Recurring()` declared and no process declares any more. @default they stay, with a warning */
  readonly schedules?: SchedulesOptions | undefined;
  /** Whether to drain on SIGTERM where nothing else listens for it. @default true */
  readonly signals?: boolean | undefined;
}

/** What a root does with the schedules of `@Recurring()`. */
export interface SchedulesOptions {
  /** Delete those of the queues that this process works on which no process that runs declares any more. @default false */
  readonly removeOrphans?: boolean | undefined;
}

/** What `forRoot()` takes. */
export interface JobsRootOptions extends JobsModuleOptions {
  /** Tells roots apart where there are several. @default the unnamed root */
  readonly name?: string | undefined;
}

/** Makes the options of a root: for `forRootAsync({ useClass })` and `useExisting`. */
export interface JobsOptionsFactory {
  createJobsOptions(): JobsModuleOptions | Promise<JobsModuleOptions>;
}

/** Where options come from that dependency injection makes. Exactly one of the three. */
export interface AsyncSource<T, F> extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined;
  readonly useFactory?: FactoryProvider<T | Promise<T>>['useFactory'] | undefined;
  readonly useClass?: Type<F> | undefined;
  readonly useExisting?: InjectionToken<F> | undefined;
}

/** What `forRootAsync()` takes. Only what shapes the module stands here; all else comes from the factory. */
export interface JobsModuleAsyncOptions extends AsyncSource<JobsModuleOptions, JobsOptionsFactory> {
  /** Tells roots apart where there are several. @default the unnamed root */
  readonly name?: string | undefined;
  /**
   * Queues that can be injected everywhere: a token must be known before the factory runs. Their settings, and queues
   * that nobody injects, may come from the factory.
   */
  readonly queues?: readonly QueueIdentity[] | undefined;
}

/** What `registerQueueAsync()` takes. */
export interface QueueAsyncRegistration extends AsyncSource<QueueSettings, QueueSettingsFactory> {
  readonly name: string;
  /** The name given to `forRoot({ name })`. @default the unnamed root */
  readonly root?: string | undefined;
}
