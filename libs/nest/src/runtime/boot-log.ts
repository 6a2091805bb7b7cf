import type { Backoff } from '@millrace/core';

import { LIBRARY_DEFAULT } from '../discovery/option-ladder.js';
import type { EffectiveOptions } from '../interfaces/ladder.interface.js';
import type { WorkerPlan } from '../interfaces/plan.interface.js';

/** One line for each handler and one for its worker, as the log shows them at boot: what holds, and where it was said. */
export function bootLines({ queue, shared, options, handlers }: WorkerPlan): string[] {
  const ofHandlers = handlers.map(({ jobName, options: ofHandler }) => {
    const { maxAttempts, backoff, ...others } = ofHandler;
    const policy = `×${String(maxAttempts?.value)} attempts, ${describeBackoff(backoff?.value as Backoff)}`;
    return `${queue}.${jobName} ${policy}${sources({ maxAttempts, backoff, ...others } as EffectiveOptions)}`;
  });
  return [`worker of ${queue}${sharing(shared)}${sources(options)}`, ...ofHandlers];
}

function describeBackoff(backoff: Backoff): string {
  switch (backoff.type) {
    case 'fixed':
    case 'exponential':
      return `${backoff.type} ${backoff.delayMs / 1_000} s`;
    case 'custom':
      return `backoff "${backoff.name}"`;
    case 'sidekiq':
      return 'sidekiq backoff';
  }
}

/** `, shared weighted: critical 6, default 3` */
function sharing(shared: WorkerPlan['shared']): string {
  if (shared === undefined) return '';
  const queues = shared.queues.map(({ name, weight }) => (weight === undefined ? name : `${name} ${weight}`));
  return `, shared ${shared.order}: ${queues.join(', ')}`;
}

/** What somebody said; the rest is as the library has it. */
function sources(options: EffectiveOptions): string {
  const said = Object.entries(options).filter(([, { from }]) => from !== LIBRARY_DEFAULT);
  if (said.length === 0) return '';
  return ` (${said.map(([name, { value, from }]) => `${name} ${show(value)}: ${from}`).join('; ')})`;
}

function show(value: unknown): string {
  return typeof value === 'function' ? 'function' : JSON.stringify(value);
}
