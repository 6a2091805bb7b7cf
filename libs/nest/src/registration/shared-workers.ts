import { InvalidOptionError, UnknownOptionError, type QueueOrder } from '@millrace/core';
import { resolveWorkerOptions, type Check, type Where } from '@millrace/core/internal';

import type { WorkerSettings } from '../interfaces/worker-settings.interface.js';
import { listOf } from './checks.js';
import { checkWorkerSettings } from './worker-settings.js';

/** Several queues of one worker, as checked. */
export interface SharedWorker {
  /** In the order that counts; a weight where weights were given. */
  readonly queues: readonly { readonly name: string; readonly weight?: number | undefined }[];
  readonly order: QueueOrder;
  readonly settings: WorkerSettings;
}

/** What a queue in a list may say; a contract says its jobs and its slot as well. */
const OF_QUEUE: readonly string[] = Object.freeze(['name', 'weight', 'jobs', 'slot']);

/** Checks what `forRoot({ workers })` says: each queue is in one worker. */
export const checkSharedWorkers: Check<readonly SharedWorker[]> = (value, path, where) => {
  const workers = listOf(checkSharedWorker)(value, path, where);
  const seen = new Set<string>();
  for (const [index, { queues }] of workers.entries()) {
    for (const { name } of queues) {
      if (seen.has(name)) {
        const at = `${path}[${index}].queues`;
        throw new InvalidOptionError({ where, path: at, value: name, expected: 'each queue in one worker' });
      }
      seen.add(name);
    }
  }
  return workers;
};

const checkSharedWorker: Check<SharedWorker> = (value, path, where) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidOptionError({ where, path, value, expected: 'an object with queues' });
  }
  const { queues, order, ...settings } = value as { queues?: unknown; order?: QueueOrder };
  const checked = checkWorkerSettings(settings, path, where);
  const said = { queues: namesOf(queues, `${path}.queues`, where) as string[], order };
  const standIns = { connection: {}, handler: () => undefined };
  const resolved = resolveWorkerOptions({ ...standIns, ...said }, () => `${textOf(where)} ${path}`);
  const ordered = resolved.queues.map(({ name, weight }) => Object.freeze({ name, weight }));
  return Object.freeze({ queues: Object.freeze(ordered), order: resolved.order, settings: checked });
};

/** Of an object in a list only its name and its weight: the rest belongs to where the queue is registered. */
function namesOf(queues: unknown, path: string, where: Where): unknown {
  if (!Array.isArray(queues)) return queues;
  return queues.map((queue: unknown, index) => {
    if (typeof queue !== 'object' || queue === null) return queue;
    const other = Object.keys(queue).find((option) => !OF_QUEUE.includes(option));
    if (other !== undefined) {
      throw new UnknownOptionError({
        where,
        path: `${path}[${index}].${other}`,
        value: '…',
        known: ['name', 'weight'],
      });
    }
    const { name, weight } = queue as { name?: unknown; weight?: unknown };
    return { name, weight };
  });
}

function textOf(where: Where): string {
  return typeof where === 'function' ? where() : where;
}
