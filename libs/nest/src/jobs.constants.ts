/** The name of the root that `JobsModule.forRoot()` makes when it is given none. */
export const DEFAULT_ROOT = 'default';

/** Metadata of a class decorated with `@Processor()`. */
export const PROCESSOR_METADATA = 'millrace:processor';

/** Metadata of a method decorated with `@OnJob()`. */
export const HANDLER_METADATA = 'millrace:handler';

/** Metadata of a method decorated with one or more of the hooks. */
export const HOOKS_METADATA = 'millrace:hooks';

/** Metadata of a method decorated with one or more `@Recurring()`. */
export const RECURRING_METADATA = 'millrace:recurring';

/** Whose the schedules are that decorators declare. */
export const RECURRING_OWNER = '@Recurring';

/** Metadata of a class decorated with `@QueueListener()`. */
export const LISTENER_METADATA = 'millrace:listener';

/** Metadata of a method decorated with `@OnQueueEvent()`. */
export const EVENTS_METADATA = 'millrace:events';

/** Parameters decorated with `@JobData()`, by the key that Nest's context creator expects: `type:index`. */
export const JOB_DATA_METADATA = 'millrace:job-data';

/** All parameters of one handler, `@JobData()` and custom ones together: what a job's context is made from. */
export const JOB_PARAMETERS_METADATA = 'millrace:job-parameters';

/** Where Nest keeps what `createParamDecorator` made, and the mark that tells such entries from native ones. */
export const NEST_PARAMETERS_METADATA = '__routeArguments__';
export const NEST_CUSTOM_PARAMETER = '__customRouteArgs__';

/** Where Nest keeps what `@UseFilters()` was given. */
export const NEST_FILTERS_METADATA = '__exceptionFilters__';

/** Where the compiler keeps the types of a decorated method's parameters. */
export const PARAMETER_TYPES_METADATA = 'design:paramtypes';

/**
 * The parameter type that Nest reports to pipes as `body`. A payload must not be `custom`: `ValidationPipe` skips those.
 */
export const PAYLOAD_PARAMETER_TYPE = 3;

/** What `ExecutionContext.getType()` says while a job runs. */
export const JOB_CONTEXT_TYPE = 'job';

/** The job name of a handler that takes every job without a handler of its own. */
export const CATCH_ALL = '*';

/** Inside one `JobsModule`: the queues that it registers, as they were written. */
export const QUEUE_MARKS = Symbol('millrace:queue-marks');

/** Inside one `JobsModule`: the root that it makes. */
export const ROOT_MARK = Symbol('millrace:root-mark');

/** Inside one `JobsConnectionModule` or `JobsRuntimeModule`: the root that it belongs to. */
export const THIS_ROOT = Symbol('millrace:this-root');
