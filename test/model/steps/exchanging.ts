import fc from 'fast-check';

import { exchange, type ExchangeReply } from '../../../libs/core/src/redis/scripts.generated.js';
import { QUEUES, type Core } from '../core/core.js';
import type { Snapshot } from '../core/snapshot.js';
import type { Client, ExchangeCall } from '../world/client.js';
import { answerAgain, exchangeIn } from '../world/exchanging.js';
import type { Ending } from '../world/leaving.js';
import type { Wanted } from '../world/serving.js';
import type { World } from '../world/world.js';
import { clientOf, drop, hearTaken, loseClient } from './epochs.js';
import { expectReply, perform } from './perform.js';
import { idOf, someId, someQueue, someWorker, steps } from './step.js';

/** The calls of a slot are numbered from 9 on: the token of the first is soon the beginning of other ones. */
const BEFORE_FIRST = 8;

type DrawnEnding = Omit<Ending, 'name'>;

const someEnding: fc.Arbitrary<DrawnEnding> = fc.record({
  letter: fc.constantFrom('c', 'c', 'c', 'c', 'r', 'r', 'u', 'z', 'f', 't', 'b', 'x', 'g', 'g', 'n'),
  durationMs: fc.constantFrom(0, 0, 7),
  delayMs: fc.constantFrom(0, 5, 90),
  kind: fc.constantFrom('', '', 'E_ONE'),
  text: fc.constantFrom('', '{"ok":[]}', '"n\\u0000o"'),
});

/** Whose token an end has: that of the worker's own run, of one that is over, of another worker, or the beginning of its own. */
const someToken = fc.constantFrom('own', 'own', 'own', 'own', 'stale', 'foreign', 'part');
const someEnd = fc.record({ which: someId, token: someToken, end: someEnding });
type DrawnEnd = { readonly which: number; readonly token: string; readonly end: DrawnEnding };

/** The end of an attempt on the wire. */
function code(token: string, { letter, durationMs, delayMs, kind, text, name }: Ending): string {
  if (letter === 'c') return `${token}\t${durationMs}${text === '' ? '' : `\t${text}`}`;
  const named = `${letter}${durationMs}${kind === '' ? '' : `,${kind}`}`;
  const delay = 'ruz'.includes(letter) ? String(delayMs) : '';
  return `${token}\t${named}\t${delay}\t${name}\t${text}`;
}

/** A job and the token with which a run of it is ended. */
function runOf(
  world: World,
  client: Client,
  { which, token: kind }: DrawnEnd,
): readonly [id: string, token: string] | undefined {
  const own = [...client.knows];
  const stale = world.stale.filter(({ queue }) => queue === client.queue).map(({ id, token }) => [id, token] as const);
  const queue = world.queue(client.queue);
  const foreign = queue.inState('active').filter(({ lease }) => lease?.epoch !== client.epoch);
  if (kind === 'stale' && stale.length > 0) return stale[which % stale.length];
  if (kind === 'foreign' && foreign.length > 0) {
    const job = foreign[which % foreign.length]!;
    return [job.id, job.lease!.token];
  }
  if (own.length === 0) return kind === 'part' ? [idOf(queue, which), '0.1'] : undefined;
  const [id, token] = own[which % own.length]!;
  return kind === 'part' ? [id, token.length > 3 ? token.slice(0, -1) : `${token}0`] : [id, token];
}

export const exchanging = steps(
  'exchange',
  {
    queue: someQueue,
    worker: someWorker,
    slot: fc.constantFrom('0', '0', '1'),
    want: fc.constantFrom(0, 1, 1, 2, 3, 3),
    park: fc.constantFrom(0, 0, 1, 2),
    ends: fc.array(someEnd, { maxLength: 3 }),
  },
  async ({ queue, worker, slot, want, park, ends: drawn }, world, core) => {
    const client = await clientOf(world, core, queue, worker);
    const seq = (client.seqs.get(slot) ?? BEFORE_FIRST) + 1;
    const ends = drawn.flatMap((end): ExchangeCall['ends'] => {
      const run = runOf(world, client, end);
      return run === undefined ? [] : [[...run, wireEnd(end.end, world.queue(queue).jobs.get(run[0])?.name ?? '')]];
    });
    const call = client.unanswered.get(slot) ?? { slot, seq, want, park, received: client.received, ends };
    client.seqs.set(slot, call.seq);
    await sendExchange(world, core, client, call);
  },
);

/** An end as the wire has it: a success has no kind of error, and who has no handler says for what. */
function wireEnd(end: DrawnEnding, name: string): Ending {
  const letter = end.letter === 'n' && name === '' ? 'g' : end.letter;
  return { ...end, letter, kind: letter === 'c' ? '' : end.kind, name };
}

/** Sends an exchange, and lets the worker know what it was answered, unless that is lost. */
async function sendExchange(world: World, core: Core, client: Client, call: ExchangeCall): Promise<void> {
  const { epoch, queue: index } = client;
  const { base } = core.queues[index]!;
  const hasGhosts = Number(core.last.keys(base).meta['ghosts'] ?? 0) > 0;
  const args = { ...call, epoch, chunk: 2, ends: call.ends.flatMap(([id, token, end]) => [id, code(token, end)]) };
  const reply = await perform(world, core, { queue: index, script: exchange, args }, (answer, after) => {
    const queue = world.queue(index);
    const living = queue.living(epoch);
    if (living === undefined) {
      expectReply(answer, { code: 'EPOCH_GONE' });
      return 'unchanged';
    }
    const last = living.slots.get(call.slot)?.seq ?? 0;
    if (call.seq < last) {
      expectReply(answer, { code: 'OLD' });
      return 'unchanged';
    }
    const keys = after.keys(base);
    if (answer.code === 'OK') expectHeaders(answer, keys.hash('m'));
    const handed = answer.code === 'OK' ? answer.jobs.filter((_, i) => i % 2 === 0) : [];
    const isGone = ({ id }: { readonly id: string }): boolean =>
      keys.hash('o')[id] !== undefined || keys.hash('j')[id] === undefined;
    const due = answer.code === 'OK' ? answer.due : -1;
    const seen = { handed, due, isGone, hasGhosts, standsIn: standingIn(after, core, index) };
    const expected =
      call.seq === last ? answerAgain(queue, living, call) : exchangeIn(world, queue, living, call, seen);
    expectReply(said(answer), expected);
    return undefined;
  });
  if (world.isReplyLost) client.unanswered.set(call.slot, call);
  else learn(world, client, call, reply);
}

/** For which resource a job waits by now, and its turn. */
function standingIn(after: Snapshot, core: Core, index: number): Wanted['standsIn'] {
  const slot = after.keys(core.slot);
  const lines = after.keys(core.queues[index]!.base).hash('x');
  const names = slot.namesUnder('rw');
  return ({ id }) => {
    const name = names.find((each) => slot.sorted(`rw:${each}`)[`${QUEUES[index]}\t${id}`] !== undefined);
    const turn = Number(/(?:^|\n)r\t[^\n]*\t(\d+)(?:\n|$)/.exec(lines[id] ?? '')?.[1]);
    return name === undefined ? undefined : { name, turn };
  };
}

/** The parts of the reply that the model predicts; the others are held against the keys. */
function said(reply: ExchangeReply): unknown {
  if (reply.code !== 'OK') return reply;
  const { bits: _, headers: __, ...rest } = reply;
  return rest;
}

function expectHeaders(
  { jobs, headers }: Extract<ExchangeReply, { code: 'OK' }>,
  stored: Readonly<Record<string, string>>,
): void {
  const expected = jobs.flatMap((id, i) =>
    i % 2 === 0 && stored[id] !== undefined ? [String(i / 2 + 1), stored[id]] : [],
  );
  expectReply(headers, expected);
}

function learn(world: World, client: Client, call: ExchangeCall, reply: ExchangeReply): void {
  client.unanswered.delete(call.slot);
  if (reply.code === 'EPOCH_GONE') return loseClient(world, client);
  if (reply.code !== 'OK') return;
  client.settled.set(call.slot, call.seq);
  for (const [id, token] of call.ends) if (client.knows.get(id) === token) drop(world, client, id);
  for (let i = 0; i < reply.jobs.length; i += 2) client.knows.set(reply.jobs[i]!, `${call.slot}.${call.seq}`);
  hearTaken(world, client, reply.taken);
}
