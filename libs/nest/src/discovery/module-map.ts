import type { Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

/** A module as the container holds it. */
export type ModuleReference = ModulesContainer extends Map<string, infer M> ? M : never;

/** A provider as the container holds it. */
export type InstanceWrapper = ModuleReference['providers'] extends Map<unknown, infer W> ? W : never;

/** The class behind a provider; of one made by a factory, the class of what it made, once that is there. */
export function classOf(wrapper: InstanceWrapper): Type | undefined {
  const type: unknown = wrapper.isNotMetatype
    ? (wrapper.instance as object | null | undefined)?.constructor
    : wrapper.metatype;
  return typeof type === 'function' ? (type as Type) : undefined;
}

/** Every provider of every module that is a class of its own, aliases left out. */
export function* providersOf(
  modules: ModulesContainer,
): Generator<{ wrapper: InstanceWrapper; module: ModuleReference; type: Type }> {
  for (const module of modules.values()) {
    for (const wrapper of module.providers.values()) {
      const type = wrapper.isAlias ? undefined : classOf(wrapper);
      if (type !== undefined) yield { wrapper, module, type };
    }
  }
}

/** The one instance of a provider's class; `undefined` where there is none, or one a request. */
export function singletonOf(modules: ModulesContainer, type: Type): object | undefined {
  for (const { wrapper, type: found } of providersOf(modules)) {
    if (found === type && wrapper.isDependencyTreeStatic()) return wrapper.instance as object;
  }
  return undefined;
}

/** The names of the modules that import a module, as a message names the place of a call. */
export function importersOf(modules: ModulesContainer, imported: ModuleReference): string[] {
  const importers = [...modules.values()].filter((module) => module.imports.has(imported));
  return importers.map((module) => module.name);
}

/** What modules provide under a token that each has for itself. */
export function* valuesOf<T>(
  modules: ModulesContainer,
  token: symbol,
): Generator<{ module: ModuleReference; value: T }> {
  for (const module of modules.values()) {
    const wrapper = module.providers.get(token);
    if (wrapper !== undefined) yield { module, value: wrapper.instance as T };
  }
}
