/** So many queues of one worker are looked at as often as a single one is. */
const QUEUES = 200;
/** The queues of the largest workers are looked at so many times as seldom. */
const SLOWEST = 12;

/**
 * How many times as long as else a queue of a worker of many waits for its next look: ten thousand that were each looked at
 * twice a second kept Redis and the process busy with nothing else.
 *
 * @param queues of the worker
 */
export function paceOf(queues: number): number {
  return Math.min(Math.max(1, queues / QUEUES), SLOWEST);
}
