import { sleep } from '../clock/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { scripts } from '../redis/index.js';

/** The core writes events while somebody listens: whoever reads says so again well before it is forgotten. */
const REMEMBERED_MS = 60_000;
const SAY_SO_MS = 20_000;
/** Virtual time goes on by days without a stop for those who only listen: they are remembered until they say that they do not. */
const REMEMBERED_VIRTUAL_MS = 10 * 365 * 86_400_000;

/**
 * Says that somebody listens to the events of a queue, again and again, however slowly the events are read. Resolves when
 * they are being written. Where they were not until then, the stream has a gap in that place.
 *
 * @param signal ends it
 */
export async function listen(queue: QueueContext, signal: AbortSignal): Promise<void> {
  await saySo(queue, signal);
  void goOn(queue, signal);
}

async function goOn(queue: QueueContext, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await sleep(queue.clock, SAY_SO_MS, { signal, unref: true, background: true });
      await saySo(queue, signal);
    }
  } catch {
    // It has ended; a call that fails is repeated until then.
  }
  if (queue.clock.isVirtual) queue.run(scripts.configure, forTheNext(REMEMBERED_MS, queue)).catch(() => {});
}

async function saySo(queue: QueueContext, signal: AbortSignal): Promise<void> {
  const ms = queue.clock.isVirtual ? REMEMBERED_VIRTUAL_MS : REMEMBERED_MS;
  await queue.run(scripts.configure, forTheNext(ms, queue), { repeatUntilAnswered: signal });
}

function forTheNext(ms: number, { now }: QueueContext): { now: number | undefined; fields: string[] } {
  return { now, fields: ['listening', String(ms)] };
}
