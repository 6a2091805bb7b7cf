import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';

import { JobsMetadataAccessor } from '../discovery/jobs-metadata.accessor.js';
import type { WorkerPlan } from '../interfaces/plan.interface.js';
import { EnhancerContexts } from '../invocation/enhancer-contexts.js';
import { ResultObserver } from '../invocation/result-observer.js';
import { nobodyHearsSigterm } from '../jobs.messages.js';
import { JobsRegistry } from '../registration/jobs-registry.js';
import type { JobsRoot } from '../registration/jobs-root.js';
import { loggerOf } from './jobs.logger.js';
import { JobsRunner, type RunnerParts } from './jobs.runner.js';
import { isAloneWithTermination } from './termination-signal.js';
import { WorkerFactory } from './worker-factory.js';

/** Makes the runner of a root. It learns of processors when it is first used: only then was all of the application made. */
export function createRunner(root: JobsRoot, modules: ModulesContainer, application: ApplicationConfig): JobsRunner {
  return new JobsRunner(root, async () => {
    const { plans } = await JobsRegistry.of(modules).check();
    return partsOf(
      root,
      plans.filter((plan) => plan.root === root.name),
      modules,
      application,
    );
  });
}

function partsOf(
  root: JobsRoot,
  plans: readonly WorkerPlan[],
  modules: ModulesContainer,
  application: ApplicationConfig,
): RunnerParts {
  const metadata = new JobsMetadataAccessor();
  for (const { processor, methodName } of plans.flatMap(({ handlers }) => handlers)) {
    metadata.publishParameters(processor.type, methodName);
  }
  const contexts = new EnhancerContexts(modules, application, root.options.globalEnhancers);
  const observer = new ResultObserver(loggerOf(root), root.connection.clock);
  const factory = new WorkerFactory(root, { contexts, observer }, warnOnce(root));
  return { plans, create: (plan) => factory.create(plan) };
}

/** By the first job the application has said which signals it listens to; before, it may still be about to. */
function warnOnce(root: JobsRoot): () => void {
  let isFirst = true;
  return () => {
    if (isFirst && isAloneWithTermination()) loggerOf(root).warn(nobodyHearsSigterm());
    isFirst = false;
  };
}
