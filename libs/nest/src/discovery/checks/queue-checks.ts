import { closestName } from '@millrace/core/internal';

import { toProblem, type BootProblem } from '../../errors/jobs-boot.error.js';
import * as messages from '../../jobs.messages.js';
import { declaration } from '../../registration/queue-declaration.js';
import { queueNames, type Application, type PlacedQueue } from '../application.js';
import { isSame, show } from '../compare.js';

/** Queues with options that no queue has, queues declared in two ways, and processors and listeners of none. */
export function* checkQueues(application: Application): Generator<BootProblem> {
  const { queues, discovery } = application;
  for (const { name, settings, from } of queues) {
    try {
      declaration(name, settings, from);
    } catch (error) {
      yield toProblem(error);
    }
  }
  yield* contradictions(queues);
  for (const { type, queues: wanted, root } of discovery.processors) {
    for (const queue of wanted) yield* unknownQueue(application, messages.processor(type.name, [queue]), queue, root);
  }
  for (const { type, queues: wanted, root } of discovery.listeners) {
    for (const queue of wanted) yield* unknownQueue(application, messages.listener(type.name, [queue]), queue, root);
  }
}

function* unknownQueue(application: Application, who: string, queue: string, root: string): Generator<BootProblem> {
  const known = queueNames(application, root);
  if (known === undefined || known.includes(queue)) return;
  yield { code: 'UNKNOWN_QUEUE', message: messages.unknownQueue(who, queue, root, closestName(queue, known)) };
}

/** What a declaration does not mention it does not contradict: it only wants the queue. */
function* contradictions(queues: readonly PlacedQueue[]): Generator<BootProblem> {
  for (const [index, first] of queues.entries()) {
    for (const second of queues.slice(index + 1)) {
      if (first.name !== second.name || first.root !== second.root) continue;
      const [ofFirst, ofSecond] = [Object.entries(first.settings), second.settings as Record<string, unknown>];
      for (const [option, value] of ofFirst as [string, unknown][]) {
        const other = ofSecond[option];
        if (value === undefined || other === undefined || isSame(value, other)) continue;
        const [a, b] = [`${show(value)} (${first.from})`, `${show(other)} (${second.from})`];
        yield { code: 'INVALID_OPTION', message: messages.unequalQueueOptions(option, first.name, a, b) };
      }
    }
  }
}
