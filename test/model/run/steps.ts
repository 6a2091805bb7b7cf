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
import { FEATURES, type Feature } from '../world/features.js';

type Weights = readonly (readonly [weight: number, step: fc.Arbitrary<Step>, feature?: Feature])[];

/** How often each step is drawn, and of what it is a part. */
const WEIGHTS: Weights = [
  [4, adding],
  [8, exchanging],
  [2, passing],
  [5, passingUntil],
  [4, housekeeping],
  [2, cancelling, 'by hand'],
  [1, removing, 'by hand'],
  [1, expiring, 'by hand'],
  [2, retrying, 'by hand'],
  [1, promoting, 'by hand'],
  [1, prioritizing, 'priorities'],
  [2, updating, 'by hand'],
  [2, moving, 'moving'],
  [1, pausing, 'pause'],
  [2, configuring],
  [1, limitingGroup, 'groups'],
  [2, limitingResources, 'resources'],
  [1, renewing, 'workers'],
  [1, closing, 'workers'],
  [1, vanishing, 'workers'],
  [2, crashing, 'workers'],
  [2, reconciling, 'workers'],
  [3, starting],
  [3, noting, 'notes'],
  [1, checkpointing, 'notes'],
  [1, claiming, 'workers'],
  [1, tagging, 'notes'],
  [1, tracking, 'notes'],
  [5, addingChecked],
  [2, linking, 'dependencies'],
  [2, scheduling, 'schedules'],
  [4, firing, 'schedules'],
  [2, pausingSchedule, 'schedules'],
  [1, unscheduling, 'schedules'],
  [1, draining, 'bulk'],
  [2, treatingMany, 'bulk'],
  [1, looking],
  [1, malformed],
];

/** Each step as often as it is drawn. */
function weighted(weights: Weights): fc.Arbitrary<Step>[] {
  return weights.flatMap(([weight, step, feature]) => {
    const own = feature === undefined ? step : step.map((each) => each.of(feature));
    return Array.from({ length: weight }, () => own);
  });
}

/** All steps, and any of them with replies that get lost, calls that arrive twice or late. */
export const STEPS: readonly fc.Arbitrary<Step>[] = [
  ...weighted(WEIGHTS),
  ...weighted([
    [6, resending, 'repeats'],
    [1, comingLate, 'repeats'],
    [2, losingReplies(exchanging, lookAround), 'repeats'],
    [3, losingReplies(fc.oneof(...weighted(WEIGHTS)), lookAround), 'repeats'],
  ]),
];

/** What a sequence uses: all, or some. */
export const someFeatures: fc.Arbitrary<ReadonlySet<Feature>> = fc
  .oneof({ weight: 4, arbitrary: fc.subarray([...FEATURES]) }, { weight: 1, arbitrary: fc.constant([...FEATURES]) })
  .map((features) => new Set(features));
