import fc from 'fast-check';

import { addChecked } from '../../../libs/core/src/redis/scripts.generated.js';
import { QUEUES } from '../core/core.js';
import { admit } from '../world/admitting.js';
import { nameOf } from '../world/edges.js';
import { sketchWithin, type Feature } from '../world/features.js';
import { newJob, refOf, wireBody, type Policy, type Sketch } from '../world/job.js';
import { judgeRows, type Row } from '../world/judging.js';
import type { World } from '../world/world.js';
import { priorityHow, someSketch, someTime, timeWithin, timing } from './adding.js';
import { expectReply, performInLane } from './perform.js';
import { GIVEN_IDS, parentOf, someId, someProducer, someQueue, steps } from './step.js';
import { someUses } from './using.js';

const UNIQUE_KEYS = ['71', '72'];

const someGiven = fc.constantFrom(undefined, undefined, 'k', 'j', 'r', 'r');
const someUnique = fc.constantFrom(
  undefined,
  undefined,
  { until: 'u', ms: '' } as const,
  { until: 'u', ms: '' } as const,
  { until: 'u', ms: '60' } as const,
  { until: 'v', ms: '' } as const,
  { until: '', ms: '60' } as const,
);
const someDependencies = fc.option(
  fc.record({
    policy: fc.constantFrom<Policy>('f', 'f', 'c', 'b', 'r'),
    isLenient: fc.nat({ max: 4 }).map((n) => n === 0),
    on: fc.array(fc.record({ queue: fc.nat({ max: QUEUES.length - 1 }), which: someId }), {
      minLength: 1,
      maxLength: 2,
    }),
  }),
  { freq: 2, nil: undefined },
);

export const someRow = fc.record({
  sketch: someSketch,
  time: someTime,
  id: fc.constantFrom(...GIVEN_IDS),
  given: someGiven,
  memoryMs: fc.constantFrom(0, 50, 100_000),
  isForced: fc.boolean(),
  unique: someUnique,
  key: fc.constantFrom(...UNIQUE_KEYS),
  taking: fc.constantFrom('k', 'j', 'r', 'r'),
  tags: fc.constantFrom([], [], ['red'], ['red', 'blue']),
  group: fc.constantFrom(undefined, undefined, undefined, 'A', 'A', 'B'),
  uses: someUses,
  dependencies: someDependencies,
});
type Drawn = typeof someRow extends fc.Arbitrary<infer T> ? T : never;

/** A drawn row without what the sequence lacks. */
function within(features: ReadonlySet<Feature>, drawn: Drawn): Drawn {
  return {
    ...drawn,
    sketch: sketchWithin(features, drawn.sketch),
    time: timeWithin(features, drawn.time),
    ...(features.has('ids') ? {} : { given: undefined }),
    ...(features.has('unique') ? {} : { unique: undefined }),
    ...(features.has('groups') ? {} : { group: undefined }),
    ...(features.has('resources') ? {} : { uses: [] }),
    ...(features.has('dependencies') ? {} : { dependencies: undefined }),
  };
}

/** A row as the model has it. */
function rowOf(world: World, index: number, drawn: Drawn): Row {
  const { given, unique, dependencies, isForced } = drawn;
  const id = given === undefined ? `m${world.mint()}` : drawn.id;
  const letter = unique?.until === 'u' || unique?.until === 'v' ? unique.until : undefined;
  const isTimed = unique !== undefined && unique.ms !== '';
  const held = letter === undefined ? undefined : { letter, key: drawn.key, isTimed };
  const sketch: Sketch = { ...drawn.sketch, unique: held };
  const job = newJob(id, index, world.now, sketch, isTimed);
  job.tags = drawn.tags;
  job.group = drawn.group;
  job.uses = drawn.uses;
  const refs = (dependencies?.on ?? []).map(({ queue, which }) =>
    refOf({ queue, id: parentOf(world.queue(queue), which) }),
  );
  job.said = [...new Set(refs)];
  job.policy = job.said.length === 0 ? undefined : dependencies?.policy;
  job.isLenient = job.said.length > 0 && dependencies?.isLenient === true;
  return {
    job,
    at: timing(drawn.time, world.now).at,
    given: given === undefined ? undefined : { policy: given, memoryMs: drawn.memoryMs, isForced },
    unique: unique === undefined ? undefined : { key: drawn.key, ms: unique.ms, policy: drawn.taking, isForced },
  };
}

/** A call that was refused may come again, and be taken then: its times count from there. */
function storeNow(world: World, row: Row, { time }: Drawn): void {
  Object.assign(row.job, { createdAt: world.now });
  if (time.a === undefined) row.at = timing(time, world.now).at;
}

/** The same on the wire: id with instructions and lines, and body. */
function wire(world: World, { job, given, unique }: Row, drawn: Drawn): string[] {
  const { how } = timing(drawn.time, world.now);
  const all = [
    ...how,
    ...priorityHow(job.priority),
    ...(given === undefined ? [] : [`c${given.policy}`, `m${given.memoryMs}`, ...(given.isForced ? ['x'] : [])]),
  ];
  const lines = [
    ...(unique === undefined
      ? []
      : [['u', unique.key, drawn.unique?.until ?? '', unique.ms, unique.policy, ...(unique.isForced ? ['x'] : [])]]),
    ...(job.tags.length === 0 ? [] : [['t', ...job.tags]]),
    ...(job.group === undefined ? [] : [['g', job.group]]),
    ...(job.uses.length === 0 ? [] : [['r', ...job.uses.flatMap(({ name, amount }) => [name, String(amount)])]]),
    ...(job.said.length === 0
      ? []
      : [['d', `${job.policy}${job.isLenient ? 'd' : ''}`, ...job.said.map((ref) => nameOf(world, ref, job.queue))]]),
  ];
  const text = [all.join(','), ...lines.map((line) => line.join('\t'))].join('\n');
  return [text === '' ? job.id : `${job.id}\t${text}`, wireBody(job.sketch, job, job.isBounded)];
}

export const addingChecked = steps(
  'add-checked',
  {
    queue: someQueue,
    producer: someProducer,
    atomic: fc.constantFrom(0, 0, 1),
    rows: fc.array(someRow, { minLength: 1, maxLength: 3 }),
  },
  async ({ queue: index, producer, atomic, rows: all }, world, core) => {
    const queue = world.queue(index);
    const drawn = all.map((each) => within(world.features, each));
    const rows = drawn.map((each) => rowOf(world, index, each));
    const args = { atomic, rows: rows.flatMap((row, i) => wire(world, row, drawn[i]!)) };
    await performInLane(world, core, producer, { queue: index, script: addChecked, args }, (reply) => {
      for (const [i, row] of rows.entries()) storeNow(world, row, drawn[i]!);
      const verdicts = judgeRows(world, queue, rows);
      const refused = verdicts.findIndex(({ fate }) => 'CLEBMW'.includes(fate));
      if (atomic === 1 && refused >= 0) {
        const { fate, state, other = '' } = verdicts[refused]!;
        expectReply(reply, { code: 'REFUSED', row: refused + 1, fate, state, other });
        return 'unchanged';
      }
      const odd = verdicts.flatMap(({ fate, becomes }, i) => [
        ...(fate === 'A' ? [] : [`${i + 1}${fate}`]),
        ...(becomes === '' ? [] : [`${i + 1}${becomes}`]),
      ]);
      const others = verdicts.flatMap(({ other }) => (other === undefined ? [] : [other]));
      expectReply(reply, { code: 'OK', now: world.now, odd: odd.join(','), others });
      admit(world, queue, rows, verdicts);
      return undefined;
    });
  },
);
