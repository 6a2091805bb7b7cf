import { JobStalledError } from '../errors/index.js';
import { ANY_NAME, layerJobDefaults, type Logger, type ResolvedWorkerOptions } from '../options/index.js';
import { readJobs } from '../queue/job-reader.js';
import type { QueueContext } from '../queue/queue-context.js';
import type { HookRunner } from './hook-runner.js';
import { RunOfJob } from './running-job.js';

/** What telling needs of its consumer. */
export interface ObituaryHost {
  readonly context: QueueContext;
  readonly logger: Logger;
  readonly hooks: HookRunner;
  readonly options: Pick<ResolvedWorkerOptions, 'handlers' | 'defaults'>;
}

/**
 * Tells the hook of permanent failures of jobs that stalled once more than they may. Their own process is gone, so the one
 * that found them does it, if it handles jobs of their name; others hear of it by the event. A reading that fails costs the hook,
 * which is told at most once. Never rejects.
 */
export async function tellOfStalled(host: ObituaryHost, ids: readonly string[]): Promise<void> {
  if (ids.length === 0 || !host.hooks.has('onPermanentFailure')) return;
  try {
    await tellEach(host, ids);
  } catch (error) {
    const { context, logger } = host;
    logger.debug(`Stalled jobs of queue "${context.name}" could not be read: ${(error as Error).message}`);
  }
}

async function tellEach({ context, hooks, options }: ObituaryHost, ids: readonly string[]): Promise<void> {
  for (const job of await readJobs(context, ids)) {
    const handler = options.handlers.get(job.name) ?? options.handlers.get(ANY_NAME);
    if (handler === undefined) continue;
    const { queueDefaults = {}, ...said } = job.options;
    const { maxAttempts } = layerJobDefaults(options.defaults, queueDefaults, handler.defaults, said);
    const { id, name, queue, data, meta, attempt, failures, stalls, createdAt } = job;
    const run = new RunOfJob({ id, name, queue, data, meta, attempt, maxAttempts, failures, stalls, createdAt });
    await hooks.call('onPermanentFailure', run, new JobStalledError(queue, id, stalls), { state: 'failed' });
  }
}
