import {
  InvalidOptionError,
  type ConnectionInput,
  type ConnectSettings,
  type JobDefaults,
  type Redaction,
} from '@millrace/core';
import {
  defaultRedaction,
  fieldTable,
  readFields,
  resolveConnectSettings,
  resolveJobDefaults,
  type Check,
  type ResolvedJobDefaults,
} from '@millrace/core/internal';

import { toProblem, type BootProblem } from '../errors/jobs-boot.error.js';
import type { JobsHooks } from '../interfaces/hooks.interface.js';
import type { JobsMiddleware } from '../interfaces/middleware.interface.js';
import type { SchedulesOptions } from '../interfaces/module-options.interface.js';
import type { ProcessorSettings, WorkerSettings } from '../interfaces/worker-settings.interface.js';
import { ENHANCER_KINDS, type EnhancerKind } from '../invocation/enhancer-contexts.js';
import { flag, listOf, recordOf } from './checks.js';
import { checkMiddleware } from './middleware.js';
import { checkRootQueue, type QueueDeclaration } from './queue-declaration.js';
import { checkSharedWorkers, type SharedWorker } from './shared-workers.js';
import { checkWork, workFromEnvironment, type WorkChoice } from './work-choice.js';
import { checkHooks, checkProcessorSettings, checkWorkerSettings, WORKER_SETTING_HINTS } from './worker-settings.js';

/** The options that the connection takes. */
export const CONNECT_SETTINGS = Object.freeze([
  'prefix',
  'waitUntilReady',
  'connectTimeoutMs',
  'commandTimeoutMs',
  'closeTimeoutMs',
  'logger',
  'redact',
  'clock',
] as const satisfies readonly (keyof ConnectSettings)[]);

/** The options of a root as checked, with nothing left open but what the core decides. */
export interface ResolvedModuleOptions extends ConnectSettings {
  readonly connection: ConnectionInput | undefined;
  readonly redact: Redaction;
  readonly defaults: ResolvedJobDefaults;
  readonly worker: WorkerSettings;
  readonly workers: readonly SharedWorker[];
  readonly queues: readonly QueueDeclaration[];
  readonly processors: Readonly<Record<string, ProcessorSettings>>;
  readonly work: WorkChoice;
  readonly autoStart: boolean;
  readonly hooks: JobsHooks;
  readonly middleware: JobsMiddleware;
  readonly globalEnhancers: readonly EnhancerKind[];
  readonly signals: boolean;
  readonly schedules: Required<SchedulesOptions>;
}

/** What an option of a root is when it is left out; `work` is then what JOBS_WORK says, `redact` what the core hides. */
export const MODULE_DEFAULTS = Object.freeze({
  connection: undefined,
  defaults: Object.freeze({}),
  worker: Object.freeze({}),
  workers: Object.freeze([]),
  queues: Object.freeze([]),
  processors: Object.freeze({}),
  autoStart: true,
  hooks: Object.freeze({}),
  middleware: Object.freeze({}),
  globalEnhancers: Object.freeze([]),
  signals: true,
  schedules: Object.freeze({ removeOrphans: false }),
}) satisfies Omit<ResolvedModuleOptions, 'work' | 'redact'>;

type ConnectChecks = {
  readonly [K in keyof ConnectSettings]-?: Check<K extends 'redact' ? Redaction : NonNullable<ConnectSettings[K]>>;
};

const SCHEDULES = fieldTable<Required<SchedulesOptions>>({ removeOrphans: flag });

const TABLE = fieldTable<ResolvedModuleOptions>(
  {
    connection: (value) => value as ConnectionInput,
    ...(Object.fromEntries(CONNECT_SETTINGS.map((name) => [name, connectSetting(name)])) as ConnectChecks),
    defaults: (value, path, where) => resolveJobDefaults(value as JobDefaults, where, path),
    worker: checkWorkerSettings,
    workers: checkSharedWorkers,
    queues: listOf(checkRootQueue),
    processors: recordOf(checkProcessorSettings),
    work: checkWork,
    autoStart: flag,
    hooks: checkHooks,
    middleware: checkMiddleware,
    globalEnhancers: checkGlobalEnhancers,
    signals: flag,
    schedules: (value, path, where) => ({ removeOrphans: false, ...readFields(value, SCHEDULES, where, path) }),
  },
  WORKER_SETTING_HINTS,
);

/**
 * Checks the options of a root, each of them: what is wrong with one does not hide what is wrong with the next.
 *
 * @param where `JobsModule.forRoot()`
 * @param problems what is wrong is added here; such an option counts as left out
 */
export function resolveModuleOptions(input: unknown, where: string, problems: BootProblem[]): ResolvedModuleOptions {
  const said: Partial<ResolvedModuleOptions> = {};
  for (const [option, value] of Object.entries(Object(input) as Record<string, unknown>)) {
    try {
      Object.assign(said, readFields({ [option]: value }, TABLE, where));
    } catch (error) {
      problems.push(toProblem(error));
    }
  }
  const open = { work: workFromEnvironment(process.env), redact: defaultRedaction };
  return Object.freeze({ ...MODULE_DEFAULTS, ...open, ...said });
}

function connectSetting(name: keyof ConnectSettings): Check<unknown> {
  return (value, _path, where) => resolveConnectSettings({ [name]: value }, where)[name];
}

function checkGlobalEnhancers(...[value, path, where]: Parameters<Check<unknown>>): readonly EnhancerKind[] {
  if (value === true) return ENHANCER_KINDS;
  const kinds: readonly unknown[] = ENHANCER_KINDS;
  if (Array.isArray(value) && value.every((item) => kinds.includes(item))) return value as EnhancerKind[];
  throw new InvalidOptionError({ where, path, value, expected: `true, or a list of ${ENHANCER_KINDS.join(', ')}` });
}
