import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Connection, type Queue, UpgradeRequiredError } from '@millrace/core';
import * as scripts from '../../libs/core/dist/redis/scripts.generated.js';
import { waitFor } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';

/** A newer release has been deployed beside this one: what it stored is written by hand here. */
describe('beside a newer release', () => {
  let harness: Harness;
  let connection: Connection;
  let queue: Queue<AnyJobs>;
  let base: string;
  let end: () => void;
  let ending: Promise<void>;

  beforeEach(async () => {
    harness = new Harness();
    connection = await harness.connection;
    queue = await harness.queue();
    base = `${harness.prefix}:{mail}`;
    ending = new Promise<void>((resolve) => (end = resolve));
  });

  afterEach(() => harness.close());

  const setBits = (bits: string): Promise<number> => connection.client.hset(`${base}:q`, 'bits', bits);
  const keyspace = (): Promise<unknown> => connection.client.call('DEBUG', 'DIGEST');

  it('a worker stops taking jobs of a queue with an unknown feature, and those that run still end [core:A22] [case:O3]', async () => {
    const ran: unknown[] = [];
    const handler = async ({ data }: { data: unknown }): Promise<unknown> => {
      ran.push(data);
      if (data === 'runs') await ending;
      return 'done';
    };
    const worker = await harness.worker({ handler, lease: { durationMs: 600 }, concurrency: 2 });
    const { id } = await queue.add('first', 'runs');
    await waitFor('the job to run', () => ran.length === 1);
    await connection.client.rpush(`${base}:r`, 'later');
    await connection.client.hset(`${base}:j`, 'later', '11767225600000\tfirst\t\t\n"later"');
    await setBits('z');
    // Three renewals later the worker has certainly heard of it, and the job of the newer release is untouched.
    const lease = async (): Promise<number> => (await queue.workers())[0]?.leaseUntil.getTime() ?? 0;
    const until = (await lease()) + 600;
    await waitFor('renewals', async () => (await lease()) > until);
    end();
    await waitFor('the end', async () => (await queue.counts()).completed === 1);
    expect(ran).toEqual(['runs']);
    expect(await queue.counts()).toMatchObject({ waiting: 1, active: 0 });
    expect(worker.state).toBe('running');
    expect((await queue.get(id))?.result).toBe('done');
    await setBits('');
    await waitFor('the other job to run', () => ran.includes('later'));
  });

  it('no worker starts on such a queue [core:A22] [case:O3]', async () => {
    await queue.add('first', 1);
    await setBits('z');
    await expect(harness.worker({ handler: () => 1 })).rejects.toBeInstanceOf(UpgradeRequiredError);
    expect(await queue.workers()).toEqual([]);
    expect((await queue.counts()).waiting).toBe(1);
  });

  it.each<[string, (queue: Queue<AnyJobs>) => Promise<unknown>]>([
    ['add', (queue) => queue.add('first', 2)],
    ['add with an id', (queue) => queue.add('first', 2, { id: 'y' })],
    ['addMany', (queue) => queue.addMany([{ name: 'first', data: 2 }])],
    ['cancel', (queue) => queue.cancel('x')],
    ['remove', (queue) => queue.remove('x')],
    ['retry', (queue) => queue.retry('x')],
    ['promote', (queue) => queue.promote('x')],
    ['prioritize', (queue) => queue.prioritize('x', 5)],
    ['config.set', (queue) => queue.config.set({ leaseMs: 20_000 })],
  ])('%s is refused by such a queue, and nothing is written [core:A22]', async (_, call) => {
    await queue.add('first', 1, { id: 'x' });
    await setBits('z');
    const before = await keyspace();
    const error = await call(queue).catch((thrown: unknown) => thrown);
    expect(UpgradeRequiredError.is(error)).toBe(true);
    expect(await keyspace()).toBe(before);
  });

  it.each([
    ['an unknown flag', { envelope: '11767225600000z\tfirst\tz1\t\n"new"' }],
    ['a later format', { envelope: '21767225600000\tfirst\t\t\n"new"' }],
    ['a header of a later format', { envelope: '11767225600000\tfirst\t\t\n"new"', header: '20,0,0,0,,' }],
    ['an unknown flag in its header', { envelope: '11767225600000\tfirst\t\t\n"new"', header: '10,0,0,0,Q,' }],
  ])(
    'a job with %s is set aside, as it is, and the others run [core:A22] [case:O3]',
    async (_, { envelope, header }: { envelope: string; header?: string }) => {
      await queue.counts();
      await connection.client.hset(`${base}:j`, 'newer', envelope);
      if (header !== undefined) await connection.client.hset(`${base}:m`, 'newer', header);
      await connection.client.rpush(`${base}:r`, 'newer');
      const ran: string[] = [];
      await harness.worker({ handler: ({ id }) => void ran.push(id) });
      const own = await queue.addMany(Array.from({ length: 5 }, () => ({ name: 'first', data: 1 })));
      await waitFor('the others to run', async () => (await queue.counts()).completed === 5);
      expect(ran.toSorted()).toEqual(own.map(({ id }) => id).toSorted());
      expect(await queue.counts()).toMatchObject({ waiting: 1, unclaimed: 1, broken: 0, failed: 0 });
      expect(await queue.unclaimed()).toEqual([{ name: '(stored by a newer release)', count: 1 }]);
      expect(await connection.client.hget(`${base}:j`, 'newer')).toBe(envelope);
      expect(await connection.client.hget(`${base}:m`, 'newer')).toBe(header ?? null);
    },
  );

  it.each([
    ['a feature', 'bits', 'z', ''],
    ['a format', 'format', '2', '1'],
  ])(
    'an older release finds a queue that a newer one has given %s closed and leaves it as it is, and works on all others [case:O4]',
    async (_, field, newer, known) => {
      const { id } = await queue.add('first', 1);
      await connection.client.hset(`${base}:q`, field, newer);
      const older = await harness.connect();
      const mail = await harness.queue('mail', { connection: older });
      const before = await keyspace();
      await expect(mail.add('first', 2)).rejects.toBeInstanceOf(UpgradeRequiredError);
      await expect(harness.worker({ connection: older, handler: () => 1 })).rejects.toBeInstanceOf(
        UpgradeRequiredError,
      );
      expect(await keyspace()).toBe(before);
      const other = await harness.queue('other', { connection: older });
      await harness.worker({ connection: older, queues: 'other', handler: () => 'done' });
      expect(await other.result((await other.add('first', 1)).id)).toBe('done');
      // The newer release is back, which knows it.
      await connection.client.hset(`${base}:q`, field, known);
      await harness.worker({ connection: older, handler: () => 'done, too' });
      expect(await mail.result(id)).toBe('done, too');
    },
  );

  it('a feature that a live worker does not know cannot be switched on [core:A22]', async () => {
    await queue.counts();
    const old = { epoch: 'old', version: 0, lease: 60_000, info: '{}' };
    await connection.scripts.run(scripts.open, base, old);
    const before = await keyspace();
    const error = await queue.add('first', 1, { priority: 5 }).catch((thrown: unknown) => thrown);
    expect(UpgradeRequiredError.is(error)).toBe(true);
    expect(await keyspace()).toBe(before);
    await queue.add('first', 1);
    await connection.scripts.run(scripts.close, base, { epoch: 'old' });
    await expect(queue.add('first', 1, { priority: 5 })).resolves.toMatchObject({ priority: 5 });
  });
});
