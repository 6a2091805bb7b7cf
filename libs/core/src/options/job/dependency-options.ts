import { InvalidOptionError, type Where } from '../../errors/index.js';
import type { ResolvedJobRef } from '../../job/job-ref.js';
import { validateName } from '../../job/names.js';

/** The core follows a thousand edges in a call. */
const MAX_DEPENDENCIES = 1_000;

/** Checks `dependsOn`: ids, jobs, or a queue and an id each. */
export function checkDependsOn(value: unknown, path: string, where: Where): readonly ResolvedJobRef[] {
  if (!Array.isArray(value) || value.length > MAX_DEPENDENCIES) {
    throw new InvalidOptionError({ where, path, value, expected: `a list of at most ${MAX_DEPENDENCIES} jobs or ids` });
  }
  return Object.freeze(value.map((ref: unknown, i) => checkJobRef(ref, `${path}[${i}]`, where)));
}

/** Checks a job that is named by its id, by itself, or by queue and id. */
export function checkJobRef(value: unknown, path: string, where: Where): ResolvedJobRef {
  if (typeof value === 'string') return Object.freeze({ id: validateName('job id', value) });
  if (typeof value === 'object' && value !== null && 'queue' in value && 'id' in value) {
    return Object.freeze({ queue: validateName('queue', value.queue), id: validateName('job id', value.id) });
  }
  throw new InvalidOptionError({ where, path, value, expected: 'the id of a job, a job, or { queue, id }' });
}
