import type { BootProblem } from '../../errors/jobs-boot.error.js';
import * as messages from '../../jobs.messages.js';
import type { Application } from '../application.js';

/** Roots that exist twice, and what asks for a root that does not exist. */
export function* checkRoots(application: Application): Generator<BootProblem> {
  const { rootCalls, queueMarks } = application;
  yield* rootCalls.flatMap(({ problems }) => problems);
  yield* queueMarks.flatMap(({ problems }) => problems);
  const names = new Set(rootCalls.map(({ name }) => name));
  for (const name of names) {
    const calls = rootCalls.filter((call) => call.name === name);
    const importers = calls.flatMap((call) => call.importers);
    if (calls.length > 1) yield { code: 'DUPLICATE_ROOT', message: messages.duplicateRoot(name, importers) };
  }
  for (const { who, root } of needsOf(application)) {
    if (!names.has(root)) yield { code: 'NO_ROOT', message: messages.noRoot(who, root) };
  }
}

function needsOf({ discovery, queueMarks }: Application): { who: string; root: string }[] {
  return [
    ...queueMarks.map(({ name, root }) => ({ who: messages.registerQueue(name), root })),
    ...discovery.processors.map(({ type, queues, root }) => ({ who: messages.processor(type.name, queues), root })),
    ...discovery.listeners.map(({ type, queues, root }) => ({ who: messages.listener(type.name, queues), root })),
  ];
}
