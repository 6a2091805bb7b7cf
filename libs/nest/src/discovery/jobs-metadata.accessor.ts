import { MetadataScanner } from '@nestjs/core';
import type { Type } from '@nestjs/common';

import * as keys from '../jobs.constants.js';
import type {
  EventMetadata,
  HandlerMetadata,
  HookMetadata,
  ListenerMetadata,
  ProcessorMetadata,
  RecurringMetadata,
} from '../interfaces/metadata.interface.js';

/** One parameter of a method, as Nest's context creator reads it. */
export interface ParameterMetadata {
  readonly index: number;
}

type ParameterTable = Readonly<Record<string, ParameterMetadata>>;

/** The only reader of what the decorators left behind. */
export class JobsMetadataAccessor {
  readonly #scanner = new MetadataScanner();

  processor(type: Type): ProcessorMetadata | undefined {
    return Reflect.getMetadata(keys.PROCESSOR_METADATA, type) as ProcessorMetadata | undefined;
  }

  listener(type: Type): ListenerMetadata | undefined {
    return Reflect.getMetadata(keys.LISTENER_METADATA, type) as ListenerMetadata | undefined;
  }

  /** All methods of a class, inherited ones included. */
  methodNames(type: Type): string[] {
    return this.#scanner.getAllMethodNames(type.prototype as object);
  }

  handler(type: Type, methodName: string): HandlerMetadata | undefined {
    return this.#ofMethod(keys.HANDLER_METADATA, type, methodName) as HandlerMetadata | undefined;
  }

  recurring(type: Type, methodName: string): readonly RecurringMetadata[] {
    return (this.#ofMethod(keys.RECURRING_METADATA, type, methodName) ?? []) as readonly RecurringMetadata[];
  }

  hooks(type: Type, methodName: string): readonly HookMetadata[] {
    return (this.#ofMethod(keys.HOOKS_METADATA, type, methodName) ?? []) as readonly HookMetadata[];
  }

  events(type: Type, methodName: string): readonly EventMetadata[] {
    return (this.#ofMethod(keys.EVENTS_METADATA, type, methodName) ?? []) as readonly EventMetadata[];
  }

  /** The types of a decorated method's parameters, where the compiler wrote them down. */
  parameterTypes(type: Type, methodName: string): readonly unknown[] | undefined {
    return Reflect.getMetadata(keys.PARAMETER_TYPES_METADATA, type.prototype as object, methodName) as
      unknown[] | undefined;
  }

  /** How many parameters a method has; without types from the compiler, those before the first with a default. */
  parameterCount(type: Type, methodName: string): number {
    return this.parameterTypes(type, methodName)?.length ?? this.#method(type, methodName).length;
  }

  /**
   * The decorated parameters of a handler that mean something for a job: `@JobData()` and whatever `createParamDecorator`
   * made. Those of requests (`@Body()`) are left out.
   */
  parameters(type: Type, methodName: string): ParameterTable {
    const native = (Reflect.getMetadata(keys.JOB_DATA_METADATA, type, methodName) ?? {}) as ParameterTable;
    const nest = (Reflect.getMetadata(keys.NEST_PARAMETERS_METADATA, type, methodName) ?? {}) as ParameterTable;
    const custom = Object.entries(nest).filter(([key]) => key.includes(keys.NEST_CUSTOM_PARAMETER));
    return { ...native, ...Object.fromEntries(custom) };
  }

  /** Puts the parameters of a handler where the context creator is told to look for them. */
  publishParameters(type: Type, methodName: string): void {
    Reflect.defineMetadata(keys.JOB_PARAMETERS_METADATA, this.parameters(type, methodName), type, methodName);
  }

  #ofMethod(key: string, type: Type, methodName: string): unknown {
    return Reflect.getMetadata(key, this.#method(type, methodName));
  }

  #method(type: Type, methodName: string): (...parameters: unknown[]) => unknown {
    return (type.prototype as Record<string, (...parameters: unknown[]) => unknown>)[methodName] as never;
  }
}
