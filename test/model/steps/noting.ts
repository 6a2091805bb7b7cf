import fc from 'fast-check';

import { checkpoint, note as noteCommand } from '../../../libs/core/src/redis/scripts.generated.js';
import { clientOf } from './epochs.js';
import { expectReply, perform } from './perform.js';
import { idOf, someId, someQueue, someWorker, steps } from './step.js';

const someNote = fc.constantFrom(
  ['p', 'p'] as const,
  ['t', 'one'] as const,
  ['t', 'one'] as const,
  ['l', '1'] as const,
);

export const noting = steps(
  'note',
  {
    queue: someQueue,
    worker: someWorker,
    which: someId,
    isStale: fc.nat({ max: 3 }),
    note: someNote,
    value: fc.constantFrom('', '1', '[]'),
  },
  async ({ queue: index, worker, which, isStale, note: [kind, name], value }, world, core) => {
    const client = await clientOf(world, core, index, worker);
    const queue = world.queue(index);
    const [id, token] = runFor(client.knows, isStale === 0 ? [idOf(queue, which), '0.1'] : undefined, which);
    const args = { epoch: client.epoch, id, token, kind, name, value };
    await perform(world, core, { queue: index, script: noteCommand, args }, (reply) => {
      const job = queue.jobs.get(id);
      const isHeld =
        queue.living(client.epoch) !== undefined && job?.lease?.epoch === client.epoch && job.lease.token === token;
      if (!isHeld) {
        expectReply(reply, { code: 'LEASE_LOST' });
        return 'unchanged';
      }
      const field = kind === 'p' ? 'p' : `${kind}${name}`;
      if (kind === 'p' || !job.notes.has(field)) job.notes.set(field, value);
      if (kind === 't') job.stalls = 0;
      if (kind === 'p') queue.tell('p', id);
      expectReply(reply, { code: 'OK', kept: job.notes.get(field) });
      return undefined;
    });
  },
);

export const checkpointing = steps(
  'checkpoint',
  {
    queue: someQueue,
    worker: someWorker,
    which: someId,
    isStale: fc.nat({ max: 3 }),
    data: fc.constantFrom('[]', '{"step":[]}'),
  },
  async ({ queue: index, worker, which, isStale, data }, world, core) => {
    const client = await clientOf(world, core, index, worker);
    const queue = world.queue(index);
    const [id, token] = runFor(client.knows, isStale === 0 ? [idOf(queue, which), '0.1'] : undefined, which);
    await perform(
      world,
      core,
      { queue: index, script: checkpoint, args: { epoch: client.epoch, id, token, data } },
      (reply) => {
        const job = queue.jobs.get(id);
        const isHeld =
          queue.living(client.epoch) !== undefined && job?.lease?.epoch === client.epoch && job.lease.token === token;
        expectReply(reply, { code: isHeld ? 'OK' : 'LEASE_LOST' });
        if (!isHeld) return 'unchanged';
        job.payload = data;
        return undefined;
      },
    );
  },
);

function runFor(
  knows: ReadonlyMap<string, string>,
  stale: readonly [string, string] | undefined,
  which: number,
): readonly [string, string] {
  return stale ?? [...knows][which % Math.max(1, knows.size)] ?? ['a', '0.1'];
}
