import { JobHasDependentsError } from '../errors/index.js';
import { sleep } from '../clock/index.js';
import { decodeRef } from '../job/job-ref.js';
import { duration, oneOf } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import type { LaneQueue } from './lane.js';
import type { QueueContext } from './queue-context.js';

/** What became of a job that was to be cancelled. */
export type CancelOutcome =
  | 'cancelled'
  | 'cancelled while active'
  /** With `waitMs`: its worker has not shown in that time that it knows. */
  | 'cancelled while active, not confirmed'
  | 'had ended'
  | 'not found';

/** How to cancel. */
export interface CancelOptions {
  /**
   * What becomes of jobs that depend on these (`dependsOn`) and are not cancelled by the same call. `refuse`: as long as one of
   * them lives, nothing is cancelled. `cascade`: they are cancelled, too, and those that depend on them, whatever they were told.
   * `policy`: each does what its `onDependencyFailure` says. @default 'refuse'
   */
  readonly dependents?: 'refuse' | 'cascade' | 'policy' | undefined;
  /**
   * Wait until the workers of running jobs have confirmed that they know of it (their signals are aborted, their outcomes
   * will not count), and no longer than this. @default 0: do not wait
   */
  readonly waitMs?: number | undefined;
}

interface Checked {
  readonly dependents: 'refuse' | 'cascade' | 'policy';
  readonly waitMs: number;
}

const OUTCOMES: Readonly<Record<string, CancelOutcome>> = {
  C: 'cancelled',
  A: 'cancelled while active',
  F: 'had ended',
  X: 'had ended',
  N: 'not found',
};
const LETTERS = Object.freeze({ refuse: 'r', cascade: 'c', policy: 'p' });
const DEFAULTS: Checked = Object.freeze({ dependents: 'refuse', waitMs: 0 });
const TABLE = fieldTable<Checked>({ dependents: oneOf('refuse', 'cascade', 'policy'), waitMs: duration() });

/** Workers hear of the end of a run at once, and confirm it with their next call. */
const LOOK_AGAIN_MS = 20;
/** Jobs cancelled in one call: finding one costs a look into every worker. */
const PAGE = 20;
/** Ids that are named, or asked for, in one call. */
const MANY = 1_000;

/**
 * Cancels jobs, 20 a call.
 *
 * @throws JobHasDependentsError: none of up to 1,000 was cancelled
 * @throws InvalidOptionError, UnknownOptionError
 */
export async function cancelJobs(
  queue: QueueContext,
  lane: LaneQueue,
  ids: readonly string[],
  options: CancelOptions,
): Promise<CancelOutcome[]> {
  const { dependents, waitMs } = { ...DEFAULTS, ...readFields(options, TABLE, () => `cancel('${queue.name}')`) };
  const outcomes: CancelOutcome[] = [];
  for (const some of pagesOf(ids, MANY)) {
    const others = dependents === 'refuse' && some.length > PAGE ? some : [];
    const pages = pagesOf(some, PAGE);
    // All are looked at before the first is cancelled.
    let seen = '';
    if (others.length > 0) for (const page of pages) seen += await call(page, 'l', others);
    let fates = '';
    for (const page of pages) fates += await call(page, LETTERS[dependents], others);
    // One that an earlier page has taken along is cancelled by this call, too.
    for (let i = 0; i < some.length; i++) {
      const fate = fates.charAt(i);
      outcomes.push(OUTCOMES[fate === 'X' ? seen.charAt(i) : fate] ?? 'not found');
    }
  }
  const active = ids.filter((_, i) => outcomes[i] === 'cancelled while active');
  if (waitMs === 0 || active.length === 0) return outcomes;
  const unheard = await stillUnheard(queue, active, waitMs);
  return outcomes.map((outcome, i) => (unheard.has(ids[i] ?? '') ? 'cancelled while active, not confirmed' : outcome));

  async function call(page: readonly string[], how: string, others: readonly string[]): Promise<string> {
    const { now, name } = queue;
    const reply = await lane.call(
      scripts.cancel,
      ({ laneId, seq }) => ({ now, laneId, seq, dependents: how, others, ids: page }),
      () => page,
    );
    if (reply.code === 'OK') return reply.fates;
    throw new JobHasDependentsError(
      name,
      reply.id,
      reply.dependents.map((ref) => decodeRef(ref, name)),
    );
  }
}

/** Waits for the workers of jobs whose runs were ended; those that have not confirmed it in time. */
async function stillUnheard(queue: QueueContext, ids: readonly string[], waitMs: number): Promise<ReadonlySet<string>> {
  const { clock } = queue;
  const until = clock.monotonic() + waitMs;
  for (let left = ids; ;) {
    const unheard: string[] = [];
    for (const page of pagesOf(left, MANY)) unheard.push(...(await queue.ask(scripts.unheard, { ids: page })).ids);
    const rest = until - clock.monotonic();
    if (unheard.length === 0 || rest <= 0) return new Set(unheard);
    left = unheard;
    await sleep(clock, Math.min(rest, LOOK_AGAIN_MS));
  }
}

function pagesOf(ids: readonly string[], size: number): (readonly string[])[] {
  const pages: (readonly string[])[] = [];
  for (let from = 0; from < ids.length; from += size) pages.push(ids.slice(from, from + size));
  return pages;
}
