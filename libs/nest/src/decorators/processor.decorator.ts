import { Injectable } from '@nestjs/common';

import { DEFAULT_ROOT, PROCESSOR_METADATA } from '../jobs.constants.js';
import type { ProcessorMetadata } from '../interfaces/metadata.interface.js';
import type { QueueIdentity } from '../interfaces/queue-options.interface.js';
import type { ProcessorOptions } from '../interfaces/worker-settings.interface.js';

/**
 * Marks a provider whose `@OnJob()` methods run the jobs of a queue. All processors of a queue share one worker in a
 * process, so options of the worker are said once.
 *
 * @example @Processor('mail', { concurrency: 20 }) export class MailProcessor {}
 * @example @Processor({ queue: 'mail', root: 'billing', scope: Scope.REQUEST }) export class MailProcessor {}
 */
export function Processor(
  queue: QueueIdentity | readonly QueueIdentity[],
  options?: Omit<ProcessorOptions, 'queue'>,
): ClassDecorator;
export function Processor(options: ProcessorOptions): ClassDecorator;
export function Processor(
  input: QueueIdentity | readonly QueueIdentity[] | ProcessorOptions,
  options?: Omit<ProcessorOptions, 'queue'>,
): ClassDecorator {
  const { queue, root, scope, durable, ...settings } = isOptions(input) ? input : { ...options, queue: input };
  const queues = (isList(queue) ? queue : [queue]).map(nameOf);
  const metadata: ProcessorMetadata = { queues, root: root ?? DEFAULT_ROOT, settings };
  const injectable = Injectable({ ...(scope !== undefined && { scope }), ...(durable !== undefined && { durable }) });
  return (target) => {
    injectable(target);
    Reflect.defineMetadata(PROCESSOR_METADATA, metadata, target);
  };
}

function isOptions(input: QueueIdentity | readonly QueueIdentity[] | ProcessorOptions): input is ProcessorOptions {
  return typeof input === 'object' && 'queue' in input;
}

function isList(queue: QueueIdentity | readonly QueueIdentity[]): queue is readonly QueueIdentity[] {
  return Array.isArray(queue);
}

function nameOf(queue: QueueIdentity): string {
  return typeof queue === 'string' ? queue : queue.name;
}
