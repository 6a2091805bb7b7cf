import type { FactoryProvider, Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { Queue } from '@millrace/core';

import type { QueueSettings } from '../interfaces/queue-options.interface.js';
import { QUEUE_MARKS, THIS_ROOT } from '../jobs.constants.js';
import { getQueueToken, getRootToken } from '../jobs.tokens.js';
import { JobsRegistry } from './jobs-registry.js';
import type { JobsRoot } from './jobs-root.js';
import type { QueueMark } from './marks.js';

/** What provides the queues that a module registers, and the tokens to export. */
export function queueProviders(marks: readonly QueueMark[]): { providers: Provider[]; tokens: string[] } {
  const queues = marks.map((mark) => queueProvider(mark));
  const providers = [{ provide: QUEUE_MARKS, useValue: marks }, ...queues];
  return { providers, tokens: queues.map(({ provide }) => provide as string) };
}

/** What provides the queues of a root's own `queues`. */
export function rootQueueProviders(names: readonly string[], root: string): FactoryProvider<Queue>[] {
  return names.map((name) => ({
    provide: getQueueToken(name, root),
    inject: [THIS_ROOT, ModulesContainer],
    useFactory: (opened: JobsRoot, modules: ModulesContainer) =>
      JobsRegistry.of(modules).openQueue(opened, { name, root }),
  }));
}

function queueProvider(mark: QueueMark): FactoryProvider<Queue> {
  const { name, root, settingsToken } = mark;
  const ofSettings = settingsToken === undefined ? [] : [settingsToken];
  return {
    provide: getQueueToken(name, root),
    // Optional, so that a missing root is told in a sentence rather than as a dependency that Nest cannot resolve.
    inject: [ModulesContainer, { token: getRootToken(root), optional: true }, ...ofSettings],
    useFactory: (modules: ModulesContainer, opened?: JobsRoot, settings?: QueueSettings) => {
      const registry = JobsRegistry.of(modules);
      if (settings !== undefined) registry.stated(mark, settings);
      return registry.openQueue(opened, mark);
    },
  };
}
