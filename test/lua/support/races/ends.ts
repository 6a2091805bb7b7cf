import { expect } from '@jest/globals';

import { expire, note, reconcile } from '../../../../libs/core/src/redis/scripts.generated.js';
import type { Leased, LuaWorker } from '../lua-worker.js';
import type { Cell } from './cell.js';
import type { Race, Step } from './interleave.js';

interface Running {
  readonly worker: LuaWorker;
  readonly job: Leased;
}

/** A job `a` that runs. */
async function running(cell: Cell, epoch = 'E'): Promise<Running> {
  await cell.addChecked('a', 'ck,m60000');
  const worker = await cell.worker(epoch);
  const [job] = await cell.take(worker);
  if (job === undefined) throw new Error('the job is not there');
  return { worker, job };
}

/** The moment in which the lease of a worker is over, while somebody has looked all the time. */
async function untilTheDeadline(cell: Cell): Promise<void> {
  for (let i = 0; i < 6; i++) {
    cell.pass(5_000);
    if (i < 5) await cell.housekeep();
  }
}

/** Another worker that takes what there is and completes it. */
function rival(cell: Cell, worker: LuaWorker): Step[] {
  let jobs: Leased[] = [];
  return [
    async () => (jobs = await cell.take(worker)),
    () => cell.finish(worker, jobs[0]),
    async () => cell.finish(worker, (await cell.take(worker))[0]),
  ];
}

/** X1: many want the last jobs. */
export const lastJobs: Race = {
  async prepare(cell) {
    const count = 1 + cell.random.int(3);
    const ids = Array.from({ length: count }, (_, i) => `a${i}`);
    await cell.add(...ids);
    const workers = await Promise.all(Array.from({ length: 8 }, (_, i) => cell.worker(`E${i}`)));
    return {
      parties: workers.map((worker) => [() => cell.take(worker, 1 + cell.random.int(2)), () => cell.take(worker)]),
      async judge() {
        expect([...cell.leases].sort()).toEqual(ids);
        expect(await cell.counts()).toMatchObject({ active: count, waiting: 0 });
      },
    };
  },
};

/** X2: an end meets the end of the lease. */
export const endOrSweep: Race = {
  async prepare(cell) {
    const { worker, job } = await running(cell);
    const other = await cell.worker('F');
    await untilTheDeadline(cell);
    return {
      parties: [
        [() => cell.finish(worker, job)],
        [() => cell.housekeep(), () => cell.housekeep()],
        [() => worker.renew()],
        rival(cell, other),
      ],
      async judge() {
        await cell.drainAll();
        expect(cell.completed).toEqual(['a']);
        expect(await cell.state('a')).toBe('completed');
      },
    };
  },
};

/** X3: renewals come later than the end, and than the closing. */
export const lateRenewal: Race = {
  async prepare(cell) {
    const { worker, job } = await running(cell);
    const codes: string[] = [];
    const renew: Step = async () => codes.push((await worker.renew()).code);
    return {
      parties: [
        [() => cell.finish(worker, job), () => worker.close(), async () => codes.push('closed')],
        [renew, renew, renew],
        [() => cell.run(reconcile, { epoch: 'E', settled: ['0', '1'], known: ['a'] })],
      ],
      async judge() {
        await renew();
        expect(codes.at(-1)).toBe('EPOCH_GONE');
        expect(cell.completed).toEqual(['a']);
        const dump = await cell.dump();
        expect([dump['h:E'], dump['L'], dump['r']]).toEqual([undefined, undefined, undefined]);
      },
    };
  },
};

/** X4: a job is cancelled while its worker says this and that. */
export const cancelOrEnd: Race = {
  async prepare(cell) {
    const { worker, job } = await running(cell);
    const code = cell.random.pick(['5', 'f5\t0\tgreet\tno', 'r5\t100000\tgreet\tno', 'g0\t0\t\t']);
    let fate = '';
    let counted = false;
    let noted = '';
    const write = (): Promise<{ code: string }> =>
      cell.run(note, { epoch: 'E', id: 'a', token: job.token, kind: 'p', name: '', value: '1' });
    return {
      parties: [
        [async () => (fate = await cell.cancel('a'))],
        [
          () => write(),
          async () => (counted = await cell.finish(worker, job, code)),
          async () => (noted = (await write()).code),
        ],
        [() => worker.renew(), () => worker.renew()],
      ],
      async judge() {
        const state = await cell.state('a');
        const isLive = ['r', 'g'].includes(code[0] ?? '');
        if (!counted) expect([state, noted]).toEqual(['cancelled', expect.not.stringMatching(/^OK$/)]);
        else if (isLive) expect(state).toBe('cancelled');
        else expect([state, fate]).toEqual([code === '5' ? 'completed' : 'failed', 'F']);
        expect(noted).not.toBe('OK');
        expect((await cell.counts()).active).toBe(0);
      },
    };
  },
};

/** X5: a job is taken from its worker, and put elsewhere or to another time. */
export const takenAway: Race = {
  async prepare(cell) {
    const { worker, job } = await running(cell);
    const other = await cell.neighbour('other');
    const rivals = await cell.worker('F');
    const elsewhere: () => Promise<string> = cell.random.chance(0.5)
      ? () => cell.move('a', 'other')
      : () => cell.update('a', 'd50');
    let taken: { code: string; fates?: string } = { code: '' };
    let fate = '';
    return {
      parties: [
        [
          async () => (taken = await cell.run(expire, { ...cell.lane(), ids: ['a'] })),
          async () => (fate = taken.code === 'OK' && taken.fates === 'E' ? await elsewhere() : ''),
        ],
        [() => cell.finish(worker, job)],
        rival(cell, rivals),
      ],
      async judge() {
        await cell.drainAll();
        const isMoved = fate === 'M';
        expect(await other.state('a')).toBe(isMoved ? 'waiting' : '');
        expect(await cell.state('a')).toBe(isMoved ? '' : 'completed');
        expect(cell.completed).toHaveLength(isMoved && !cell.done.some((line) => line.includes('counted')) ? 0 : 1);
      },
    };
  },
};

/** X6: a failed job is retried by two people at once, while it runs and ends again. */
export const retriedTwice: Race = {
  async prepare(cell) {
    const { worker, job } = await running(cell);
    await cell.finish(worker, job, 'f5\t0\tgreet\tno');
    const fates: string[] = [];
    const retry: Step = async () => fates.push(await cell.retry('a'));
    return {
      parties: [[retry], [retry], rival(cell, worker)],
      async judge() {
        await cell.drainAll();
        const again = fates.filter((fate) => fate === 'R').length;
        expect(again).toBeGreaterThan(0);
        expect(cell.completed).toHaveLength(again);
        expect(cell.leases).toHaveLength(1 + again);
      },
    };
  },
};

/** X7: a running job is cancelled and removed, and its worker goes on. */
export const removed: Race = {
  async prepare(cell) {
    const { worker, job } = await running(cell);
    const write: Step = () =>
      cell.run(note, { epoch: 'E', id: 'a', token: job.token, kind: 'p', name: '', value: '1' });
    let fate = '';
    return {
      parties: [
        [() => cell.remove('a'), () => cell.cancel('a'), async () => (fate = await cell.remove('a'))],
        [write, () => cell.finish(worker, job), write],
        [() => worker.renew()],
      ],
      async judge() {
        expect(['R', 'N']).toContain(fate);
        expect(await cell.isGone('a')).toBe(true);
        const { j, m, o, e, d, t, 's:a': notes, 'f:cancelled': cancelled } = await cell.dump();
        expect([j, m, o, e, d, t, notes, cancelled].filter((key) => key !== undefined)).toEqual([]);
      },
    };
  },
};
