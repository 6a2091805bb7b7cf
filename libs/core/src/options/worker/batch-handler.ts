import { InvalidOptionError } from '../../errors/index.js';
import type { BatchHandler, BatchOptions } from './batch-options.js';
import type { HandlerDefinition } from './handler-options.js';

/** A handler of batches, made by {@link batch}. */
export interface BatchDefinition extends Omit<HandlerDefinition, 'run'> {
  readonly batch: BatchOptions & { readonly run: BatchHandler };
}

/** What {@link batch} takes: how jobs are put together, and what a handler says besides. */
export type BatchSettings<D = never> = BatchOptions<D> & Omit<HandlerDefinition, 'run'>;

/**
 * A handler that gets jobs together: they wait until there are `maxSize` of them, or none has come for `graceMs`, or the first
 * has waited for `maxDelayMs`. Who adds the jobs need not know.
 *
 * @example
 * handlers: {
 *   notify: batch({ maxSize: 50, graceMs: 2_000, key: (data: Note) => data.userId }, async (jobs) => send(jobs.map((job) => job.data))),
 * }
 */
export function batch<D, R = unknown>(settings: BatchSettings<D>, run: BatchHandler<D, R>): BatchDefinition {
  const where = 'batch()';
  if (typeof settings !== 'object' || settings === null) {
    throw new InvalidOptionError({ where, path: 'settings', value: settings, expected: 'an object' });
  }
  const { maxSize, graceMs, maxDelayMs, key, into, ...handler } = settings;
  return { ...handler, batch: { maxSize, graceMs, maxDelayMs, key, into, run } };
}
