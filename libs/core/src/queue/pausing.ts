import { sleep } from '../clock/index.js';
import { oneOf } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import type { QueueContext } from './queue-context.js';

/** How to pause a queue. */
export interface PauseOptions {
  /** Resolve only when every live worker has obeyed. @default false */
  readonly wait?: boolean | undefined;
}

const TABLE = fieldTable<{ wait: boolean }>({ wait: oneOf(true, false) });

/** Workers hear of a pause at once; one that missed the message obeys with its next renewal. */
const LOOK_AGAIN_MS = 50;

/** The pause number of a queue is odd while it is paused. */
export function isPausedBy(pause: number): boolean {
  return pause % 2 === 1;
}

/** @throws InvalidOptionError, UnknownOptionError */
export async function pauseQueue(queue: QueueContext, options: PauseOptions): Promise<void> {
  const { wait = false } = readFields(options, TABLE, () => `pause('${queue.name}')`);
  const { pause } = await queue.ask(scripts.pause, { on: 1 });
  while (wait) {
    const now = await queue.ask(scripts.paused, { now: queue.now });
    if (now.behind === 0 || now.pause !== pause) return;
    await sleep(queue.clock, LOOK_AGAIN_MS);
  }
}

export async function resumeQueue(queue: QueueContext): Promise<void> {
  await queue.ask(scripts.pause, { on: 0 });
}

export async function isQueuePaused(queue: QueueContext): Promise<boolean> {
  return isPausedBy((await queue.ask(scripts.paused, { now: queue.now })).pause);
}
