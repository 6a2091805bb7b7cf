import type { DynamicModule, ModuleMetadata, Provider } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';

import type { JobsModuleOptions } from '../interfaces/module-options.interface.js';
import { JobsConnectionModule } from '../jobs-connection.module.js';
import { JobsRuntimeModule } from '../jobs-runtime.module.js';
import { DEFAULT_ROOT, THIS_ROOT } from '../jobs.constants.js';
import { JobsService } from '../jobs.service.js';
import { getConnectionToken, getOptionsToken, getRootToken, getRunnerToken } from '../jobs.tokens.js';
import { JobsOrchestrator } from '../runtime/jobs.orchestrator.js';
import { JobsRunner } from '../runtime/jobs.runner.js';
import { createRunner } from '../runtime/runner.factory.js';
import { JobsRegistry } from './jobs-registry.js';
import type { JobsRoot } from './jobs-root.js';
import { rootQueueProviders } from './queue-providers.js';

/** What a call of `forRoot()` or `forRootAsync()` comes to. */
export interface RootDefinition extends Pick<ModuleMetadata, 'imports'> {
  readonly name: string;
  /** The queues that can be injected everywhere. */
  readonly queues: readonly string[];
  /** What provides the options. */
  readonly providers: readonly Provider[];
}

/** The two modules of a root: one that is closed last, and one that runs workers and is stopped first. */
export function rootModules(root: RootDefinition): DynamicModule[] {
  return [connectionModule(root), runtimeModule(root)];
}

function connectionModule({ name, queues, providers, imports = [] }: RootDefinition): DynamicModule {
  const shared: Provider[] = [
    { provide: getRootToken(name), useExisting: THIS_ROOT },
    { provide: getConnectionToken(name), useFactory: (root: JobsRoot) => root.connection, inject: [THIS_ROOT] },
    {
      provide: getRunnerToken(name),
      useFactory: createRunner,
      inject: [THIS_ROOT, ModulesContainer, ApplicationConfig],
    },
    ...(name === DEFAULT_ROOT ? [{ provide: JobsRunner, useExisting: getRunnerToken(name) }] : []),
    ...rootQueueProviders(queues, name),
    JobsService,
  ];
  const open = {
    provide: THIS_ROOT,
    useFactory: (options: JobsModuleOptions, modules: ModulesContainer) =>
      JobsRegistry.of(modules).openRoot(name, options),
    inject: [getOptionsToken(name), ModulesContainer],
  };
  return {
    module: JobsConnectionModule,
    global: true,
    imports,
    providers: [...providers, open, ...shared],
    exports: shared.map((provider) => ('provide' in provider ? provider.provide : provider)),
  };
}

function runtimeModule({ name }: RootDefinition): DynamicModule {
  const orchestrator = {
    provide: JobsOrchestrator,
    useFactory: (...parts: ConstructorParameters<typeof JobsOrchestrator>) => new JobsOrchestrator(...parts),
    inject: [getRootToken(name), getRunnerToken(name), ModulesContainer],
  };
  return { module: JobsRuntimeModule, providers: [orchestrator] };
}
