import type { ModulesContainer } from '@nestjs/core';

import type { Discovery } from '../interfaces/discovered.interface.js';
import { QUEUE_MARKS, ROOT_MARK } from '../jobs.constants.js';
import { forRoot } from '../jobs.messages.js';
import type { JobsRoot } from '../registration/jobs-root.js';
import type { QueueMark, RootMark } from '../registration/marks.js';
import { JobsExplorer } from './jobs.explorer.js';
import { importersOf, valuesOf, type ModuleReference } from './module-map.js';

/** A queue as one place declares it, and which place. */
export interface PlacedQueue {
  readonly name: string;
  readonly root: string;
  /** Unchecked. */
  readonly settings: object;
  /** `JobsModule.registerQueue() in AppModule` */
  readonly from: string;
}

/** A root, and the modules that import it. */
export interface PlacedRoot extends RootMark {
  readonly importers: readonly string[];
}

/** An application as far as this package is concerned: what the checks look at. */
export interface Application {
  readonly discovery: Discovery;
  /** The `forRoot()` calls. */
  readonly rootCalls: readonly PlacedRoot[];
  /** The roots whose options are known by now. */
  readonly roots: ReadonlyMap<string, JobsRoot>;
  readonly queueMarks: readonly QueueMark[];
  readonly queues: readonly PlacedQueue[];
  /** Whether every provider was made: before that, what is missing may still come. */
  readonly isComplete: boolean;
}

/** Gathers what there is in an application. */
export function readApplication(
  modules: ModulesContainer,
  roots: ReadonlyMap<string, JobsRoot>,
  isComplete: boolean,
): Application {
  const rootCalls = [...valuesOf<RootMark>(modules, ROOT_MARK)].map(({ module, value }) => {
    return { ...value, importers: importersOf(modules, module) };
  });
  const marked = [...valuesOf<readonly QueueMark[]>(modules, QUEUE_MARKS)];
  const queues = [
    ...rootCalls.flatMap((call) => queuesOf(call, roots.get(call.name))),
    ...marked.flatMap(({ module, value }) => value.map((mark) => ofMark(mark, module, modules))),
  ];
  return {
    discovery: new JobsExplorer(modules).explore(),
    rootCalls,
    roots,
    queueMarks: marked.flatMap(({ value }) => value),
    queues,
    isComplete,
  };
}

/** The names of the queues of a root; `undefined` while some may not be known yet. */
export function queueNames({ roots, queues }: Application, root: string): string[] | undefined {
  return roots.has(root) ? queues.filter((queue) => queue.root === root).map(({ name }) => name) : undefined;
}

/** Those that the options name, and those that only have their names beside a factory. */
function queuesOf({ name: root, queues, importers }: PlacedRoot, opened: JobsRoot | undefined): PlacedQueue[] {
  const from = `${forRoot(root, 'queues')} in ${importers.join(' and ')}`;
  const settled = opened?.options.queues ?? [];
  const others = queues.filter((queue) => !settled.some(({ name }) => name === queue));
  return [...settled, ...others.map((name) => ({ name, settings: {} }))].map((queue) => ({ ...queue, root, from }));
}

function ofMark(mark: QueueMark, module: ModuleReference, modules: ModulesContainer): PlacedQueue {
  const made: unknown =
    mark.settingsToken === undefined ? mark.settings : module.providers.get(mark.settingsToken)?.instance;
  const from = `JobsModule.registerQueue() in ${importersOf(modules, module).join(' and ')}`;
  return { name: mark.name, root: mark.root, settings: Object(made) as object, from };
}
