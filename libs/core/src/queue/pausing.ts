import { sleep } from '../clock/index.js';
import { scripts } from '../redis/index.js';
import type { QueueContext } from './queue-context.js';

/** How to pause a queue. */
export interface PauseOptions {
  /** Resolve only when every live worker has obeyed. @default false */
  readonly wait?: boolean | undefined;
}

/** Workers hear of a pause at once; one that missed the message obeys with its next renewal. */
const LOOK_AGAIN_MS = 50;

/** The pause number of a queue is odd while it is paused. */
export function isPausedBy(pause: number): boolean {
  return pause % 2 === 1;
}

export async function pauseQueue(queue: QueueContext, { wait = false }: PauseOptions): Promise<void> {
  const { pause } = await queue.run(scripts.pause, { on: 1 });
  while (wait) {
    const now = await queue.run(scripts.paused, {});
    if (now.behind === 0 || now.pause !== pause) return;
    await sleep(queue.clock, LOOK_AGAIN_MS);
  }
}

export async function isQueuePaused(queue: QueueContext): Promise<boolean> {
  return isPausedBy((await queue.run(scripts.paused, {})).pause);
}
