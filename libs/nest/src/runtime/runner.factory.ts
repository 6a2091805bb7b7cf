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
  let parts: Promise<RunnerParts> | undefined;
  const prepare = async (): Promise<RunnerParts> => {
    const { plans } = await JobsRegistry.of(modules).check();
    const ofRoot = plans.filter((plan) => plan.root === root.name);
    return partsOf(root, ofRoot, modules, application);
  };
  return new JobsRunner(root, () => (parts ??= prepare()));
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
  for (const processor of new Set(plans.flatMap(({ handlers }) => handlers.map((handler) => handler.processor)))) {
    contexts.bindTo(processor.wrapper);
  }
  const observer = new ResultObserver(loggerOf(root), root.connection.clock);
  const factory = new WorkerFactory(root, { contexts, observer }, warnOnce(root));
  return {
    plans,
    create: (together) => factory.create(together),
    handler: (plan, name) => factory.handler(plan, name),
  };
}

/** By the first job the application has said which signals it listens to; before, it may still be about to. */
function warnOnce(root: JobsRoot): () => void {
  let isFirst = true;
  return () => {
    if (isFirst && isAloneWithTermination()) loggerOf(root).warn(nobodyHearsSigterm());
    isFirst = false;
  };
}
