import fc from 'fast-check';

import type { Core } from '../core/core.js';
import { Mismatch, type World } from '../world/world.js';
import { begin, expectUnchanged, type Sent } from './perform.js';
import type { Step } from './step.js';
import { Step as OneStep } from './step.js';

/** A client gives up a lane after an hour: nothing of it comes later. */
const LANE_MS = 3_600_000;

/** The last call that changes something arrives a second time, as it was: one effect, and the same reply. */
export const resending: fc.Arbitrary<Step> = fc.constant(new OneStep('resend', (world, core) => resend(world, core)));

async function resend(world: World, core: Core): Promise<void> {
  const { last } = world.mailbox;
  if (last === undefined || Math.abs(world.now - last.at) > LANE_MS) return;
  if (last.script.repeat === 'lane' && isStored(world, last)) await repeat(world, core, last, last.raw);
  else await last.again(core);
}

/** An earlier call arrives late, after others of its lane or slot: nothing is done. */
export const comingLate: fc.Arbitrary<Step> = fc
  .nat({ max: 9 })
  .map((back) => new OneStep(`late ${back}`, (world, core) => comeLate(world, core, back)));

async function comeLate(world: World, core: Core, back: number): Promise<void> {
  const earlier = world.mailbox.sent.filter((sent) => isOvertaken(world, sent));
  const sent = earlier[earlier.length - 1 - back];
  if (sent === undefined) return;
  if (sent.script.repeat === 'slot') await sent.again(core);
  else await repeat(world, core, sent, ['OLD']);
}

/** Lane and number of a call of that class stand behind its time. */
function laneOf({ argv }: Sent): readonly [lane: string, seq: number] {
  return [argv[1] ?? '', Number(argv[2])];
}

function isStored(world: World, sent: Sent): boolean {
  const [lane, seq] = laneOf(sent);
  return world.queue(sent.queue).lanes.get(lane)?.seq === seq;
}

function isOvertaken(world: World, sent: Sent): boolean {
  if (Math.abs(world.now - sent.at) > LANE_MS) return false;
  if (sent.script.repeat === 'slot') return sent !== world.mailbox.last;
  const [lane, seq] = laneOf(sent);
  return sent.script.repeat === 'lane' && (world.queue(sent.queue).lanes.get(lane)?.seq ?? 0) > seq;
}

/** Sends what was sent, at the time that it is now: it must be answered so, and change nothing. */
async function repeat(world: World, core: Core, sent: Sent, raw: unknown): Promise<void> {
  begin(world);
  const answer = await core.queues[sent.queue]!.send(sent.script, [String(world.now), ...sent.argv.slice(1)]);
  world.log.push(
    `${world.now} ${world.queue(sent.queue).name}: ${sent.script.name} ${JSON.stringify(sent.argv.slice(1, 3))} again -> ${JSON.stringify(answer)}`,
  );
  const before = core.last;
  core.last = await core.look();
  // A whole number may come as a number or as text.
  if (JSON.stringify(sent.script.decode(answer)) !== JSON.stringify(sent.script.decode(raw)))
    throw new Mismatch(
      `${sent.script.name} sent again was answered ${JSON.stringify(answer)}, and first ${JSON.stringify(raw)}`,
    );
  expectUnchanged(before, core.last);
}

/** Another step, of which the replies get lost: what it did is done, and its caller learns of it only by looking. */
export function losingReplies(
  step: fc.Arbitrary<Step>,
  look: (world: World, core: Core) => Promise<void>,
): fc.Arbitrary<Step> {
  return step.map(
    (lost) =>
      new OneStep(`lostReply of ${lost.toString()}`, async (world, core) => {
        if (!lost.check(world)) return;
        world.isReplyLost = true;
        try {
          await lost.run(world, core);
        } finally {
          world.isReplyLost = false;
        }
        await look(world, core);
      }),
  );
}
