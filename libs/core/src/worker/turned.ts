import { CrossSlotError, errorKind, InvalidOptionError, JobConflictError } from '../errors/index.js';
import type { Ending } from './ending.js';
import type { Run } from './run.js';

/**
 * Why Redis made a failure of an end after which something was to go on: the other queue is not of the slot (S), the id (T) or the
 * unique key (D) is taken there, too much depends on the job (E).
 */
export type Turned = 'S' | 'T' | 'D' | 'E';

/** What is known of one end: it counted (undefined), it did not, it was made a failure, or no answer came. */
export type EndFate = 'refused' | 'unknown' | Turned | undefined;

/** What became of the ends of a call, by their numbers, from 1: those that are missing counted as they were. */
export function readFates(refused: string): ReadonlyMap<number, EndFate> {
  if (refused === '') return NONE;
  return new Map(
    refused.split(',').map((text) => {
      const number = Number.parseInt(text, 10);
      return [number, (text.slice(String(number).length) || 'refused') as EndFate];
    }),
  );
}

const NONE: ReadonlyMap<number, EndFate> = new Map();

/** The end that an attempt had in truth. Redis has stored it, so it has no body. */
export function trueEnding({ job, hold }: Run, ending: Ending, fate: EndFate): Ending {
  if (fate === undefined || fate === 'refused' || fate === 'unknown') return ending;
  const { durationMs, to } = ending;
  const error = errorOf(fate, job.queue, to ?? '', hold.id);
  return { letter: 'f', durationMs, body: '', error, kind: errorKind(error) };
}

function errorOf(why: Turned, queue: string, to: string, id: string): Error {
  if (why === 'S') return new CrossSlotError(queue, to);
  if (why === 'T' || why === 'D') return new JobConflictError(to, id, why === 'D' ? 'unique' : 'id');
  const expected = 'a job with at most 1,000 dependencies and dependents, for another queue';
  return new InvalidOptionError({ where: `moveTo('${to}')`, path: 'id', value: id, expected });
}
