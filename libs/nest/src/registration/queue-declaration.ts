import { resolveQueueOptions, validateName, type Check, type Where } from '@millrace/core/internal';

import { DEFAULT_ROOT } from '../jobs.constants.js';
import type { QueueInput, QueueRegistration, QueueSettings, RootQueue } from '../interfaces/queue-options.interface.js';

/** A queue as one place in the application declares it. */
export interface QueueDeclaration {
  readonly name: string;
  readonly settings: QueueSettings;
}

/** The names by which a registration is known before it was checked. */
export function identityOf(input: QueueInput): { readonly name: string; readonly root: string } {
  if (typeof input === 'string') return { name: input, root: DEFAULT_ROOT };
  const { name, root = DEFAULT_ROOT } = input as QueueRegistration;
  return { name, root };
}

/** What a registration says of its queue, unchecked. */
export function settingsOf(input: QueueInput | RootQueue): QueueSettings {
  if (typeof input === 'string') return {};
  const { name: _name, root: _root, ...settings } = input as QueueRegistration;
  return settings;
}

/** Checks one of `forRoot({ queues })`. */
export const checkRootQueue: Check<QueueDeclaration> = (value, _path, where) => {
  const input = value as RootQueue;
  const name = typeof input === 'string' ? input : (Object(input) as QueueRegistration).name;
  return declaration(name, typeof input === 'object' && input !== null ? settingsOf(input) : {}, where);
};

/**
 * Checks the name and the settings of a queue; they come back as they were given.
 *
 * @throws InvalidNameError, InvalidOptionError, UnknownOptionError
 */
export function declaration(name: unknown, settings: unknown, where: Where): QueueDeclaration {
  const checked = validateName('queue', name);
  resolveQueueOptions({ connection: {}, ...Object(settings) }, where);
  return Object.freeze({ name: checked, settings: Object.freeze({ ...Object(settings) }) });
}
