import fc from 'fast-check';

import { adding } from '../steps/adding.js';
import { draining, treatingMany } from '../steps/bulk.js';
import { addingChecked } from '../steps/given.js';
import { lookAround, looking } from '../steps/looking.js';
import { linking } from '../steps/linking.js';
import { malformed } from '../steps/malformed.js';
import { comingLate, losingReplies, resending } from '../steps/repeating.js';
import { moving, prioritizing, updating } from '../steps/changing.js';
import { cancelling, expiring, removing } from '../steps/ending-by-hand.js';
import { exchanging } from '../steps/exchanging.js';
import { claiming, closing, crashing, reconciling, renewing, starting, vanishing } from '../steps/keeping.js';
import { tagging, tracking } from '../steps/marking.js';
import { checkpointing, noting } from '../steps/noting.js';
import { housekeeping, passing, passingUntil } from '../steps/passing.js';
import { promoting, retrying } from '../steps/reviving.js';
import { firing, pausingSchedule, scheduling, unscheduling } from '../steps/scheduling.js';
import { configuring, limitingGroup, pausing } from '../steps/settings.js';
import type { Step } from '../steps/step.js';
import { limitingResources } from '../steps/using.js';

/** How often each step is drawn. */
const WEIGHTS: readonly (readonly [weight: number, fc.Arbitrary<Step>])[] = [
  [4, adding],
  [8, exchanging],
  [2, passing],
  [5, passingUntil],
  [4, housekeeping],
  [2, cancelling],
  [1, removing],
  [1, expiring],
  [2, retrying],
  [1, promoting],
  [1, prioritizing],
  [2, updating],
  [2, moving],
  [1, pausing],
  [2, configuring],
  [1, limitingGroup],
  [2, limitingResources],
  [1, renewing],
  [1, closing],
  [1, vanishing],
  [2, crashing],
  [2, reconciling],
  [3, starting],
  [3, noting],
  [1, checkpointing],
  [1, claiming],
  [1, tagging],
  [1, tracking],
  [5, addingChecked],
  [2, linking],
  [2, scheduling],
  [4, firing],
  [2, pausingSchedule],
  [1, unscheduling],
  [1, draining],
  [2, treatingMany],
  [1, looking],
  [1, malformed],
];

/** Each step as often as it is drawn. */
function weighted(weights: typeof WEIGHTS): fc.Arbitrary<Step>[] {
  return weights.flatMap(([weight, step]) => Array.from({ length: weight }, () => step));
}

/** All steps, and any of them with replies that get lost, calls that arrive twice or late. */
export const STEPS: readonly fc.Arbitrary<Step>[] = [
  ...weighted(WEIGHTS),
  ...weighted([
    [6, resending],
    [1, comingLate],
    [2, losingReplies(exchanging, lookAround)],
    [3, losingReplies(fc.oneof(...weighted(WEIGHTS)), lookAround)],
  ]),
];
