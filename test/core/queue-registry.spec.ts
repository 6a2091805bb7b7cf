import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActiveJob, type AnyJobs, listQueues, type Queue, QueueMismatchError } from '@millrace/core';
import { Harness } from './support/harness.ts';

describe('the registry of queues', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  const keyspace = async (): Promise<unknown> => (await harness.connection).client.call('DEBUG', 'DIGEST');

  const calls: [string, (queue: Queue<AnyJobs>) => Promise<unknown>][] = [
    ['add', (queue) => queue.add('first', 1)],
    ['addMany', (queue) => queue.addMany([{ name: 'first', data: 1 }])],
    ['cancel', (queue) => queue.cancel('x')],
    ['pause', (queue) => queue.pause()],
    ['config.set', (queue) => queue.config.set({ leaseMs: 20_000 })],
    ['result', (queue) => queue.result('x')],
    ['events', (queue) => queue.events()[Symbol.asyncIterator]().next()],
    ['counts', (queue) => queue.counts()],
  ];

  it.each(calls)('refuses %s by a queue of another slot, before anything is written [core:A21]', async (_, call) => {
    await (await harness.queue('mail', { slot: 'shop' })).add('first', 1);
    const before = await keyspace();
    const error = await call(await harness.queue('mail')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(QueueMismatchError);
    expect(error).toMatchObject({ code: 'QUEUE_MISMATCH', property: 'slot', registered: 'shop', declared: '' });
    expect(await keyspace()).toBe(before);
  });

  it('refuses a slot that came later, too [core:A21]', async () => {
    await (await harness.queue('mail')).add('first', 1);
    const before = await keyspace();
    const later = await harness.queue('mail', { slot: 'shop' });
    await expect(later.add('first', 1)).rejects.toMatchObject({ registered: '', declared: 'shop' });
    expect(await keyspace()).toBe(before);
  });

  it('refuses a worker of another slot at its start [core:A21]', async () => {
    const queue = await harness.queue('mail', { slot: 'shop' });
    await queue.add('first', 1);
    const before = await keyspace();
    await expect(harness.worker({ handler: () => 1 })).rejects.toBeInstanceOf(QueueMismatchError);
    expect(await keyspace()).toBe(before);
    await harness.worker({ queues: [{ name: 'mail', slot: 'shop' }], handler: () => 'done' });
    expect(await queue.result((await queue.add('first', 1)).id)).toBe('done');
  });

  it('keeps queues of one slot, and of names that look alike, apart [core:A21] [seed:R13] [case:A14]', async () => {
    const names: [string, string | undefined][] = [
      ['a', 'a'],
      ['aa', 'a'],
      ['1:a', 'a'],
      ['a:1', undefined],
      ['a1', undefined],
      ['A', undefined],
      ['__proto__', undefined],
      ['constructor', 'a'],
      ['a b', undefined],
      ['*', undefined],
      ['é', undefined],
      ['x'.repeat(256), 'y'.repeat(256)],
    ];
    const queues = await Promise.all(
      names.map(([name, slot]) => harness.queue(name, slot === undefined ? {} : { slot })),
    );
    for (const [n, queue] of queues.entries())
      await queue.addMany(Array.from({ length: n + 1 }, () => ({ name: 'j', data: n })));
    const counts = await Promise.all(queues.map((queue) => queue.counts()));
    expect(counts.map(({ waiting }) => waiting)).toEqual(names.map((_, n) => n + 1));
  });

  it('keeps applications of different prefixes apart, in one Redis and by the same names of queues [seed:R13]', async () => {
    const other = await harness.connect({ prefix: `${harness.prefix}-other` });
    const [mine, theirs] = [await harness.queue('mail'), await harness.queue('mail', { connection: other })];
    await mine.add('first', 'mine', { id: 'x' });
    await theirs.add('first', 'theirs', { id: 'x' });
    await harness.worker({ connection: other, handler: ({ data }) => data });
    expect(await theirs.result('x')).toBe('theirs');
    expect(await mine.get('x')).toMatchObject({ data: 'mine', state: 'waiting' });
    await theirs.delete({ force: true });
    expect((await listQueues(await harness.connection)).map(({ name }) => name)).toEqual(['mail']);
    expect(await listQueues(other)).toEqual([]);
  });

  it('keeps the keys of one queue from being those of another [core:A21] [case:A14]', async () => {
    // What job "j" of "x" notes lies in a key that ends in x:s:j, the jobs of "x:s" in one that ends in x:s:j too.
    const slot = 'shop';
    const [first, second] = [await harness.queue('x', { slot }), await harness.queue('x:s', { slot })];
    await second.add('first', 'second', { id: 'j' });
    await first.add('first', 'first', { id: 'j' });
    const handler = async (job: ActiveJob): Promise<unknown> => {
      await job.progress(1);
      return job.data;
    };
    await harness.worker({ queues: [{ name: 'x', slot }], handler });
    expect(await first.result('j')).toBe('first');
    expect(await second.get('j')).toMatchObject({ data: 'second', state: 'waiting', progressValue: undefined });
    expect((await first.get('j'))?.progressValue).toBe(1);
  });

  it('refuses records of another format, and forgets its refusal when they have gone [core:A21] [core:A22]', async () => {
    const { client } = await harness.connection;
    await client.hset(`${harness.prefix}:queues`, 'mail', '2\t');
    const queue = await harness.queue('mail');
    const registry = (await client.keys(`${harness.prefix}*`)).toSorted();
    await expect(queue.add('first', 1)).rejects.toMatchObject({
      code: 'QUEUE_MISMATCH',
      property: 'format',
      registered: '2',
    });
    expect((await client.keys(`${harness.prefix}*`)).toSorted()).toEqual(registry);
    await client.del(...registry);
    await expect(queue.add('first', 1)).resolves.toMatchObject({ outcome: 'added' });
  });

  it('refuses a queue whose meta tells of a later format [core:A22]', async () => {
    const { client } = await harness.connection;
    await client.hset(`${harness.prefix}:{mail}:q`, 'format', '2', 'virtual', '0');
    const queue = await harness.queue('mail');
    await expect(queue.add('first', 1)).rejects.toMatchObject({ code: 'UPGRADE_REQUIRED' });
    await expect(harness.worker({ handler: () => 1 })).rejects.toMatchObject({ code: 'UPGRADE_REQUIRED' });
    expect(await client.keys(`${harness.prefix}:{mail}:*`)).toEqual([`${harness.prefix}:{mail}:q`]);
  });

  it('is asked once by a queue object, and by calls that come together', async () => {
    const queue = await harness.queue('mail');
    const { client } = await harness.connection;
    await client.config('RESETSTAT');
    await Promise.all([queue.counts(), queue.add('first', 1), queue.list('waiting')]);
    await queue.counts();
    expect(await client.info('commandstats')).toContain('cmdstat_evalsha:calls=6');
  });
});
