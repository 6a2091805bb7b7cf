import type { ModulesContainer } from '@nestjs/core';

import type { BootProblem } from '../errors/jobs-boot.error.js';
import type { DiscoveredListener } from '../interfaces/discovered.interface.js';
import type { WorkerPlan } from '../interfaces/plan.interface.js';
import type { JobsRoot } from '../registration/jobs-root.js';
import { readApplication } from './application.js';
import { checkHandlers, suspectMethods } from './checks/handler-checks.js';
import { checkMiddlewareProviders } from './checks/middleware-checks.js';
import { checkRecurring } from './checks/recurring-checks.js';
import { checkQueues } from './checks/queue-checks.js';
import { checkRoots } from './checks/root-checks.js';
import { checkConfigured, checkSettings, suspectWork } from './checks/settings-checks.js';
import { planWorkers } from './worker-plans.js';

/** What an application wants of this package, and what is wrong with that. */
export interface Inspection {
  readonly problems: readonly BootProblem[];
  /** Sentences about what works and is hardly meant. */
  readonly warnings: readonly string[];
  readonly plans: readonly WorkerPlan[];
  readonly listeners: readonly DiscoveredListener[];
}

/**
 * Looks at the whole application.
 *
 * @param isComplete whether every provider was made; before that, what is missing is no fault
 */
export function inspectApplication(
  modules: ModulesContainer,
  roots: ReadonlyMap<string, JobsRoot>,
  isComplete: boolean,
): Inspection {
  const application = readApplication(modules, roots, isComplete);
  const { discovery } = application;
  const plans = planWorkers(application);
  const problems = [
    ...checkRoots(application),
    ...checkQueues(application),
    ...checkHandlers(discovery),
    ...checkRecurring(discovery),
    ...checkSettings(application, plans),
    ...checkConfigured(application, plans),
    ...checkMiddlewareProviders(application, modules),
  ];
  return {
    problems,
    warnings: [...new Set([...suspectMethods(discovery), ...suspectWork(application, plans)])],
    plans,
    listeners: discovery.listeners,
  };
}
