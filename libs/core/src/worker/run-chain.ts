import type { ResolvedHandler, RunMiddleware } from '../options/index.js';

/** Puts middleware around handlers, the first of the list outermost. Without any they stay as they are. */
export function surround(
  handlers: ReadonlyMap<string, ResolvedHandler>,
  middleware: readonly RunMiddleware[],
): ReadonlyMap<string, ResolvedHandler> {
  if (middleware.length === 0) return handlers;
  return new Map([...handlers].map(([name, handler]) => [name, { ...handler, run: around(handler.run, middleware) }]));
}

function around(run: ResolvedHandler['run'], middleware: readonly RunMiddleware[]): ResolvedHandler['run'] {
  return middleware.reduceRight<ResolvedHandler['run']>((inner, one) => (job) => one(job, async () => inner(job)), run);
}
