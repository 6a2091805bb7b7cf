import { Inject } from '@nestjs/common';

import { getQueueToken, getRunnerToken } from '../jobs.tokens.js';
import type { QueueIdentity } from '../interfaces/queue-options.interface.js';

/**
 * Injects a queue: `@InjectQueue('mail') mail: Queue<JobsOf<MailProcessor>>`, or by its contract:
 * `@InjectQueue(Mail) mail: QueueOf<typeof Mail>`.
 *
 * @param queue the queue's name, or a contract made by `defineQueue()`
 * @param root the name given to `forRoot({ name })`; the unnamed root by default
 */
export function InjectQueue(queue: QueueIdentity, root?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getQueueToken(typeof queue === 'string' ? queue : queue.name, root));
}

/**
 * Injects the {@link JobsRunner} of a root.
 *
 * @param root the name given to `forRoot({ name })`; the unnamed root by default
 */
export function InjectRunner(root?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getRunnerToken(root));
}
