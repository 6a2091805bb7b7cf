import fc from 'fast-check';

import { configure, limitGroup, pause } from '../../../libs/core/src/redis/scripts.generated.js';
import type { Feature } from '../world/features.js';
import { GROUP_SPAN_MS } from '../world/limits.js';
import { expectReply, perform } from './perform.js';
import { someQueue, steps } from './step.js';

export const pausing = steps(
  'pause',
  { queue: someQueue, on: fc.constantFrom(0, 0, 1) },
  async ({ queue: index, on }, world, core) => {
    await perform(world, core, { queue: index, script: pause, args: { on } }, (reply) => {
      const queue = world.queue(index);
      if (queue.pause % 2 !== on) queue.pause += 1;
      expectReply(reply, { code: 'OK', pause: queue.pause });
    });
  },
);

const GROUP_RATES = [`1,${GROUP_SPAN_MS}`, `2,${GROUP_SPAN_MS}`];
const KEEPS = ['', '', '0,', '1,', '1,', '2,100', ',100', ',0'];
const someKeep = fc.tuple(
  fc.constantFrom('completed', 'failed', 'failed', 'cancelled', 'cancelled', 'timed_out', 'broken'),
  fc.constantFrom(...KEEPS),
);
const someSetting = fc.oneof(
  { weight: 3, arbitrary: someKeep.map(([state, bounds]) => [`keep:${state}`, bounds] as const) },
  fc.tuple(fc.constant('concurrency'), fc.constantFrom('', '', '1', '2')),
  fc.tuple(fc.constant('group:concurrency'), fc.constantFrom('', '', '1', '2')),
  fc.tuple(fc.constant('rate'), fc.constantFrom('', '', '1,100', '2,100')),
  fc.tuple(fc.constant('group:rate'), fc.constantFrom('', '', ...GROUP_RATES)),
  fc.tuple(fc.constant('grace'), fc.constantFrom('', '0', '50')),
  fc.tuple(fc.constant('lease'), fc.constantFrom('', '400')),
  fc.tuple(fc.constant('listening'), fc.constantFrom('60000', '60000', '100', '')),
);

/** Of what a setting is a part. */
const FEATURE_OF: Readonly<Record<string, Feature>> = {
  keep: 'retention',
  concurrency: 'limits',
  rate: 'limits',
  group: 'groups',
  grace: 'workers',
  lease: 'workers',
};

function isWithin(features: ReadonlySet<Feature>, name: string): boolean {
  const feature = FEATURE_OF[name.split(':', 1)[0]!];
  return feature === undefined || features.has(feature);
}

export const configuring = steps(
  'configure',
  { queue: someQueue, fields: fc.array(someSetting, { maxLength: 2 }) },
  async ({ queue: index, fields: drawn }, world, core) => {
    const fields = drawn.filter(([name]) => isWithin(world.features, name));
    await perform(world, core, { queue: index, script: configure, args: { fields: fields.flat() } }, (reply) => {
      const queue = world.queue(index);
      const isWanted = fields.some(([name, value]) => name === 'listening' && value !== '');
      if (isWanted && !queue.isHeard) {
        queue.isHeard = true;
        queue.tell('g', '');
      }
      let isChanged = false;
      for (const [name, value] of fields) {
        const isLater = name === 'listening' && value !== '';
        if (!isLater && value !== (queue.settings.get(name) ?? '')) isChanged = true;
        if (value === '') queue.settings.delete(name);
        else queue.settings.set(name, isLater ? String(world.now + Number(value)) : value);
      }
      if (isChanged) queue.tell('i', '');
      if (!queue.settings.has('rate')) queue.starts = [];
      const said = reply.fields.flatMap((name, i) =>
        i % 2 === 0 && queue.settings.has(name) ? [[name, reply.fields[i + 1]]] : [],
      );
      expectReply(Object.fromEntries(said), Object.fromEntries(queue.settings));
    });
  },
);

const someGroupSetting = fc.constantFrom(
  ['concurrency', ''] as const,
  ['concurrency', '1'] as const,
  ['rate', ''] as const,
  ['rate', GROUP_RATES[0]!] as const,
  ['rate', GROUP_RATES[1]!] as const,
  ['paused', 'p'] as const,
  ['paused', ''] as const,
  ['paused', ''] as const,
);

export const limitingGroup = steps(
  'limit-group',
  {
    queue: someQueue,
    name: fc.constantFrom('A', 'B'),
    settings: fc.array(someGroupSetting, { minLength: 1, maxLength: 2 }),
  },
  async ({ queue: index, name, settings }, world, core) => {
    await perform(world, core, { queue: index, script: limitGroup, args: { name, rows: settings.flat() } }, (reply) => {
      const queue = world.queue(index);
      const before = queue.groups.get(name) ?? { concurrency: '', rate: '', paused: '' };
      const after = { ...before, ...Object.fromEntries(settings) };
      if (JSON.stringify(after) !== JSON.stringify(before)) queue.tell('i', '');
      if (Object.values(after).join('') === '') queue.groups.delete(name);
      else queue.groups.set(name, after);
      expectReply(reply, { code: 'OK' });
    });
  },
);
