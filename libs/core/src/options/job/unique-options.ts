import { InvalidOptionError, type Where } from '../../errors/index.js';
import { duration, nameOf, oneOf } from '../check/checks.js';
import { fieldTable, readFields } from '../check/fields.js';

/** One live job a key: what counts as the same, and for how long. Sidekiq calls it unique jobs, BullMQ deduplication. */
export interface UniqueOptions {
  /** What must not be there twice in the queue, whatever the names of the jobs. @default the job's name and data */
  readonly key?: string | undefined;
  /**
   * When the key is free again: `finished`, when the job has ended in whichever way (it is kept while the job is retried);
   * `started`, when its first run begins. @default 'finished', unless there is `forMs`
   */
  readonly until?: 'started' | 'finished' | undefined;
  /**
   * The key is held for so long from adding on: alone, whatever becomes of the job (at most one job in that time); with
   * `until`, no longer than that. @default no bound
   */
  readonly forMs?: number | undefined;
}

/** {@link UniqueOptions} as checked. */
export interface ResolvedUnique {
  readonly key?: string;
  readonly until?: 'started' | 'finished';
  readonly forMs?: number;
}

const TABLE = fieldTable<ResolvedUnique>({
  key: nameOf('unique key'),
  until: oneOf('started', 'finished'),
  forMs: duration({ min: 1 }),
});

const UNTIL_FINISHED: ResolvedUnique = Object.freeze({ until: 'finished' });

/** Checks `unique`; `true` stands for all its defaults, `false` for nothing. */
export function checkUnique(value: unknown, path: string, where: Where): ResolvedUnique | undefined {
  if (value === true) return UNTIL_FINISHED;
  if (value === false) return undefined;
  if (typeof value !== 'object' || value === null)
    throw new InvalidOptionError({ where, path, value, expected: 'true, or { key, until, forMs }' });
  const said = readFields(value, TABLE, where, path);
  return Object.freeze(said.until === undefined && said.forMs === undefined ? { ...said, until: 'finished' } : said);
}
