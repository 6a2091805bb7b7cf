import fc from 'fast-check';

import { claim, close, reconcile, renew, start } from '../../../libs/core/src/redis/scripts.generated.js';
import type { Core } from '../core/core.js';
import type { Client } from '../world/client.js';
import { pendingOf } from '../world/exchanging.js';
import { leave, type Ending } from '../world/leaving.js';
import { release } from '../world/resources.js';
import { dropEpoch } from '../world/sweeping.js';
import type { World } from '../world/world.js';
import { clientOf, hearTaken, loseClient } from './epochs.js';
import { housekeepOnce } from './passing.js';
import { expectReply, perform } from './perform.js';
import { someQueue, someWorker, steps } from './step.js';

const GONE = { code: 'EPOCH_GONE' };
const UNSTARTED: Ending = { letter: 'g', durationMs: 0, delayMs: 0, kind: '', text: '', name: '' };

export const renewing = steps(
  'renew',
  { queue: someQueue, worker: someWorker, lease: fc.constantFrom(300, 300, 200), isHeard: fc.boolean() },
  async ({ queue: index, worker, lease, isHeard }, world, core) => {
    const client = await clientOf(world, core, index, worker);
    const queue = world.queue(index);
    const { epoch } = client;
    const args = { epoch, lease, received: isHeard ? client.received : 0, pause: isHeard ? queue.pause : 0 };
    const reply = await perform(world, core, { queue: index, script: renew, args }, (answer) => {
      const living = queue.living(epoch);
      if (living === undefined) {
        expectReply(answer, GONE);
        return 'unchanged';
      }
      Object.assign(living, {
        lease,
        expiry: world.now + lease,
        isSpared: false,
        obeyed: Math.max(living.obeyed, args.pause),
      });
      const taken = pendingOf(living, args.received);
      const wish = Number(queue.settings.get('lease') ?? 0);
      expectReply(answer.code === 'OK' ? { ...answer, bits: '' } : answer, {
        code: 'OK',
        lease: wish,
        pause: queue.pause,
        bits: '',
        taken,
      });
      return undefined;
    });
    if (world.isReplyLost) return;
    if (reply.code === 'OK') hearTaken(world, client, reply.taken);
    else loseClient(world, client);
  },
);

export const closing = steps(
  'close',
  { queue: someQueue, worker: someWorker },
  async ({ queue: index, worker }, world, core) => {
    const client = await clientOf(world, core, index, worker);
    const queue = world.queue(index);
    await perform(world, core, { queue: index, script: close, args: { epoch: client.epoch } }, (reply) => {
      const held = queue.heldBy(client.epoch);
      for (const job of held) queue.tell('w', job.id);
      release(world, queue, held);
      if (held.length > 0) queue.toFront(held);
      dropEpoch(queue, client.epoch);
      expectReply(reply, { code: 'OK', left: 0 });
    });
    if (!world.isReplyLost) loseClient(world, client);
  },
);

/** A worker vanishes, and another process takes its place: its jobs stay held until somebody looks. */
export const vanishing = steps('vanish', { queue: someQueue, worker: someWorker }, async ({ queue, worker }, world) => {
  const client = world.clients.find((each) => each.queue === queue && each.worker === worker);
  if (client !== undefined) loseClient(world, client);
});

export const reconciling = steps(
  'reconcile',
  { queue: someQueue, worker: someWorker },
  async ({ queue: index, worker }, world, core) => {
    const client = await clientOf(world, core, index, worker);
    const queue = world.queue(index);
    const settled = new Map(client.settled);
    const known = new Set(client.knows.keys());
    const args = {
      epoch: client.epoch,
      settled: [...settled].flatMap(([slot, seq]) => [slot, String(seq)]),
      known: [...known],
    };
    const reply = await perform(world, core, { queue: index, script: reconcile, args }, (answer) => {
      if (queue.living(client.epoch) === undefined) {
        expectReply(answer, GONE);
        return 'unchanged';
      }
      const lost = queue.heldBy(client.epoch).filter(({ id, lease }) => {
        const [slot = '', seq = ''] = lease!.token.split('.');
        return !known.has(id) && Number(seq) <= (settled.get(slot) ?? -1);
      });
      leave(
        world,
        client.epoch,
        lost.map((job) => [job, UNSTARTED] as const),
      );
      expectReply(answer, { code: 'OK', released: lost.length });
      return undefined;
    });
    if (!world.isReplyLost && reply.code !== 'OK') loseClient(world, client);
  },
);

export const starting = steps(
  'start',
  { queue: someQueue, worker: someWorker, isLate: fc.boolean(), isOther: fc.nat({ max: 3 }).map((n) => n === 0) },
  async ({ queue: index, worker, isLate, isOther }, world, core) => {
    const client = await clientOf(world, core, index, worker);
    const late = isLate ? world.stale.filter((each) => each.queue === index).slice(-1) : [];
    const own = [...client.knows].map(([id, token]) => ({ id, token: isOther ? `${token}0` : token }));
    const rows = [...own, ...late].slice(0, 4);
    await startAll(
      world,
      core,
      client,
      rows.map(({ id, token }) => [id, token] as const),
    );
  },
);

/** Marks the starts of runs, by job and token. */
async function startAll(
  world: World,
  core: Core,
  client: Client,
  rows: readonly (readonly [id: string, token: string])[],
): Promise<void> {
  const queue = world.queue(client.queue);
  const args = { epoch: client.epoch, rows: rows.flat() };
  await perform(world, core, { queue: client.queue, script: start, args }, (reply) => {
    if (queue.living(client.epoch) === undefined) {
      expectReply(reply, GONE);
      return 'unchanged';
    }
    const refused: number[] = [];
    for (const [i, [id, token]] of rows.entries()) {
      const job = queue.jobs.get(id);
      if (job?.lease?.epoch !== client.epoch || job.lease.token !== token) refused.push(i + 1);
      else {
        job.lease.isMarked = true;
        if (job.sketch.unique?.letter === 'v') queue.release(job);
      }
    }
    expectReply(reply, { code: 'OK', refused: refused.join(',') });
    return undefined;
  });
}

/** A worker's process is killed while it runs what it has; its lease passes, and somebody looks. */
export const crashing = steps(
  'crash',
  { queue: someQueue, worker: someWorker },
  async ({ queue, worker }, world, core) => {
    const client = await clientOf(world, core, queue, worker);
    await startAll(world, core, client, [...client.knows]);
    const expiry = world.queue(queue).epochs.get(client.epoch)?.expiry ?? world.now;
    loseClient(world, client);
    world.now = Math.max(world.now, expiry);
    await housekeepOnce(world, core, queue, 1_000);
  },
);

export const claiming = steps(
  'claim',
  { queue: someQueue, name: fc.constantFrom('greet', 'bill', 'other') },
  async ({ queue: index, name }, world, core) => {
    await perform(world, core, { queue: index, script: claim, args: { name } }, (reply) => {
      const queue = world.queue(index);
      const jobs = queue
        .inState('aside')
        .filter((job) => job.name === name)
        .sort((a, b) => a.turn - b.turn);
      for (const job of jobs) queue.tell('w', job.id);
      if (jobs.length > 0) queue.toFront(jobs);
      expectReply(reply, { code: 'OK', moved: jobs.length });
    });
  },
);
