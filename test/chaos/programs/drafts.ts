import type { JobOptions } from '@millrace/core';
import type { Dice } from '../../faults/support/fleet/dice.ts';
import type { Intent } from '../lines.ts';
import { GPUS, QUEUES, ROWS, type WorkName } from './work.ts';

/** A job that a producer makes. */
export interface Draft {
  readonly name: WorkName;
  readonly queue: string;
  readonly ms: number;
  readonly fails: number;
  readonly lateMs?: number;
  readonly fate: Intent['fate'];
  /** Another job is in store with it, for its failure. */
  readonly hasHeir?: boolean;
  /** So many of it are added by one call. Default 1. */
  readonly times?: number;
  /** Its producer cancels it so long after. */
  readonly cancelAfterMs?: number;
  readonly options: Pick<
    JobOptions,
    | 'timeoutMs'
    | 'onFailure'
    | 'delayMs'
    | 'priority'
    | 'group'
    | 'unique'
    | 'onConflict'
    | 'id'
    | 'uses'
    | 'maxAttempts'
    | 'backoff'
    | 'dependsOn'
  >;
}

/** A job, those on which it depends, and whether its producer waits for its result. */
export interface Drawn {
  readonly job: Draft;
  readonly before: readonly Draft[];
  readonly isAwaited: boolean;
}

const MAX_ATTEMPTS = 3;
const BACKOFF = { type: 'fixed', delayMs: 150 } as const;
const GROUPS = ['g-1', 'g-2', 'g-3', 'g-4'];
const KEYS = 8;
const GIVEN_IDS = 40;

const KINDS: readonly { readonly weight: number; readonly make: (dice: Dice) => Draft }[] = [
  { weight: 30, make: (dice) => draft(dice, QUEUES.plain) },
  { weight: 8, make: (dice) => draft(dice, QUEUES.plain, { delayMs: dice.between(50, 2_500) }) },
  { weight: 8, make: failing },
  { weight: 6, make: (dice) => ({ ...draft(dice, QUEUES.plain), ms: dice.between(300, 1_500) }) },
  { weight: 8, make: (dice) => draft(dice, QUEUES.rich, { priority: dice.between(-2, 2) }) },
  { weight: 10, make: (dice) => draft(dice, QUEUES.rich, { group: dice.oneOf(GROUPS) }) },
  { weight: 4, make: inRow },
  { weight: 8, make: (dice) => draft(dice, QUEUES.rich, { unique: { key: `key-${dice.below(KEYS)}` } }) },
  { weight: 5, make: (dice) => draft(dice, QUEUES.rich, { id: `given-${dice.below(GIVEN_IDS)}` }) },
  { weight: 9, make: (dice) => draft(dice, QUEUES.narrow, { uses: { gpu: dice.between(1, GPUS) } }) },
  { weight: 8, make: (dice) => draft(dice, QUEUES.narrow) },
  {
    weight: 8,
    make: (dice) => draft(dice, QUEUES.rich, { unique: { key: `start-${dice.below(KEYS)}`, until: 'started' } }),
  },
  { weight: 14, make: (dice) => ({ ...draft(dice, QUEUES.mixed), name: 'gather' }) },
  { weight: 5, make: late },
  { weight: 5, make: (dice) => ({ ...failing(dice), queue: QUEUES.mixed, hasHeir: true }) },
  { weight: 5, make: (dice) => ({ ...draft(dice, QUEUES.mixed), ms: 400, cancelAfterMs: dice.between(0, 500) }) },
];
const TOTAL = KINDS.reduce((sum, { weight }) => sum + weight, 0);

function draft(dice: Dice, queue: string, options: Draft['options'] = {}): Draft {
  return { name: 'work', queue, ms: dice.isIn(50) ? 0 : dice.between(1, 80), fails: 0, fate: 'completed', options };
}

/** Passes its deadline some times; a process that is stopped meanwhile makes it pass it once more. */
function late(dice: Dice): Draft {
  const options = { maxAttempts: MAX_ATTEMPTS, backoff: BACKOFF, timeoutMs: 200 };
  return { ...draft(dice, QUEUES.mixed, options), fails: dice.between(0, 2), lateMs: 400, ms: 0, fate: 'late' };
}

/** Several, and not too short: whoever is hit shall have one in his hands while others wait for it. Those that fail do so once. */
function inRow(dice: Dice): Draft {
  const options = { group: dice.oneOf(ROWS), maxAttempts: MAX_ATTEMPTS, backoff: BACKOFF };
  return { ...draft(dice, QUEUES.rich, options), ms: dice.between(50, 400), fails: dice.isIn(10) ? 1 : 0, times: 4 };
}

function failing(dice: Dice): Draft {
  const fails = dice.between(1, MAX_ATTEMPTS);
  const queue = dice.oneOf(Object.values(QUEUES));
  const fate = fails < MAX_ATTEMPTS ? 'completed' : 'failed';
  return { ...draft(dice, queue, { maxAttempts: MAX_ATTEMPTS, backoff: BACKOFF }), fails, fate };
}

function one(dice: Dice): Draft {
  let at = dice.below(TOTAL);
  const kind = KINDS.find(({ weight }) => (at -= weight) < 0);
  if (kind === undefined) throw new Error('the weights do not add up');
  return kind.make(dice);
}

/** The next job, by the dice. */
export function draw(dice: Dice): Drawn {
  if (!dice.isIn(8)) return { job: one(dice), before: [], isAwaited: dice.isIn(6) };
  const parents = Array.from({ length: dice.between(2, 4) }, () => {
    return dice.isIn(10) ? { ...failing(dice), queue: QUEUES.rich } : draft(dice, QUEUES.rich);
  });
  return { job: draft(dice, QUEUES.rich), before: parents, isAwaited: false };
}
