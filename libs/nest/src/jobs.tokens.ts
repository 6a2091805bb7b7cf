import { DEFAULT_ROOT } from './jobs.constants.js';

/**
 * The token of a queue, for `@Inject()`, `app.get()` and `overrideProvider()`.
 *
 * Nest prints the token when nothing provides it, so the token says what to do.
 *
 * @param name the queue's name
 * @param root the name given to `forRoot({ name })`; the unnamed root by default
 */
export function getQueueToken(name: string, root: string = DEFAULT_ROOT): string {
  const place = root === DEFAULT_ROOT ? '' : `root: ${JSON.stringify(root)}, `;
  const queue = JSON.stringify(name);
  return `Queue(${queue}) from JobsModule.registerQueue({ ${place}name: ${queue} })`;
}

/** The token of the {@link JobsRunner} of a root. */
export function getRunnerToken(root: string = DEFAULT_ROOT): string {
  return `JobsRunner from ${rootCall(root)}`;
}

/** The token of the options of a root, as they came from `forRoot()` or its factory: what a test overrides. */
export function getOptionsToken(root: string = DEFAULT_ROOT): string {
  return `JobsModuleOptions of ${rootCall(root)}`;
}

/** The token of the connection of a root. */
export function getConnectionToken(root: string = DEFAULT_ROOT): string {
  return `Connection of ${rootCall(root)}`;
}

/** Where a root keeps what it knows; for this package only. */
export function getRootToken(root: string): string {
  return `JobsRoot of ${rootCall(root)}`;
}

/** The token of the options of the unnamed root. */
export const JOBS_OPTIONS = getOptionsToken();

function rootCall(root: string): string {
  return root === DEFAULT_ROOT ? 'JobsModule.forRoot()' : `JobsModule.forRoot({ name: ${JSON.stringify(root)} })`;
}
