/**
 * What the other packages of Millrace share with the core: how options are checked, and a few parts behind them. Not for
 * applications: any release may change it, a patch too. Those packages ask for the very version of the core that they
 * were built with.
 */
export { sleep } from './clock/index.js';
export { closestName, describeError, type Where } from './errors/index.js';
export { validateName } from './job/names.js';
export { registeredQueues } from './queue/survey.js';
export { defaultRedaction, redactingLogger } from './redaction/index.js';
export {
  checkScheduleId,
  fieldTable,
  JOB_DEFAULTS,
  readFields,
  resolveConnectSettings,
  resolveHandler,
  resolveJobDefaults,
  resolveQueueOptions,
  resolveScheduledJobOptions,
  resolveScheduleOptions,
  resolveWorkerOptions,
  WORKER_DEFAULTS,
  type Check,
  type ResolvedJobDefaults,
} from './options/index.js';
