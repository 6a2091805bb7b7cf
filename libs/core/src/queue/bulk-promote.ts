import { InvalidOptionError } from '../errors/index.js';
import { callable, oneOf, wholeNumber } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import type { BulkOptions, BulkResult } from './bulk.js';
import { countJobs } from './inspector.js';
import type { QueueAdmin } from './queue-admin.js';
import type { QueueContext } from './queue-context.js';

/** Jobs that wait for their time: all of a state. */
export type PromoteSelection = BulkOptions & { readonly state: 'delayed' | 'retrying' };

interface Checked {
  readonly state?: PromoteSelection['state'];
  readonly limit?: number;
  readonly dryRun?: boolean;
  readonly onProgress?: (done: number, of: number) => void;
}

/** Jobs read at once. */
const PAGE = 200;

const TABLE = fieldTable<Checked>({
  state: oneOf('delayed', 'retrying'),
  limit: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  dryRun: oneOf(true, false),
  onProgress: callable<(done: number, of: number) => void>(),
});

/** Lets as many jobs run now as wait for their time when the call comes, the earliest first. @throws InvalidOptionError */
export async function promoteAll(
  queue: QueueContext,
  admin: QueueAdmin,
  selection: PromoteSelection,
): Promise<BulkResult> {
  const where = (): string => `promote('${queue.name}')`;
  const { state, limit = Infinity, dryRun = false, onProgress } = readFields(selection, TABLE, where);
  if (state === undefined) {
    throw new InvalidOptionError({ where, path: 'state', value: state, expected: "'delayed' or 'retrying'" });
  }
  const matched = (await countJobs(queue))[state];
  const total = Math.min(matched, limit);
  let [done, passedOver, cursor] = [0, 0, ''];
  // A job that fails again at once waits anew, behind those that are left: it is not met as long as there are any.
  while (!dryRun && done + passedOver < matched && done < total) {
    const page = await queue.ask(scripts.list, {
      ...{ state, cursor, reverse: 0 },
      limit: Math.min(PAGE, total - done),
    });
    const outcomes = await admin.promote(page.ids);
    const promoted = outcomes.filter((outcome) => outcome === 'waiting').length;
    done += promoted;
    passedOver += outcomes.length - promoted;
    onProgress?.(done, total);
    cursor = page.cursor;
    if (cursor === '') break;
  }
  return { matched, done, passedOver };
}
