import { ActiveJob } from '@millrace/core';
import { closestName, validateName } from '@millrace/core/internal';

import { toProblem, type BootProblem } from '../../errors/jobs-boot.error.js';
import type { DiscoveredProcessor, Discovery, StrayMethod } from '../../interfaces/discovered.interface.js';
import { CATCH_ALL } from '../../jobs.constants.js';
import * as messages from '../../jobs.messages.js';
import { JobsMetadataAccessor } from '../jobs-metadata.accessor.js';
import { labelOf } from '../jobs.explorer.js';

const metadata = new JobsMetadataAccessor();

/** Processors without handlers, handlers that could not run, and decorated methods that nothing would ever call. */
export function* checkHandlers({ processors, listeners, strays }: Discovery): Generator<BootProblem> {
  for (const stray of strays) yield strayProblem(stray);
  for (const processor of processors) {
    if (processor.handlers.length === 0) yield withoutHandler(processor);
    yield* badNames(processor);
    yield* undecoratedParameters(processor);
    yield* hooksForNothing(processor);
  }
  for (const { type, events, queues, wrapper } of listeners) {
    if (events.length === 0) yield { code: 'NO_HANDLER', message: messages.noEvent(type.name) };
    if (wrapper.isDependencyTreeStatic()) continue;
    yield { code: 'INVALID_OPTION', message: messages.scopedListener(messages.listener(type.name, queues)) };
  }
  yield* duplicates(processors);
}

/** Methods that take a job and do not handle one: the compiler counts them as jobs. */
export function* suspectMethods({ processors }: Discovery): Generator<string> {
  for (const { type, handlers } of processors) {
    for (const method of metadata.methodNames(type)) {
      const takesJob = metadata.parameterTypes(type, method)?.includes(ActiveJob) === true;
      const isHandler = handlers.some(({ methodName }) => methodName === method);
      if (takesJob && !isHandler) yield messages.activeJobWithoutHandler(labelOf({ type }, method));
    }
  }
}

function strayProblem({ kind, label }: StrayMethod): BootProblem {
  const say = {
    handler: messages.handlerWithoutProcessor,
    hook: messages.hookWithoutProcessor,
    event: messages.eventWithoutListener,
    recurring: messages.recurringWithoutHandler,
  };
  return { code: 'NO_HANDLER', message: say[kind](label) };
}

function withoutHandler({ type }: DiscoveredProcessor): BootProblem {
  const hasProcess = metadata.methodNames(type).includes('process');
  return { code: 'NO_HANDLER', message: messages.noHandler(type.name, hasProcess) };
}

function* badNames({ handlers }: DiscoveredProcessor): Generator<BootProblem> {
  for (const { jobName } of handlers) {
    try {
      validateName('job', jobName);
    } catch (error) {
      yield toProblem(error);
    }
  }
}

/** Once one parameter is decorated, Nest fills in the decorated ones alone; with none decorated, only the first is there. */
function* undecoratedParameters({ handlers, type }: DiscoveredProcessor): Generator<BootProblem> {
  for (const { methodName } of handlers) {
    const decorated = Object.values(metadata.parameters(type, methodName)).map(({ index }) => index);
    const count = metadata.parameterCount(type, methodName);
    const filled = decorated.length === 0 ? [0] : decorated;
    for (let index = 0; index < count; index++) {
      if (filled.includes(index)) continue;
      const message = messages.undecoratedParameter(labelOf({ type }, methodName), index + 1);
      yield { code: 'UNDECORATED_PARAMETER', message };
    }
  }
}

function* hooksForNothing({ hooks, handlers, type }: DiscoveredProcessor): Generator<BootProblem> {
  const known = handlers.map(({ jobName }) => jobName);
  if (known.includes(CATCH_ALL)) return;
  for (const { jobNames, methodName } of hooks) {
    for (const job of jobNames.filter((name) => !known.includes(name))) {
      const message = messages.hookForUnknownJob(
        labelOf({ type }, methodName),
        job,
        type.name,
        closestName(job, known),
      );
      yield { code: 'NO_HANDLER', message };
    }
  }
}

function* duplicates(processors: readonly DiscoveredProcessor[]): Generator<BootProblem> {
  const seen = new Map<string, { processor: DiscoveredProcessor; methodName: string }>();
  for (const processor of processors) {
    for (const queue of processor.queues) {
      for (const { jobName, methodName } of processor.handlers) {
        const key = JSON.stringify([processor.root, queue, jobName]);
        const first = seen.get(key);
        if (first === undefined) seen.set(key, { processor, methodName });
        else yield { code: 'DUPLICATE_HANDLER', message: duplicate(first, { processor, methodName }, jobName, queue) };
      }
    }
  }
}

type Place = { readonly processor: DiscoveredProcessor; readonly methodName: string };

function duplicate(first: Place, second: Place, jobName: string, queue: string): string {
  const { type, module } = first.processor;
  if (type === second.processor.type && first.processor !== second.processor) {
    return messages.providedTwice(type.name, [module.name, second.processor.module.name]);
  }
  return messages.duplicateHandler(
    jobName,
    queue,
    labelOf(first.processor, first.methodName),
    labelOf(second.processor, second.methodName),
  );
}
