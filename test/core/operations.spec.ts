import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  listQueues,
  type ActiveJob,
  type AnyJobs,
  type Connection,
  type Queue,
  type VirtualClock,
} from '@millrace/core';
import type { Redis } from 'ioredis';
import { KeyCopy } from '../support/key-copy.ts';
import { waitFor } from '../support/wait-for.ts';
import { Gate } from '../worker/support/gate.ts';
import { Harness } from './support/harness.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What is done to the Redis of a queue from time to time, over hours and days. */
describe('a queue', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let connection: Connection;
  let queue: Queue<AnyJobs>;
  let ran: string[];

  beforeEach(async () => {
    harness = new Harness();
    ({ clock, connection, queue } = await harness.timed());
    ran = [];
  });

  afterEach(() => harness.close());

  const add = (id: string, options: object = {}): Promise<unknown> => queue.add('any', id, { id, ...options });
  const note = ({ id }: ActiveJob): void => void ran.push(id);

  it('of which a backup of an hour ago is restored goes on from there: what ran then runs again, no lease, time or key stays behind [case:O10]', async () => {
    const gate = new Gate();
    const handler = async (job: ActiveJob): Promise<void> => {
      note(job);
      if (job.id === 'long') await gate.opened;
    };
    const before = await harness.worker({ connection, handler });
    await add('long');
    await waitFor('it to run', () => ran.length === 1);
    await add('later', { delayMs: HOUR / 2 });
    await add('sole', { delayMs: 2 * HOUR, unique: { key: 'k' } });
    await queue.schedule('often', { everyMs: 10 * MINUTE, missed: 'last' }, { name: 'tick' });
    const backup = await KeyCopy.of(connection.client as Redis, harness.prefix);
    gate.open();
    await clock.advance(HOUR + MINUTE);
    await before.stop();
    expect(await queue.counts()).toMatchObject({ active: 0, waiting: 0, delayed: 1, completed: 8 });

    await backup.restore();
    expect(await queue.counts()).toMatchObject({ active: 1, delayed: 2, completed: 0 });
    ran.length = 0;
    const own = await harness.connect({ clock });
    await harness.worker({ connection: own, handler: note });
    expect(await queue.add('any', 1, { unique: { key: 'k' }, onConflict: 'keep' })).toMatchObject({ id: 'sole' });
    for (let n = 0; n < 5; n++) await clock.advance(MINUTE);
    const tick = (minutes: number): string => `often@${clock.now() - 6 * MINUTE - HOUR + minutes * MINUTE}`;
    expect([...ran].sort()).toEqual(['later', 'long', tick(60)].sort());
    expect((await queue.workers()).length).toBe(1);
    await clock.advance(HOUR);
    expect(ran.filter((id) => id.startsWith('often@'))).toHaveLength(7);
    expect(ran).toContain('sole');
    expect(await queue.add('any', 1, { unique: { key: 'k' } })).toMatchObject({ outcome: 'added' });
    expect((await queue.verify()).findings).toEqual([]);
  });

  it('that is paused for a day, over a deployment, keeps its order; what fell due meanwhile runs once [case:O13]', async () => {
    const before = await harness.worker({ connection, handler: note, concurrency: 1 });
    await queue.schedule('hourly', { everyMs: HOUR, missed: 'last' }, { name: 'tick' });
    await queue.pause();
    for (const id of ['a', 'b', 'c']) await add(id);
    await add('later', { delayMs: 3 * HOUR });
    await add('soon', { delayMs: HOUR });
    await add('first', { priority: 'high' });
    await clock.advance(12.5 * HOUR);
    await before.stop();
    const deployed = await harness.connect({ clock });
    await harness.worker({ connection: deployed, handler: note, concurrency: 1 });
    await clock.advance(12 * HOUR);
    expect(ran).toEqual([]);
    await (await harness.queue('mail', { connection: deployed })).resume();
    await clock.advance(MINUTE);
    expect(ran.filter((id) => !id.startsWith('hourly@'))).toEqual(['first', 'a', 'b', 'c', 'soon', 'later']);
    expect(new Set(ran).size).toBe(ran.length);
    expect(ran.filter((id) => id.startsWith('hourly@'))).toHaveLength(24);
    expect(await queue.counts()).toMatchObject({ waiting: 0, delayed: 0, active: 0 });
  });

  it('shares its Redis with others, whose keys nothing touches: another prefix, another application [case:O11]', async () => {
    const { client } = connection;
    const twin = new Harness();
    const other = await twin.queue('mail', { connection: await twin.connect({ clock }) });
    await other.add('any', 1, { id: 'a', group: 'g', tags: ['t'], unique: { key: 'k' } });
    await other.schedule('s', { everyMs: HOUR }, { name: 'tick' });
    const prefixes = ['bull:mail', `${harness.prefix}s`, `x${harness.prefix}`, harness.prefix.slice(0, -1)];
    for (const prefix of prefixes) {
      await client.rpush(`${prefix}:wait`, 'a', 'b');
      await client.hset(`${prefix}:{mail}:j`, 'a', '1');
    }
    await client.set(harness.prefix, 'a key that is called as the prefix');
    const foreign = [twin.prefix, ...prefixes.map((prefix) => `${prefix}:`)];
    const copies = async (): Promise<unknown> =>
      Promise.all(
        foreign.map(async (prefix) => [prefix, (await KeyCopy.of(connection.client as Redis, prefix)).texts]),
      );
    const before = await copies();

    await harness.worker({ connection, handler: note });
    for (const id of ['a', 'b', 'c']) await add(id, { group: 'g', tags: ['t'], unique: { key: id } });
    await add('d', { delayMs: HOUR });
    await queue.schedule('s', { everyMs: HOUR }, { name: 'tick' });
    await clock.advance(2 * HOUR);
    expect((await listQueues(connection)).map(({ name }) => name)).toEqual(['mail']);
    await add('e', { delayMs: HOUR });
    await queue.verify();
    await queue.repair();
    await queue.drain({ delayed: true });
    await queue.remove({ state: 'completed' });
    await queue.delete({ force: true });
    expect(await copies()).toEqual(before);
    expect(await client.get(harness.prefix)).toBe('a key that is called as the prefix');
    await twin.worker({ connection: await twin.connect({ clock }), handler: ({ id }) => `ran ${id}` });
    expect(await other.result('a')).toBe('ran a');
    await twin.close();
    await client.del(harness.prefix, ...prefixes.flatMap((prefix) => [`${prefix}:wait`, `${prefix}:{mail}:j`]));
  });
});
