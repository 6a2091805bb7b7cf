/** States of a job that will still run, or runs. */
export const LIVE_STATES = Object.freeze([
  'waiting',
  'delayed',
  'retrying',
  'blocked',
  'aggregating',
  'active',
] as const);

/** States in which a job stays until it is deleted, or retried by an explicit call. */
export const FINAL_STATES = Object.freeze(['completed', 'failed', 'timed_out', 'broken', 'cancelled'] as const);

/** A state in which a job has ended. */
export type FinalState = (typeof FINAL_STATES)[number];

/** Where a job is. A job is in exactly one state. */
export type JobState = (typeof LIVE_STATES)[number] | FinalState;

/** Whether a job in this state has ended. */
export function isFinal(state: JobState): state is FinalState {
  return (FINAL_STATES as readonly string[]).includes(state);
}
