/** `@millrace/nestjs`: the module and its decorators, and all of the core that an application needs besides. */
export { JobsModule } from './jobs.module.js';
export { JobsService } from './jobs.service.js';
export { getConnectionToken, getOptionsToken, getQueueToken, getRunnerToken, JOBS_OPTIONS } from './jobs.tokens.js';
export { JobsRunner } from './runtime/jobs.runner.js';

export { InjectQueue, InjectRunner } from './decorators/inject.decorator.js';
export {
  OnJobCancel,
  OnJobFailure,
  OnJobPermanentFailure,
  OnJobStart,
  OnJobSuccess,
  OnJobTimeout,
} from './decorators/job-hooks.decorator.js';
export { JobData, JobRef, JobSignal, type JobDataOptions } from './decorators/job-parameters.decorator.js';
export { OnJob } from './decorators/on-job.decorator.js';
export { OnJobBatch } from './decorators/on-job-batch.decorator.js';
export { Processor } from './decorators/processor.decorator.js';
export { Recurring, type RecurringOptions } from './decorators/recurring.decorator.js';
export { OnQueueEvent, QueueListener, type OnQueueEventOptions } from './decorators/queue-listener.decorator.js';

export { jobsProcess } from './runtime/jobs-process.js';
export { ForbiddenJobError } from './errors/forbidden-job.error.js';
export { JobsBootError, type BootProblem } from './errors/jobs-boot.error.js';
export { isJobContext, JobContext } from './invocation/job-context.js';

export type {
  HandlerDescription,
  JobsDescription,
  JobsHealth,
  SharedDescription,
  WorkerDescription,
} from './interfaces/description.interface.js';
export type { JobsHooks } from './interfaces/hooks.interface.js';
export type { JobAddMiddleware, JobRunMiddleware, JobsMiddleware } from './interfaces/middleware.interface.js';
export type { EffectiveOption, EffectiveOptions } from './interfaces/ladder.interface.js';
export type {
  JobsModuleAsyncOptions,
  JobsModuleOptions,
  JobsOptionsFactory,
  JobsRootOptions,
  QueueAsyncRegistration,
  SchedulesOptions,
} from './interfaces/module-options.interface.js';
export type {
  QueueIdentity,
  QueueInput,
  QueueRegistration,
  QueueSettings,
  QueueSettingsFactory,
} from './interfaces/queue-options.interface.js';
export type {
  HandlerSettings,
  ProcessorOptions,
  ProcessorSettings,
  SharedWorkerSettings,
  WorkerSettings,
} from './interfaces/worker-settings.interface.js';
export type { EnhancerKind } from './invocation/enhancer-contexts.js';

// All of the core, so that an application imports from one package. What stands in decorated signatures there is a class.
export * from '@millrace/core';
