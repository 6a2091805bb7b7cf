import type { Logger, QueueEvent } from '@millrace/core';

import { labelOf } from '../discovery/jobs.explorer.js';
import type { DiscoveredListener } from '../interfaces/discovered.interface.js';
import { listenerFailed } from '../jobs.messages.js';

/** One `@OnQueueEvent()` method. */
export interface EventHandler {
  /** `MailListener.completed` */
  readonly label: string;
  readonly type: string;
  /** Whether one process of all is told, rather than each. */
  readonly isOnce: boolean;
  /** Calls the method; never rejects. */
  tell(event: QueueEvent): Promise<void>;
}

/** The methods of listeners that want to hear of a queue. */
export function eventHandlers(queue: string, listeners: readonly DiscoveredListener[], logger: Logger): EventHandler[] {
  const ofQueue = listeners.filter(({ queues }) => queues.includes(queue));
  return ofQueue.flatMap((listener) => {
    return listener.events.map(({ methodName, event: type, once }) => {
      const label = labelOf(listener, methodName);
      const tell = (event: QueueEvent): Promise<void> => call(listener, methodName, event, label, logger);
      return { label, type, isOnce: once, tell };
    });
  });
}

async function call(
  { wrapper }: DiscoveredListener,
  methodName: string,
  event: QueueEvent,
  label: string,
  logger: Logger,
): Promise<void> {
  try {
    const instance = wrapper.instance as object;
    await (Reflect.get(instance, methodName) as (event: QueueEvent) => unknown).call(instance, event);
  } catch (error) {
    const stack = error instanceof Error ? error.stack : String(error);
    logger.error(listenerFailed(label, `${event.type} ${event.id}`), { stack });
  }
}
