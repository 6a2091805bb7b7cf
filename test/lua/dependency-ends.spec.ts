import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { composeTree } from '../../scripts/lua/compose/compose.js';
import { Problems } from '../../scripts/lua/source/problems.js';
import { readTreeFrom } from '../../scripts/lua/source/tree.js';
import {
  addChecked,
  close,
  discard,
  drain,
  expire,
  link,
  reconcile,
  retryMany,
} from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import type { Leased, LuaWorker } from './support/lua-worker.js';
import { body } from './support/records.js';

const queue = luaQueue({ slot: 'shop' });
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Commands in whose scripts there is what ends a job, or deletes one for good. */
const ENDING = composeTree(readTreeFrom(root), new Problems())
  .filter(({ units }) =>
    units.some(({ defines }) => defines.some((name) => /^(finish__flush|forget__jobs)$/.test(name))),
  )
  .map(({ command }) => command.name);

/** What the children of each policy are when the parent has ended in some way, or goes on. */
const FELL = { f: 'failed', c: 'cancelled', b: 'blocked', r: 'waiting' };
const DONE = { f: 'waiting', c: 'waiting', b: 'waiting', r: 'waiting' };
const GOES_ON = { f: 'blocked', c: 'blocked', b: 'blocked', r: 'blocked' };
/** What had been let go waits for nothing again. */
const OPENED = { ...GOES_ON, r: 'waiting' };

const HEAD = 'p\tcj,m0';

async function addParent(head = HEAD, fields = ''): Promise<void> {
  await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows: [head, body({ fields })] });
  const rows = ['f', 'c', 'b', 'r'].flatMap((policy) => [`${policy}\t\nd\t${policy}\tp`, body()]);
  await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows });
}

async function hold(): Promise<{ worker: LuaWorker; job: Leased }> {
  const worker = await queue().worker('E');
  return { worker, job: await worker.leaseOne() };
}

async function end(code: string): Promise<void> {
  const { worker, job } = await hold();
  await worker.end(job, code);
}

const BULK = { what: 'state', value: 'failed', cursor: '', limit: 100 };
const after = (): { laneId: string; seq: number; untilMs: number } => ({ ...queue().lane(), untilMs: queue().now + 1 });

type Case = readonly [what: string, happen: () => Promise<unknown>, states: object];

/** By command: what happens to the parent, and where its children are then. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  exchange: [
    ['completes', async () => (await addParent(), end('c1\t\t\t1')), DONE],
    [
      'completes, and another job follows',
      async () => (await addParent(), end('q1\t\t\t@x')).catch(() => end('5')),
      DONE,
    ],
    ['fails', async () => (await addParent(), end('f1\t\t\tno')), FELL],
    ['times out', async () => (await addParent(), end('t1\t\t\tno')), FELL],
    ['is broken', async () => (await addParent(), end('b1\t\t\tno')), FELL],
    ['is cancelled by its handler', async () => (await addParent(), end('x1\t\t\tno')), FELL],
    [
      'moves away',
      async () => (await queue().neighbour('other'), await addParent(), end('m1\t\t\tother\t\t\t0\n')),
      GOES_ON,
    ],
    ['is tried again', async () => (await addParent(), end('r1\t50\t\tno')), GOES_ON],
    [
      'is not kept',
      async () => {
        await queue().configure('keep:failed', '0,');
        await addParent();
        await end('f1\t\t\tno');
      },
      // Nor is what it fails.
      { ...FELL, f: '' },
    ],
    [
      'expires before it starts',
      async () => {
        await addParent(HEAD, 'x5');
        queue().pass(10);
        await (await queue().worker('E')).lease(1);
        await queue().housekeep();
      },
      FELL,
    ],
  ],
  cancel: [
    ['is cancelled', async () => (await addParent(), queue().cancel('p')), FELL],
    ['is cancelled while it runs', async () => (await addParent(), await hold(), queue().cancel('p')), FELL],
  ],
  remove: [['is removed', async () => (await addParent(), queue().remove('p')), FELL]],
  drain: [
    [
      'is drained',
      async () => (await addParent(), queue().run(drain, { ...queue().lane(), state: 'waiting', limit: 500 })),
      FELL,
    ],
  ],
  discard: [
    [
      'is discarded after it failed',
      async () => (await addParent(), await end('f1\t\t\tno'), queue().run(discard, { ...after(), ...BULK })),
      // The one that failed with it is discarded as well.
      { ...FELL, f: '' },
    ],
  ],
  'add-checked': [
    [
      'gives way to another job of its unique key',
      async () => {
        await addParent('p\tcj,m0\nu\t7\tu\t\tr', 'u7');
        const rows = ['q\t\nu\t7\tu\t\tr', body({ fields: 'u7' })];
        await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows });
      },
      FELL,
    ],
    ['gives way to another job of its id', async () => (await addParent(), queue().addChecked('p', 'cr,m0')), GOES_ON],
  ],
  housekeep: [
    [
      'stalls too often',
      async () => {
        await addParent(HEAD, 's1');
        const { worker, job } = await hold();
        await worker.start(job);
        // A long silence is taken for one of Redis: somebody has to look meanwhile.
        for (let n = 0; n < 4; n++) {
          await queue().housekeep();
          queue().pass(10_000);
        }
        await queue().housekeep();
      },
      FELL,
    ],
    [
      'is pruned after it failed',
      async () => {
        await addParent();
        await end('f1\t\t\tno');
        await queue().configure('keep:failed', ',1');
        queue().pass(10);
        await queue().housekeep();
      },
      { ...FELL, f: '' },
    ],
  ],
  link: [
    [
      'comes to depend on a job that has failed',
      async () => {
        await queue().add('z');
        await end('f1\t\t\tno');
        await addParent();
        await queue().run(link, { ...queue().lane(), id: 'p', on: 1, policy: '', jobs: ['z'] });
      },
      FELL,
    ],
  ],
  retry: [
    [
      'is retried after it failed',
      async () => (await addParent(), await end('f1\t\t\tno'), queue().retry('p')),
      OPENED,
    ],
  ],
  'retry-many': [
    [
      'is retried with all that failed',
      async () => (await addParent(), await end('f1\t\t\tno'), queue().run(retryMany, { ...after(), ...BULK })),
      OPENED,
    ],
  ],
  move: [
    ['is put anew', async () => (await addParent(), queue().move('p')), GOES_ON],
    [
      'is put anew after it failed',
      async () => (await addParent(), await end('f1\t\t\tno'), queue().move('p')),
      OPENED,
    ],
  ],
  close: [
    ['is given back', async () => (await addParent(), await hold(), queue().run(close, { epoch: 'E' })), GOES_ON],
  ],
  reconcile: [
    [
      'is given back, for its worker does not know it',
      async () => (
        await addParent(),
        await hold(),
        queue().run(reconcile, { epoch: 'E', settled: ['0', '1'], known: [] })
      ),
      GOES_ON,
    ],
  ],
  expire: [
    [
      'is taken from its worker',
      async () => (await addParent(), await hold(), queue().run(expire, { ...queue().lane(), ids: ['p'] })),
      GOES_ON,
    ],
  ],
};

/** `fire` has the parts by which jobs are stored; those that it adds neither replace nor end any. */
const ENDS_NONE = ['fire'];

describe('jobs that depend on one that', () => {
  it('any command ends, or deletes, are looked at here [core:B14] [case:I8]', () => {
    expect([...Object.keys(CASES), ...ENDS_NONE].sort()).toEqual([...ENDING].sort());
  });

  const all = Object.entries(CASES).flatMap(([command, cases]) =>
    cases.map(([what, happen, states]) => ({ command, what, happen, states })),
  );
  it.each(all)('$what ($command) are told of it in that call [core:B14] [case:X10]', async ({ happen, states }) => {
    await happen();
    const found = await Promise.all(['f', 'c', 'b', 'r'].map(async (id) => [id, await queue().state(id)] as const));
    expect(Object.fromEntries(found)).toEqual(states);
  });
});
