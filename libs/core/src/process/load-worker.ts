import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { isRunnable, together, type Runnable } from './runnable.js';

/**
 * What the file of a worker exports by default: a worker, several, or a function that makes them.
 *
 * @throws Error when it exports none of these; what the file throws
 */
export async function loadWorker(file: string): Promise<Runnable> {
  const loaded = (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown };
  const exported = loaded.default;
  const made: unknown =
    typeof exported === 'function' && !isRunnable(exported) ? await (exported as () => unknown)() : await exported;
  if (isRunnable(made)) return made;
  if (Array.isArray(made) && made.length > 0 && made.every(isRunnable)) return together(...made);
  throw new Error(
    `${file} exports no worker. It has to have one as its default export: a Worker, a list of them, or a function that makes them.`,
  );
}
