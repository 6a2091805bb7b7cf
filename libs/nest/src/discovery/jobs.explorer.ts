import type { Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

import type {
  DiscoveredHandler,
  DiscoveredHook,
  DiscoveredListener,
  DiscoveredProcessor,
  DiscoveredProvider,
  Discovery,
  StrayMethod,
} from '../interfaces/discovered.interface.js';
import { JobsMetadataAccessor } from './jobs-metadata.accessor.js';
import { providersOf } from './module-map.js';

/** Finds the processors and listeners of an application. Lazy-loaded modules come too late to be found. */
export class JobsExplorer {
  readonly #modules: ModulesContainer;
  readonly #metadata = new JobsMetadataAccessor();

  constructor(modules: ModulesContainer) {
    this.#modules = modules;
  }

  explore(): Discovery {
    const processors: DiscoveredProcessor[] = [];
    const listeners: DiscoveredListener[] = [];
    const strays: StrayMethod[] = [];
    for (const provider of providersOf(this.#modules)) {
      const { type } = provider;
      const processor = this.#metadata.processor(type);
      const listener = this.#metadata.listener(type);
      const handlers = this.#handlers(type);
      const hooks = this.#hooks(type);
      const events = this.#events(type);
      strays.push(...stray(type, 'recurring', this.#recurringAlone(type)));
      if (processor !== undefined) processors.push({ ...provider, ...processor, handlers, hooks });
      else strays.push(...stray(type, 'handler', handlers), ...stray(type, 'hook', hooks));
      if (listener !== undefined) listeners.push({ ...provider, ...listener, events });
      else strays.push(...stray(type, 'event', events));
    }
    return { processors, listeners, strays };
  }

  #handlers(type: Type): DiscoveredHandler[] {
    return this.#methods(type, (methodName) => {
      const handler = this.#metadata.handler(type, methodName);
      if (handler === undefined) return [];
      const recurring = this.#metadata.recurring(type, methodName);
      const { jobName = methodName, settings, isBatch = false } = handler;
      return [{ jobName, methodName, settings, isBatch, recurring }];
    });
  }

  /** Methods with a schedule for nothing. */
  #recurringAlone(type: Type): { methodName: string }[] {
    return this.#methods(type, (methodName) => {
      const isHandler = this.#metadata.handler(type, methodName) !== undefined;
      return isHandler || this.#metadata.recurring(type, methodName).length === 0 ? [] : [{ methodName }];
    });
  }

  #hooks(type: Type): DiscoveredHook[] {
    return this.#methods(type, (methodName) => {
      return this.#metadata.hooks(type, methodName).map((hook) => ({ ...hook, methodName }));
    });
  }

  #events(type: Type): DiscoveredListener['events'] {
    return this.#methods(type, (methodName) => {
      return this.#metadata.events(type, methodName).map((event) => ({ ...event, methodName }));
    });
  }

  #methods<T>(type: Type, read: (methodName: string) => readonly T[]): T[] {
    return this.#metadata.methodNames(type).flatMap(read);
  }
}

/** How messages name a provider's method. */
export function labelOf({ type }: Pick<DiscoveredProvider, 'type'>, methodName: string): string {
  return `${type.name}.${methodName}`;
}

function stray(
  type: Type,
  kind: StrayMethod['kind'],
  methods: readonly { readonly methodName: string }[],
): StrayMethod[] {
  return methods.map(({ methodName }) => ({ kind, label: labelOf({ type }, methodName) }));
}
