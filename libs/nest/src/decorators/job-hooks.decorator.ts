import { HOOKS_METADATA } from '../jobs.constants.js';
import type { HookMethod, HookName } from '../interfaces/hooks.interface.js';
import type { HookMetadata } from '../interfaces/metadata.interface.js';

/** A job that a hook is for: its name, or its entry in a contract made by `defineQueue()`. */
type JobIdentity = string | { readonly name: string };

/** Refuses methods that ask for more than a hook is given: an `ActiveJob`, for one. */
type HookDecorator<H extends HookName> = <F extends HookMethod<H>>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<F>,
) => void;

/** Before a run: the job was taken, its handler was not entered yet. For the named jobs, or all of the class. */
export function OnJobStart(...jobs: JobIdentity[]): HookDecorator<'onStart'> {
  return hook('onStart', jobs);
}

/** After a run that succeeded, with its result. For the named jobs, or all of the class. */
export function OnJobSuccess(...jobs: JobIdentity[]): HookDecorator<'onSuccess'> {
  return hook('onSuccess', jobs);
}

/** After a run that threw, each time. `info.willRetry` says whether the job runs again. BullMQ: `failed`. */
export function OnJobFailure(...jobs: JobIdentity[]): HookDecorator<'onFailure'> {
  return hook('onFailure', jobs);
}

/** After a run whose time ran out: its deadline passed, or its lease was lost. */
export function OnJobTimeout(...jobs: JobIdentity[]): HookDecorator<'onTimeout'> {
  return hook('onTimeout', jobs);
}

/** Once, when the job ended as `failed`, `timed_out` or `broken`: it will not run again by itself. */
export function OnJobPermanentFailure(...jobs: JobIdentity[]): HookDecorator<'onPermanentFailure'> {
  return hook('onPermanentFailure', jobs);
}

/** After a run that was cancelled, by its handler or from outside. */
export function OnJobCancel(...jobs: JobIdentity[]): HookDecorator<'onCancel'> {
  return hook('onCancel', jobs);
}

function hook<H extends HookName>(name: H, jobs: readonly JobIdentity[]): HookDecorator<H> {
  return (_target, _method, descriptor) => {
    const method = descriptor.value;
    if (method === undefined) return;
    const jobNames = jobs.map((job) => (typeof job === 'string' ? job : job.name));
    const hooks = (Reflect.getOwnMetadata(HOOKS_METADATA, method) ?? []) as HookMetadata[];
    Reflect.defineMetadata(HOOKS_METADATA, [...hooks, { hook: name, jobNames }], method);
  };
}
