import fc from 'fast-check';

import { SCRIPTS } from '../../../libs/core/src/redis/scripts.generated.js';
import type { Core } from '../core/core.js';
import { Mismatch, type World } from '../world/world.js';
import { begin, expectUnchanged } from './perform.js';
import { someQueue, Step } from './step.js';

const BODY = '\tgreet\t\t\n{}';

/** Calls that break the contract: command, and what stands behind the time. `L` is a lane and its number. */
const MALFORMED: readonly (readonly [command: string, ...argv: readonly string[]])[] = [
  ['add', '', '1', '0', 'x', BODY],
  ['add', 'L', '0', '0', 'x', BODY],
  ['add', 'L', '1', '-1', 'x', BODY],
  ['add', 'L', '1', '0', 'x'],
  ['add', 'L', '1', '0', 'x\u0001', BODY],
  ['add', 'L', '1', '0', 'x', 'no body'],
  ['add', 'L', '1', '0', 'x\tp5', BODY],
  ['add', 'L', '1', '0', 'x\td-1', BODY],
  ['add', 'L', '1', '0', 'x', BODY, 'y\tq1', BODY],
  ['add-checked', 'L', '1', '0', 'a\tcq,m1', BODY],
  ['add-checked', 'L', '1', '0', 'a\tck', BODY],
  ['add-checked', 'L', '1', '0', 'abcdefghi~1\tck,m1', BODY],
  ['add-checked', 'L', '1', '0', 'a\tcr,m1', BODY, 'x\t\nd\tq\ta', BODY],
  ['add-checked', 'L', '1', '0', 'x\t\nu\tx\tu\t\tk', BODY],
  ['add-checked', 'L', '1', '0', 'x\t\nz\tx', BODY],
  ['add-checked', 'L', '1', '0', 'x\t\nr\tgpu', BODY],
  ['add-checked', 'L', '1', '0', 'x\t\nr\tgpu\t0', BODY],
  ['add-checked', 'L', '1', '0', 'x\t\nr\tgpu\t1\tgpu\t1', BODY],
  ['limit-resources', 'gpu', 'x'],
  ['limit-resources', 'gpu'],
  ['exchange', 'w', 'no slot', '1', '1', '1', '0', '0'],
  ['exchange', 'w', 'open', '1', '1', '1', '0', '0'],
  ['exchange', 'w', '0', '0', '1', '1', '0', '0'],
  ['exchange', 'w', '0', '1', '-1', '1', '0', '0'],
  ['exchange', 'w', '0', '1', '1', '0', '0', '0'],
  ['exchange', 'w', '0', '1', '1', '1', '3', '0'],
  ['exchange', 'w', '0', '1', '1', '1', '0', '0', 'a'],
  ['open', '', '1', '300', '{}'],
  ['open', 'w', '1', '99', '{}'],
  ['renew', 'w', '99', '0', '0'],
  ['renew', 'w', '300', '-1', '0'],
  ['start', 'w', 'a', 'no token'],
  ['start', 'w', 'a'],
  ['note', 'w', 'a', '0.1', 'q', 'x', '1'],
  ['note', 'w', 'a', '0', 'p', 'x', '1'],
  ['checkpoint', 'w', '', '0.1', '[]'],
  ['cancel', 'L', '1', 'q', '0', 'a'],
  ['cancel', 'L', '1', 'p', '0', 'a\tb'],
  ['remove', 'L', '1.5', 'a'],
  ['retry', 'L', '1', ''],
  ['promote', 'L\n', '1', 'a'],
  ['prioritize', 'L', '1', 'a', '1001'],
  ['update', 'L', '1', 'a', 'c', '0', ''],
  ['move', 'L', '1', 'a', 'nowhere', '', '', '0', ''],
  ['move', 'L', '1', 'a', '', 'q', '', '0', ''],
  ['link', 'L', '1', 'a', '3', '', 'b'],
  ['link', 'L', '1', 'a', '1', 'q', 'b'],
  ['tag', 'L', '1', 'a', '2', 'x'],
  ['tag', 'L', '1', 'a', '1'],
  ['track', 'L', '1', '2', 'a'],
  ['pause', '2'],
  ['configure', 'colour', 'red'],
  ['configure', 'concurrency', '0'],
  ['configure', 'rate', '1'],
  ['configure', 'keep:completed', '1'],
  ['limit-group', 'A', 'concurrency', '0'],
  ['housekeep', '0', '0'],
  ['housekeep', '1001', '0'],
  ['housekeep', '1', '-1'],
  ['drain', 'L', '1', 'active', '1'],
  ['drain', 'L', '1', 'waiting', '501'],
  ['retry-many', 'L', '1', 'state', 'completed', '0', '', '1'],
  ['discard', 'L', '1', 'state', 'failed', '-1', '', '1'],
  ['schedule', 'L', '1', '', '', '0', '0', 'h', '1', '{}'],
  ['schedule', 'L', '1', 's', '', '0', '0', 'no word', '1', '{}'],
  ['pause-schedule', 'L', '1', 's', '2', '', '0', '0'],
  ['retire', '2'],
];

/** A call that breaks the contract is an error, and changes nothing; so is one at no time. */
export const malformed: fc.Arbitrary<Step> = fc
  .tuple(someQueue, fc.constantFrom(...MALFORMED), fc.nat({ max: 5 }))
  .map(
    ([queue, [command, ...argv], time]) =>
      new Step(`malformed ${command} ${JSON.stringify(argv)}`, (world, core) =>
        send(world, core, queue, command, argv, time === 0 ? '12x' : String(world.now)),
      ),
  );

async function send(
  world: World,
  core: Core,
  queue: number,
  command: string,
  argv: readonly string[],
  now: string,
): Promise<void> {
  const script = SCRIPTS.find(({ name }) => name === command);
  if (script === undefined) throw new Error(`there is no command ${command}`);
  begin(world);
  const sent = argv.map((each) => each.replace(/^L/, `broken${world.mint()}`));
  const code = await core.queues[queue]!.send(script, [now, ...sent]).then(
    (reply) => `the reply ${JSON.stringify(reply)}`,
    (error: Error) => error.message.split(' ', 1)[0] ?? '',
  );
  world.log.push(`${now} ${world.queue(queue).name}: ${command} ${JSON.stringify(sent)} -> ${code}`);
  const before = core.last;
  core.last = await core.look();
  const isRefused = ['PROTOCOL', 'INVALID_OPTION', 'QUEUE_MISMATCH'].includes(code);
  if (!isRefused) throw new Mismatch(`${command} ${JSON.stringify(sent)} breaks the contract, and came to ${code}`);
  expectUnchanged(before, core.last);
  world.coverage.step(command, code, world);
}
