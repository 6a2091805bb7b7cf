import type { JobOptions } from '@millrace/core';
import type { Dice } from '../../faults/support/fleet/dice.ts';
import { GPUS, QUEUES } from './work.ts';

/** A job that a producer makes. */
export interface Draft {
  readonly queue: string;
  readonly ms: number;
  readonly fails: number;
  readonly fate: 'completed' | 'failed';
  readonly options: Pick<
    JobOptions,
    'delayMs' | 'priority' | 'group' | 'unique' | 'onConflict' | 'id' | 'uses' | 'maxAttempts' | 'backoff' | 'dependsOn'
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
  { weight: 8, make: (dice) => draft(dice, QUEUES.rich, { unique: { key: `key-${dice.below(KEYS)}` } }) },
  { weight: 5, make: (dice) => draft(dice, QUEUES.rich, { id: `given-${dice.below(GIVEN_IDS)}` }) },
  { weight: 9, make: (dice) => draft(dice, QUEUES.narrow, { uses: { gpu: dice.between(1, GPUS) } }) },
  { weight: 8, make: (dice) => draft(dice, QUEUES.narrow) },
];
const TOTAL = KINDS.reduce((sum, { weight }) => sum + weight, 0);

function draft(dice: Dice, queue: string, options: Draft['options'] = {}): Draft {
  return { queue, ms: dice.isIn(50) ? 0 : dice.between(1, 80), fails: 0, fate: 'completed', options };
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
  const parents = Array.from({ length: dice.between(2, 4) }, () => draft(dice, QUEUES.rich));
  return { job: draft(dice, QUEUES.rich), before: parents, isAwaited: false };
}
