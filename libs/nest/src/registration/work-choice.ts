import { InvalidOptionError } from '@millrace/core';
import type { Check } from '@millrace/core/internal';

/** What a process runs. */
export interface WorkChoice {
  /** Where it was said: `JOBS_WORK` or the option `work`. */
  readonly source: string;
  /** Everything but `except`, or only these. */
  readonly only: readonly string[] | undefined;
  readonly except: readonly string[];
}

/** Where it was said: the option, rather than the variable. */
export const OPTION = 'work';
const VARIABLE = 'JOBS_WORK';
const EVERYTHING: readonly string[] = Object.freeze(['', '1', 'true', 'on', 'yes', '*']);
const NOTHING: readonly string[] = Object.freeze(['0', 'false', 'off', 'no', 'none']);

/** Whether a queue is worked on. */
export function worksOn({ only, except }: WorkChoice, queue: string): boolean {
  return (only === undefined || only.includes(queue)) && !except.includes(queue);
}

/** Every queue that a choice names. */
export function namedQueues({ only, except }: WorkChoice): string[] {
  return [...(only ?? []), ...except];
}

/** Reads `true`, `false`, `['mail', 'reports']` or `['!reports']`. */
export const checkWork: Check<WorkChoice> = (value, path, where) => {
  if (typeof value === 'boolean') return choice(OPTION, value ? undefined : [], []);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return fromList(value, OPTION);
  const expected = "true, false, or names of queues ('!reports' for all but that one)";
  throw new InvalidOptionError({ where, path, value, expected });
};

/** What the variable JOBS_WORK says: everything, if it says nothing. */
export function workFromEnvironment(env: NodeJS.ProcessEnv): WorkChoice {
  const text = (env[VARIABLE] ?? '').trim();
  if (EVERYTHING.includes(text.toLowerCase())) return choice(VARIABLE, undefined, []);
  if (NOTHING.includes(text.toLowerCase())) return choice(VARIABLE, [], []);
  const names = text.split(',').map((name) => name.trim());
  return fromList(
    names.filter((name) => name !== ''),
    VARIABLE,
  );
}

function fromList(names: readonly string[], source: string): WorkChoice {
  const except = names.filter((name) => name.startsWith('!')).map((name) => name.slice(1));
  const only = names.filter((name) => !name.startsWith('!'));
  // Nothing but exclusions means everything else; an empty list means nothing.
  return choice(source, only.length === 0 && except.length > 0 ? undefined : only, except);
}

function choice(source: string, only: readonly string[] | undefined, except: readonly string[]): WorkChoice {
  return Object.freeze({ source, only, except });
}
