import { Catch, type ExceptionFilter } from '@nestjs/common';
import { ApplicationConfig, ExternalContextCreator, type ModulesContainer, type NestContainer } from '@nestjs/core';

import type { InstanceWrapper } from '../discovery/module-map.js';
import { NEST_FILTERS_METADATA } from '../jobs.constants.js';
import { JobInterceptors } from './job-interceptors.js';

/** A kind of enhancer that the application can bind globally. */
export const ENHANCER_KINDS = Object.freeze(['guards', 'interceptors', 'pipes', 'filters'] as const);

/** One of {@link ENHANCER_KINDS}. */
export type EnhancerKind = (typeof ENHANCER_KINDS)[number];

/** Asked after all other filters: where none of them is for the error, Nest would log it, and Millrace does so already. */
@Catch()
class LastFilter implements ExceptionFilter {
  catch(error: unknown): never {
    throw error;
  }
}

/**
 * Nest's machinery for running a method within guards, interceptors, pipes and filters. Those of the method and of its
 * class always run. Global ones are made for requests, so each kind of them runs only where it was asked for.
 */
export class EnhancerContexts {
  /** Runs handlers. */
  readonly handlers: ExternalContextCreator;
  /** Runs filters alone; apart from the first because Nest 11 remembers parameters by method, whoever asked. */
  readonly filters: ExternalContextCreator;
  readonly #hasGlobalFilters: boolean;
  readonly #scoped: readonly InstanceWrapper[];

  constructor(modules: ModulesContainer, application: ApplicationConfig, wanted: readonly EnhancerKind[]) {
    const config = new ApplicationConfig();
    // Nest asks those of the method first, and of the global ones the last first.
    config.useGlobalFilters(new LastFilter());
    for (const kind of wanted) COPY[kind](application, config);
    this.#scoped = [
      ...config.getGlobalRequestGuards(),
      ...config.getGlobalRequestInterceptors(),
      ...config.getGlobalRequestPipes(),
      ...config.getGlobalRequestFilters(),
    ];
    this.#hasGlobalFilters = config.getGlobalFilters().length + config.getGlobalRequestFilters().length > 1;
    // The creator asks a container for these two and nothing else.
    const container = { getModules: () => modules, applicationConfig: config } as unknown as NestContainer;
    this.handlers = ExternalContextCreator.fromContainer(container);
    JobInterceptors.install(this.handlers);
    this.filters = ExternalContextCreator.fromContainer(container);
  }

  /** Makes a processor one of each job where a global enhancer that runs for it is. Nest does so for controllers only. */
  bindTo(processor: InstanceWrapper): void {
    for (const enhancer of this.#scoped) processor.addEnhancerMetadata(enhancer);
    // The first releases of Nest 11 remember that nothing on which it depends is one of each request, and would never ask the enhancer.
    if (this.#scoped.length > 0) Object.assign(processor, { isTreeStatic: undefined, isTreeDurable: undefined });
  }

  /** Whether an error of this handler has a filter to go to. Without one, Nest would log each error a second time. */
  hasFilters(instance: object, method: object): boolean {
    return (
      this.#hasGlobalFilters ||
      Reflect.hasMetadata(NEST_FILTERS_METADATA, method) ||
      Reflect.hasMetadata(NEST_FILTERS_METADATA, instance.constructor)
    );
  }
}

type Copy = (from: ApplicationConfig, to: ApplicationConfig) => void;

const COPY: Readonly<Record<EnhancerKind, Copy>> = {
  guards(from, to) {
    to.useGlobalGuards(...from.getGlobalGuards());
    from.getGlobalRequestGuards().forEach((guard) => to.addGlobalRequestGuard(guard));
  },
  interceptors(from, to) {
    to.useGlobalInterceptors(...from.getGlobalInterceptors());
    from.getGlobalRequestInterceptors().forEach((interceptor) => to.addGlobalRequestInterceptor(interceptor));
  },
  pipes(from, to) {
    to.useGlobalPipes(...from.getGlobalPipes());
    from.getGlobalRequestPipes().forEach((pipe) => to.addGlobalRequestPipe(pipe));
  },
  filters(from, to) {
    to.useGlobalFilters(...from.getGlobalFilters());
    from.getGlobalRequestFilters().forEach((filter) => to.addGlobalRequestFilter(filter));
  },
};
