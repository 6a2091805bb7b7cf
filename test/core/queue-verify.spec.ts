import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Connection, Queue } from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';

describe('verify and repair of a queue', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let connection: Connection;

  beforeEach(async () => {
    harness = new Harness();
    connection = await harness.connection;
    queue = await harness.queue();
  });

  afterEach(async () => {
    await harness.close();
  });

  function key(suffix: string): string {
    return `${harness.prefix}:{mail}:${suffix}`;
  }

  it('find nothing in a queue that nobody used, and tell how far they have looked', async () => {
    const report = await queue.verify();
    expect(report).toEqual({ isClean: true, findings: [], looked: expect.any(Number), unchecked: [] });
    await queue.addMany(Array.from({ length: 3_000 }, (_, i) => ({ name: 'any', data: i })));
    const told: number[] = [];
    const { isClean, looked } = await queue.verify({ onProgress: (n) => told.push(n) });
    expect([isClean, told.at(-1)]).toEqual([true, looked]);
    expect(looked).toBeGreaterThan(6_000);
    expect(told.length).toBeGreaterThan(10);
  });

  it('tell each finding as an object: what it is of, what is wrong, what repair does and did [case:R16]', async () => {
    const { id } = await queue.add('any', 1);
    await connection.client.del(key('r'));
    const finding = {
      kind: 'homeless',
      key: 'r',
      member: id,
      job: id,
      problem: 'it is in no collection: no worker would ever come to it',
      repair: 'it waits for a worker, at the back; or for the jobs that it depends on',
    };
    expect(await queue.verify()).toMatchObject({ isClean: false, findings: [finding] });
    expect(await queue.repair()).toMatchObject({ isClean: true, findings: [{ ...finding, outcome: 'mended' }] });
    expect(await queue.verify()).toMatchObject({ isClean: true, findings: [] });
    await harness.worker({ handler: ({ data }) => data });
    expect(await queue.result(id)).toBe(1);
  });

  it('take no job for lost that was given back, or added, while the lists were read', async () => {
    await queue.addMany(Array.from({ length: 2_500 }, (_, i) => ({ name: 'any', data: i })));
    let isOver = false;
    const churn = (async () => {
      while (!isOver) {
        const { id } = await queue.add('any', 0);
        await queue.prioritize(id, 5);
        await queue.prioritize(id, 0);
        await queue.cancel((await queue.add('any', 0)).id);
      }
    })();
    for (let round = 0; round < 5; round++) expect((await queue.verify()).findings).toEqual([]);
    isOver = true;
    await churn;
  });

  it('find nothing while producers and workers are busy, and repair loses and doubles nothing [case:O12]', async () => {
    const runs = new Map<number, number>();
    const handler = async ({ data, attempt }: { data: unknown; attempt: number }): Promise<void> => {
      const n = data as number;
      if (n % 7 === 0 && attempt === 1) throw new Error('first');
      runs.set(n, (runs.get(n) ?? 0) + 1);
    };
    for (let i = 0; i < 3; i++) await harness.worker({ handler, concurrency: 20, connection: await harness.connect() });
    const total = 6_000;
    let added = 0;
    const produce = (async () => {
      while (added < total) {
        const part = Array.from({ length: 40 }, () => {
          const n = added++;
          const extra = [
            {},
            { delayMs: 5 },
            { priority: 5 },
            { tags: ['red'] },
            { group: `g${n % 3}` },
            { unique: { key: `${n}` } },
          ];
          return {
            name: 'any',
            data: n,
            options: { backoff: { type: 'fixed', delayMs: 5 }, ...extra[n % extra.length] },
          };
        });
        await queue.addMany(part as Parameters<typeof queue.addMany>[0]);
      }
    })();
    const found: unknown[] = [];
    let rounds = 0;
    while (runs.size < total && rounds < 200) {
      const { findings } = rounds % 2 === 0 ? await queue.verify() : await queue.repair();
      found.push(...findings);
      rounds += 1;
    }
    await produce;
    await waitFor('all to have run', () => runs.size === total, { timeoutMs: 30_000 });
    expect([found, [...runs.values()].every((n) => n === 1)]).toEqual([[], true]);
    expect(rounds).toBeGreaterThan(2);
    expect(await queue.verify()).toMatchObject({ isClean: true, findings: [], unchecked: [] });
  }, 120_000);

  it('mend the meta and keys of another type, which stay beside the queue [case:R16]', async () => {
    const { id } = await queue.add('any', 1, { priority: 5 });
    await connection.client.del(key('q'), key('d'));
    await connection.client.set(key('q'), 'foreign');
    await connection.client.set(key('d'), 'foreign');
    const anew = await harness.queue();
    expect((await anew.verify()).findings.map(({ kind, key: name }) => `${kind} ${name}`)).toEqual([
      'wrong-type d',
      'wrong-type q',
    ]);
    expect(await anew.repair()).toMatchObject({ isClean: true });
    expect(await connection.client.get(`${harness.prefix}:{mail}!q`)).toBe('foreign');
    await connection.client.del(`${harness.prefix}:{mail}!q`, `${harness.prefix}:{mail}!d`);
    await harness.worker({ handler: ({ data }) => data });
    expect(await anew.result(id)).toBe(1);
  });

  it('count a long list anew where it does not move, and say that they could not where it does', async () => {
    await queue.addMany(Array.from({ length: 2_500 }, (_, i) => ({ name: 'any', data: i })));
    await connection.client.hset(key('q'), 'ghosts', 7);
    expect((await queue.verify()).findings).toMatchObject([
      { kind: 'miscounted', problem: 'ghosts is said to be 7, and is 0' },
    ]);
    expect(await queue.repair()).toMatchObject({ isClean: true });
    expect((await queue.counts()).waiting).toBe(2_500);
  });

  it('say that they could not recount what queues of a slot use together, and find where it is less than what this one uses [case:R16]', async () => {
    const shared = await harness.queue('letters', { slot: 'shop' });
    expect(await shared.verify()).toMatchObject({ isClean: true, unchecked: [] });
    let release = (): void => {};
    const handler = (): Promise<void> => new Promise((resolve) => (release = resolve));
    await harness.worker({ queues: [{ name: 'letters', slot: 'shop' }], handler });
    await shared.resources.set('gpu', 2);
    const { id } = await shared.add('any', 1, { uses: { gpu: 1 } });
    await waitFor('it to run', async () => (await shared.get(id))?.state === 'active');
    const unchecked = ['how much is used of resources: queues of the slot share them'];
    const used = `${harness.prefix}:{shop}:ru`;
    for (const said of ['5', '1']) {
      await connection.client.hset(used, 'gpu', said);
      expect(await shared.verify()).toMatchObject({ isClean: true, unchecked });
    }
    for (const said of ['0', 'garbage']) {
      await connection.client.hset(used, 'gpu', said);
      expect((await shared.verify()).findings).toMatchObject([{ kind: 'miscounted', key: '^ru', member: 'gpu' }]);
      expect(await shared.repair()).toMatchObject({ isClean: true, unchecked });
      expect(await connection.client.hget(used, 'gpu')).toBe('1');
    }
    release();
    await shared.result(id);
  });

  it('refuse options that they do not have', async () => {
    await expect(queue.verify({ onProgres: () => {} } as object)).rejects.toThrow(/onProgress/);
    await expect(queue.repair({ onProgress: 5 } as object)).rejects.toThrow(/onProgress/);
  });
});
