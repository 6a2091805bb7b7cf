import type { TestQueue } from './harness.js';
import type { Random } from './random.js';

const GROUP_SETTINGS = ['concurrency\t1', 'concurrency\t', 'rate\t1,30', 'rate\t', 'paused\tp', 'paused\t'];

/** What a job may be said to use, or to belong to: lines of `add-checked`. */
export const LIMITED_LINES = [
  'r\tgpu\t1',
  'r\tgpu\t2',
  'r\tapi\t1',
  'r\tapi\t1\tgpu\t1',
  'g\tA\nr\tgpu\t1',
  'g\tA',
  'g\tB',
  'g\tB',
];

/** Sets or takes away a limit of the queue, of its groups, of one group or of a resource; returns what it did. */
export async function randomLimit(queue: TestQueue, random: Random): Promise<string> {
  const call = random.pick([
    () => ['limit-resources', random.pick(['gpu', 'api', '']), random.pick(['', '0', '1', '2', '3'])],
    () => ['limit-group', 'A', ...random.pick(GROUP_SETTINGS).split('\t')],
    () => ['configure', random.pick(['concurrency', 'group:concurrency']), random.pick(['', '1', '3'])],
    () => ['configure', random.pick(['rate', 'group:rate']), random.pick(['', '', '3,50'])],
  ]);
  const [command = '', ...argv] = call();
  await queue.raw(command, ...argv);
  return [command, ...argv].join(' ');
}

/** Takes all limits away, so that every job can run. */
export async function liftLimits(queue: TestQueue): Promise<void> {
  const names = ['concurrency', 'rate', 'group:concurrency', 'group:rate'];
  await queue.configure(...names.flatMap((name) => [name, '']));
  await queue.raw('limit-group', 'A', 'concurrency', '', 'rate', '', 'paused', '');
  await queue.raw('limit-resources', 'gpu', '', 'api', '', '', '');
}
