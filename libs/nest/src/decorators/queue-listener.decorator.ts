import { Injectable } from '@nestjs/common';
import type { QueueEvent } from '@millrace/core';

import { DEFAULT_ROOT, EVENTS_METADATA, LISTENER_METADATA } from '../jobs.constants.js';
import type { EventMetadata, ListenerMetadata } from '../interfaces/metadata.interface.js';
import type { QueueIdentity } from '../interfaces/queue-options.interface.js';

/** A method that is told about events. */
type EventMethod = (event: QueueEvent) => unknown;

/** What {@link OnQueueEvent} can be told besides the event. */
export interface OnQueueEventOptions {
  /** One process of all gets the event, rather than each: by a job in the queue `<queue>~events`. @default false */
  readonly once?: boolean | undefined;
}

/**
 * Marks a provider whose `@OnQueueEvent()` methods are told what happens in a queue, in whichever process it happens.
 *
 * @param queue the queue, or several
 * @param options.root the name given to `forRoot({ name })`; the unnamed root by default
 */
export function QueueListener(
  queue: QueueIdentity | readonly QueueIdentity[],
  options: { readonly root?: string | undefined } = {},
): ClassDecorator {
  const queues = [queue].flat().map((one: QueueIdentity) => (typeof one === 'string' ? one : one.name));
  const metadata: ListenerMetadata = { queues, root: options.root ?? DEFAULT_ROOT };
  const injectable = Injectable();
  return (target) => {
    injectable(target);
    Reflect.defineMetadata(LISTENER_METADATA, metadata, target);
  };
}

/**
 * Called with each event of this type. Every process that listens gets it, and one that is down misses it: for what must
 * happen surely and once, add a job. What the method throws is logged.
 *
 * @param type `completed`, `failed` …; `gap`: events were trimmed away before this process could read them; `configured`: the
 *   live configuration has changed
 */
export function OnQueueEvent(type: QueueEvent['type'], options: OnQueueEventOptions = {}) {
  return <F extends EventMethod>(
    _target: object,
    _method: string | symbol,
    descriptor: TypedPropertyDescriptor<F>,
  ): void => {
    const method = descriptor.value;
    if (method === undefined) return;
    const events = (Reflect.getOwnMetadata(EVENTS_METADATA, method) ?? []) as EventMetadata[];
    Reflect.defineMetadata(EVENTS_METADATA, [...events, { event: type, once: options.once ?? false }], method);
  };
}
