/** Background jobs on Redis: queues, workers, and the atomic Lua core behind them. */
export {
  sleep,
  SystemClock,
  VirtualClock,
  type Clock,
  type SleepOptions,
  type Timer,
  type TimerOptions,
  type VirtualClockOptions,
} from './clock/index.js';
export * from './errors/index.js';
export type { EventsOptions, QueueEvent, QueueEventType } from './events/index.js';
export { ActiveJob } from './job/active-job.js';
export { JobRun } from './job/job-run.js';
export { FINAL_STATES, LIVE_STATES, type FinalState, type JobState } from './job/job-state.js';
export { Job } from './job/job.js';
export { validateName } from './job/names.js';
export * from './options/index.js';
export * from './queue/index.js';
export {
  connect,
  Connection,
  type ClusterInput,
  type ConnectionInput,
  type EmbeddedInput,
  type EmbeddedOptions,
} from './redis/index.js';
export * from './types/index.js';
export * from './worker/index.js';
