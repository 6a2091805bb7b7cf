import type { Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

/** Starts after, and stops before, every module of the application. */
const LAST_TO_START = -1;
/** Is closed after every module of the application. */
const LAST_TO_CLOSE = Infinity;

const bootstrapped = new WeakSet<object>();

/**
 * Puts our modules at the two ends of Nest's lifecycle, wherever they are imported: Nest sorts modules by `distance`
 * once, before the first hook, bootstraps from large to small and destroys from small to large.
 *
 * @param runtime the module that runs workers
 * @param connection the module that closes connections
 */
export function arrangeHooks(modules: ModulesContainer, runtime: Type, connection: Type): void {
  for (const module of modules.values()) {
    // Where a later Nest has no such setter, nothing is thrown: isArranged() tells.
    if (module.metatype === runtime) Reflect.set(module, 'distance', LAST_TO_START);
    if (module.metatype === connection) Reflect.set(module, 'distance', LAST_TO_CLOSE);
  }
}

/** Notes that the bootstrap hook of a module ran. */
export function noteBootstrap(moduleInstance: object): void {
  bootstrapped.add(moduleInstance);
}

/**
 * Whether Nest obeyed {@link arrangeHooks}. Asked while the runtime module bootstraps: by Nest's own order the modules that
 * import it would come later.
 */
export function isArranged(modules: ModulesContainer, runtime: Type): boolean {
  const runtimes = [...modules.values()].filter(({ metatype }) => metatype === runtime);
  const importers = [...modules.values()].filter(({ imports }) => runtimes.some((module) => imports.has(module)));
  return importers.every(({ instance }) => bootstrapped.has(instance));
}
