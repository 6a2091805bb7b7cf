import { describe, expect, it } from '@jest/globals';

import { luaQueue } from './support/harness.js';
import type { Held } from './support/lua-worker.js';

const queue = luaQueue();

/** A worker whose lease of one job is over at this moment, with a queue that was looked at all the time. */
async function atTheDeadline(fields = '') {
  await queue().addChecked('a', 'cr,m60000', { fields });
  const worker = await queue().worker('E');
  const job = await worker.leaseOne();
  await queue().housekeep();
  for (let i = 0; i < 6; i++) {
    queue().pass(5_000);
    if (i < 5) await queue().housekeep();
  }
  return { worker, job };
}

type Party = (at: Awaited<ReturnType<typeof atTheDeadline>>) => Promise<unknown>;

const PARTIES: Readonly<Record<string, Party>> = {
  sweep: () => queue().housekeep(),
  complete: ({ worker, job }) => worker.call({ ends: [[job, '5']] }),
  retry: ({ worker, job }) => worker.call({ ends: [[job, 'r5\t10\t\tno']] }),
  renew: ({ worker }) => worker.renew(),
  cancel: () => queue().cancel('a'),
  close: ({ worker }) => worker.close(),
  reconcile: () => queue().raw('reconcile', 'E', 2, '0', '9'),
  replace: () => queue().addChecked('a', 'cr,m9,x'),
  remove: () => queue().remove('a'),
  prioritize: () => queue().prioritize('a', 5),
};

const PAIRS = Object.keys(PARTIES).flatMap((first) => Object.keys(PARTIES).map((second) => [first, second] as const));

describe('at the moment in which a lease ends', () => {
  it.each(PAIRS)(
    '%s and then %s leave the job in one place, and it runs to one end [case:C20, case:X2, case:X21]',
    async (first, second) => {
      const parties = await atTheDeadline();
      await PARTIES[first]?.(parties);
      await PARTIES[second]?.(parties);
      await drain();
      const state = await queue().state('a');
      const isGone = first === 'remove' || second === 'remove';
      if (state === '') expect(isGone).toBe(true);
      else expect(['completed', 'cancelled']).toContain(state);
    },
  );

  it('a completion that came first stays; one that came second is refused, and the job runs again [case:C20]', async () => {
    const first = await atTheDeadline();
    await first.worker.end(first.job);
    const swept = await queue().change(() => queue().housekeep());
    expect([swept.changed['o'], swept.changed['r'], await queue().state('a')]).toEqual([
      undefined,
      undefined,
      'completed',
    ]);
    await first.worker.close();
    await queue().remove('a');
    const second = await atTheDeadline();
    await queue().housekeep();
    const late = await queue().change(() => second.worker.call({ ends: [[second.job, '5']] }));
    expect([late.reply, late.changed]).toEqual([{ code: 'EPOCH_GONE' }, {}]);
    expect(await queue().ids('waiting')).toEqual(['a']);
  });

  it('six sweepers take each of a thousand jobs back once [case:C19] [seed:H11]', async () => {
    const ids = Array.from({ length: 1_000 }, (_, i) => `a${i}`);
    await queue().add(...ids);
    for (let i = 0; i < 10; i++) await (await queue().worker(`E${i}`)).lease(100);
    await queue().housekeep();
    for (let i = 0; i < 6; i++) {
      queue().pass(5_000);
      if (i < 5) await queue().housekeep();
    }
    await Promise.all(Array.from({ length: 6 }, () => queue().housekeep(300)));
    await Promise.all(Array.from({ length: 6 }, () => queue().housekeep(300)));
    expect([...(await queue().ids('waiting'))].sort()).toEqual([...ids].sort());
    expect(new Set(Object.values((await queue().dump())['m'] ?? {}))).toEqual(new Set(['10,0,0,0,S,']));
  });
});

/** A worker that runs what there is until nothing is left. */
async function drain(): Promise<void> {
  const worker = await queue().worker('drain', 1_000_000);
  for (let round = 0; round < 12; round++) {
    const jobs: readonly Held[] = await worker.lease(10);
    await worker.exchange({ ends: jobs.map((job) => [job, '5']) });
    queue().pass(5_000);
    await queue().housekeep();
  }
  expect(await queue().counts()).toMatchObject({ waiting: 0, active: 0, delayed: 0, retrying: 0 });
}
