import { UnknownOptionError } from '@millrace/core';
import { resolveHandler, resolveWorkerOptions, type Check, type Where } from '@millrace/core/internal';

import type { JobsHooks } from '../interfaces/hooks.interface.js';
import type { HandlerSettings, ProcessorSettings, WorkerSettings } from '../interfaces/worker-settings.interface.js';
import { notForTheApplication, workerSettingGivenToRoot } from '../jobs.messages.js';
import { recordOf } from './checks.js';

/** The options of a worker that an application can set; the others are this package's to fill in. */
export const WORKER_SETTINGS = Object.freeze([
  'concurrency',
  'shutdownTimeoutMs',
  'hookTimeoutMs',
  'lease',
  'prefetch',
  'isFailure',
  'backoffs',
  'logEvents',
  'health',
  'startJitterMs',
] as const satisfies readonly (keyof WorkerSettings)[]);

/** What to say when one of them stands beside the options of a root. */
export const WORKER_SETTING_HINTS: ReadonlyMap<string, string> = new Map(
  WORKER_SETTINGS.map((name) => [name, workerSettingGivenToRoot(name)]),
);

/** Checks options of a worker; they come back as they were given, so that it can be told who said what. */
export const checkWorkerSettings: Check<WorkerSettings> = (value, path, where) => {
  const prefixed = path === '' ? where : () => `${textOf(where)} ${path}`;
  refuseOthers(value, WORKER_SETTINGS, path, where);
  checkAsWorker(value as object, prefixed);
  return Object.freeze({ ...(value as WorkerSettings) });
};

/** Checks what `forRoot({ processors })` says of one queue. */
export const checkProcessorSettings: Check<ProcessorSettings> = (value, path, where) => {
  const { handlers, ...settings } = Object(value) as ProcessorSettings;
  const checked = checkWorkerSettings(settings, path, where);
  if (handlers === undefined) return checked;
  return Object.freeze({ ...checked, handlers: recordOf(checkHandlerSettings)(handlers, `${path}.handlers`, where) });
};

/** Checks options of a handler; they come back as they were given. */
export const checkHandlerSettings: Check<HandlerSettings> = (value, path, where) => {
  const { batch, ...settings } = Object(value) as HandlerSettings;
  const runs = batch === undefined ? { run: nothing } : { batch: { ...batch, run: nothing } };
  resolveHandler({ ...settings, ...runs }, path, where);
  return Object.freeze({ ...(value as HandlerSettings) });
};

/** Checks the hooks of an application. */
export const checkHooks: Check<JobsHooks> = (value, _path, where) => {
  checkAsWorker({ hooks: value }, where);
  return Object.freeze({ ...(value as JobsHooks) });
};

/** Lets the core judge, with stand-ins for what it must have. */
function checkAsWorker(settings: object, where: Where): void {
  resolveWorkerOptions({ connection: {}, queues: 'any', handler: nothing, ...settings }, where);
}

/** Options that a worker has, and that are not the application's to set. */
function refuseOthers(value: unknown, known: readonly string[], path: string, where: Where): void {
  for (const name of [
    'connection',
    'queues',
    'handler',
    'handlers',
    'hooks',
    'middleware',
    'context',
    'defaults',
    'logger',
    'name',
    'schedules',
  ]) {
    if (!Object.hasOwn(Object(value) as object, name)) continue;
    const fieldPath = path === '' ? name : `${path}.${name}`;
    throw new UnknownOptionError({ where, path: fieldPath, value: '…', known, hint: notForTheApplication(name) });
  }
}

function textOf(where: Where): string {
  return typeof where === 'function' ? where() : where;
}

function nothing(): void {}
