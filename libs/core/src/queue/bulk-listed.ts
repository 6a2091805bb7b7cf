import { InvalidOptionError } from '../errors/index.js';
import { oneOf } from '../options/check/checks.js';
import { fieldTable, readFields, type FieldTable } from '../options/index.js';
import { scripts } from '../redis/index.js';
import { BULK_FIELDS, type BulkOptions, type BulkResult, type CheckedBulk } from './bulk.js';
import type { CancelOptions } from './cancelling.js';
import { countJobs } from './inspector.js';
import type { QueueAdmin } from './queue-admin.js';
import type { QueueContext } from './queue-context.js';

/** All jobs that wait for their time in one way. */
export type PromoteSelection = BulkOptions & { readonly state: 'delayed' | 'retrying' };

/** All jobs of a state in which they neither run nor have ended. */
export type CancelSelection = BulkOptions &
  Pick<CancelOptions, 'dependents'> & { readonly state: (typeof LIVE)[number] };

/** All jobs of a state in which they do not run, but for those that did not succeed: see `discard`. */
export type RemoveSelection = BulkOptions & { readonly state: (typeof LIVE)[number] | 'completed' };

type State = RemoveSelection['state'];

type Checked = CheckedBulk & { readonly state: State };
type CheckedCancel = Checked & { readonly dependents: NonNullable<CancelOptions['dependents']> };

const LIVE = ['waiting', 'delayed', 'retrying', 'blocked', 'aggregating'] as const;
const PROMOTE = fieldTable<Checked>({ state: oneOf<State>('delayed', 'retrying'), ...BULK_FIELDS });
const CANCEL = fieldTable<CheckedCancel>({
  state: oneOf<State>(...LIVE),
  dependents: oneOf('refuse', 'cascade', 'policy'),
  ...BULK_FIELDS,
});
const REMOVE = fieldTable<Checked>({ state: oneOf<State>(...LIVE, 'completed'), ...BULK_FIELDS });

/** Jobs read at once. */
const PAGE = 200;
/** The parts of the waiting jobs that are lists, as the cursor of the command `list` numbers them. */
const LISTS: ReadonlySet<string> = new Set(['2', '3']);

/** Changes to all jobs of a state, by their ids: in steps, each of which has one effect however often it is sent. */
export class ListedBulk {
  readonly #queue: QueueContext;
  readonly #admin: QueueAdmin;

  constructor(queue: QueueContext, admin: QueueAdmin) {
    this.#queue = queue;
    this.#admin = admin;
  }

  /** @throws InvalidOptionError, UnknownOptionError */
  promote(selection: PromoteSelection): Promise<BulkResult> {
    return this.#each('promote', selection, PROMOTE, 'waiting', (ids) => this.#admin.promote(ids));
  }

  /** @throws InvalidOptionError, UnknownOptionError; JobHasDependentsError: what the steps before did is done */
  cancel(selection: CancelSelection): Promise<BulkResult> {
    return this.#each('cancel', selection, CANCEL, 'cancelled', (ids, { dependents }) =>
      this.#admin.cancel(ids, { dependents }),
    );
  }

  /** @throws InvalidOptionError, UnknownOptionError */
  remove(selection: RemoveSelection): Promise<BulkResult> {
    return this.#each('remove', selection, REMOVE, 'removed', (ids) => this.#admin.remove(ids));
  }

  /** As many as there are when the call comes, the first one first; an outcome other than `wanted` passes a job over. */
  async #each<C extends Checked>(
    name: string,
    selection: BulkOptions,
    table: FieldTable<C>,
    wanted: string,
    act: (ids: readonly string[], options: Partial<C>) => Promise<readonly string[]>,
  ): Promise<BulkResult> {
    const where = (): string => `${name}('${this.#queue.name}')`;
    const options = readFields(selection, table, where);
    const { state, limit = Infinity, dryRun = false, onProgress } = options;
    if (state === undefined) {
      throw new InvalidOptionError({ where, path: 'state', value: state, expected: 'the state of the jobs' });
    }
    const matched = (await countJobs(this.#queue))[state];
    const total = Math.min(matched, limit);
    let [done, passedOver, cursor, isFruitful] = [0, 0, '', false];
    while (!dryRun && done + passedOver < matched && done < total) {
      const most = Math.min(PAGE, total - done);
      const page = await this.#queue.ask(scripts.list, { state, cursor, limit: most, reverse: 0 });
      const outcomes = page.ids.length === 0 ? [] : await act(page.ids, options);
      const hits = outcomes.filter((outcome) => outcome === wanted).length;
      done += hits;
      passedOver += outcomes.length - hits;
      onProgress?.(done, total);
      isFruitful ||= hits > 0;
      // A cursor of waiting jobs is a place. Any other names a job: one that comes back meanwhile, because it failed again,
      // is not met twice.
      cursor = state === 'waiting' && hits > 0 ? placeAfterLeaving(page.cursor) : page.cursor;
      if (cursor !== '') continue;
      // Workers that took jobs from the front meanwhile have moved others to places that were passed already.
      if (state !== 'waiting' || !isFruitful) break;
      isFruitful = false;
    }
    return { matched, done, passedOver };
  }
}

/**
 * Where to go on among waiting jobs when some of a page have left. What leaves a list keeps its place there until it is swept
 * away, and to begin anew would be to pass all those places once for each page; in a sorted set those behind have moved up.
 */
function placeAfterLeaving(cursor: string): string {
  const [part = ''] = cursor.split(':');
  return part === '' || LISTS.has(part) ? cursor : `${part}:0`;
}
