import type { Repeat, Script } from '../../../libs/core/src/redis/script.js';
import type { Core } from '../core/core.js';
import type { Snapshot } from '../core/snapshot.js';
import { compare } from '../view/compare.js';
import { differences } from '../view/view.js';
import { Mismatch, type World } from '../world/world.js';
import { settle } from '../world/telling.js';

type Timed = { readonly now?: number | undefined };

/** A command for one queue. */
export interface Call<A extends Timed, R> {
  readonly queue: number;
  readonly script: Script<A, R>;
  readonly args: Omit<A, 'now'>;
}

/**
 * Moves the model by one call: throws a `Mismatch` if it does not allow the reply. `after` is for what the documents leave open,
 * such as which of many jobs a call with a small budget has come to. 'unchanged' = the call must have changed no key.
 */
export type Judge<R> = (reply: R, after: Snapshot) => void | 'unchanged';

/** A call that was made, as it may be sent again. */
export interface Sent {
  readonly queue: number;
  readonly script: {
    readonly name: string;
    readonly sha1: string;
    readonly source: string;
    readonly repeat: Repeat;
    decode(raw: unknown): unknown;
  };
  readonly argv: readonly string[];
  readonly at: number;
  readonly raw: unknown;
  /** Judges the same call once more. */
  readonly again: (core: Core) => Promise<void>;
}

/** The last call of a run that changes something, and earlier ones. */
export class Mailbox {
  readonly sent: Sent[] = [];
  get last(): Sent | undefined {
    return this.sent.at(-1);
  }
}

/** Makes a call, lets the model judge its reply, and compares all keys with what the model predicts. */
export async function perform<A extends Timed, R>(
  world: World,
  core: Core,
  call: Call<A, R>,
  judge: Judge<R>,
): Promise<R> {
  const { queue, script, args } = call;
  const argv = script.encode({ ...args, now: world.now } as unknown as A);
  begin(world);
  const raw = await core.queues[queue]!.send(script, argv);
  const reply = script.decode(raw);
  world.log.push(`${world.now} ${world.queue(queue).name}: ${script.name} ${show(argv.slice(1))} -> ${show(raw)}`);
  const before = core.last;
  core.last = await core.look();
  if (script.repeat !== 'read')
    world.mailbox.sent.push({
      queue,
      script,
      argv,
      at: world.now,
      raw,
      again: async (same) => void (await perform(world, same, call, judge)),
    });
  world.idsThere = (index) => Object.keys(core.last.keys(core.queues[index]!.base).hash('j'));
  const verdict = judge(reply, core.last);
  settle(world);
  if (verdict === 'unchanged' || script.repeat === 'read') expectUnchanged(before, core.last);
  compare(world, core, before, core.last);
  world.coverage.step(script.name, (reply as { readonly code: string }).code, world);
  return reply;
}

type Laned = Timed & { readonly laneId: string; readonly seq: number };

/** A call of a producer, in its lane. A judge that says 'unchanged' says that the lane has kept no answer. */
export async function performInLane<A extends Laned, R>(
  world: World,
  core: Core,
  producer: number,
  {
    queue: index,
    script,
    args,
  }: { readonly queue: number; readonly script: Script<A, R>; readonly args: Omit<A, keyof Laned> },
  judge: Judge<R>,
): Promise<R> {
  const lane = world.producers.next(index, producer);
  const call = { queue: index, script, args: { ...args, ...lane } as unknown as Omit<A, 'now'> };
  const reply = await perform(world, core, call, (answer, after) => {
    const verdict = judge(answer, after);
    if (verdict !== 'unchanged') world.queue(index).lanes.set(lane.laneId, { seq: lane.seq, usedAt: world.now });
    return verdict;
  });
  if (world.isReplyLost) world.producers.giveUp(index, producer);
  return reply;
}

/** Nothing is expected of a call before it is judged. */
export function begin(world: World): void {
  world.calls += 1;
  world.resources.begin();
  for (const queue of world.queues)
    Object.assign(queue, { told: [], freed: [], hasNews: false, called: 0, parking: undefined });
}

export function expectUnchanged(before: Snapshot, after: Snapshot): void {
  const keys = before.differs(after);
  if (keys.length > 0) throw new Mismatch(`a call that must change nothing has changed ${keys.join(', ')}`);
}

/** Throws unless the reply is the one that the model has, or one of those. */
export function expectReply(actual: unknown, ...allowed: readonly unknown[]): void {
  const all = allowed.map((each) => differences(actual, each, 'the reply'));
  const best = all.sort((a, b) => a.length - b.length)[0] ?? [];
  if (best.length > 0) throw new Mismatch(best.join('\n'));
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
