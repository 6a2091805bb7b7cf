import { describe, expect, it } from '@jest/globals';

import { wait } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { heardDuring } from './support/listen.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';
import { outcome } from './support/records.js';

const queue = luaQueue();
const ask = (id: string, channel = 'mine', forMs = 60_000) => queue().run(wait, { id, channel, forMs });

/** What is published on some channels while `action` runs, in an order of its own. */
const published = async (
  channels: readonly string[],
  action: () => Promise<unknown>,
  count: number,
): Promise<string[]> => (await heardDuring(queue(), channels, count, action)).sort();

describe('wait', () => {
  it('gives the outcome of a job that has ended [core:A19]', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'c5\t\t\t42');
    const { reply, changed } = await queue().change(() => ask('a'));
    expect([reply, changed]).toEqual([{ code: 'ENDED', outcome: outcome('c', START, 1, 5, '42') }, {}]);
  });

  it('says at once that there is no such job [core:A19]', async () => {
    const { reply, changed } = await queue().change(() => ask('none'));
    expect([reply, changed]).toEqual([{ code: 'NOT_FOUND' }, {}]);
  });

  it('remembers the channel until its time is over, for each who asks [core:A19]', async () => {
    await queue().add('a');
    await ask('a', 'one', 5_000);
    await ask('a', 'two', 1_000);
    expect((await queue().dump())['aw']).toEqual({ a: `${START + 5_000}\tone two` });
    queue().pass(100);
    const { reply, changed } = await queue().change(() => ask('a', 'one', 9_000));
    expect(reply).toEqual({ code: 'WAIT' });
    expect(changed).toEqual({ aw: { a: `${START + 9_100}\tone two` } });
    expect((await queue().dump())['q']).toMatchObject({ bits: 'a' });
  });

  it('changes nothing the second time [core:A13]', async () => {
    await queue().add('a');
    await ask('a');
    const { reply, changed } = await queue().change(() => ask('a'));
    expect([reply, changed]).toEqual([{ code: 'WAIT' }, {}]);
  });

  it.each([
    ['c5\t\t\t{"ok":true}', 'c', '{"ok":true}'],
    ['5', 'c', ''],
    ['f5\t\t\tno', 'f', 'no'],
    ['t5\t\t\tlate', 't', 'late'],
    ['b5\t\t\tbad', 'b', 'bad'],
    ['x5\t\t\twhy', 'x', 'why'],
  ])(
    'tells everybody in the moment in which the job ends, and forgets them: %j [core:A19]',
    async (code, letter, text) => {
      await queue().add('a', 'b');
      const worker = await queue().worker('E');
      const [a] = await worker.lease(2);
      await ask('a', 'one');
      await ask('a', 'two');
      const heard = await published(['one', 'two'], () => worker.end(a, code), 2);
      const told = `a\t${outcome(letter, START, 1, 5, text)}`;
      expect(heard).toEqual([`one: ${told}`, `two: ${told}`]);
      expect((await queue().dump())['aw']).toBeUndefined();
    },
  );

  it('is not told of an attempt after which the job goes on', async () => {
    await queue().add('a');
    await ask('a');
    const worker = await queue().worker('E');
    const { publish = 0 } = await queue().callsOf(async () => worker.end(await worker.leaseOne(), 'r1\t5\t\tno'));
    expect(publish).toBe(0);
    expect((await queue().dump())['aw']).toEqual({ a: expect.any(String) });
  });

  it.each([
    ['the queue keeps none', ['keep:completed', '0,'], ''],
    ['the job wants to be forgotten', [], 'k0:'],
    ['the job wants to be forgotten soon', [], 'k5:'],
  ])('keeps an awaited outcome for a minute where %s [core:A19]', async (_, config, fields) => {
    await queue().configure(...config);
    await queue().add(['a', '', { fields }], ['b', '', { fields }]);
    await ask('a');
    const worker = await queue().worker('E');
    const [a, b] = await worker.lease(2);
    await worker.exchange({
      ends: [
        [a, 'c1\t\t\t42'],
        [b, 'c1\t\t\t43'],
      ],
    });
    queue().pass(59_999);
    await queue().housekeep();
    expect(await ask('a')).toMatchObject({ code: 'ENDED' });
    expect(await ask('b')).toMatchObject({ code: 'NOT_FOUND' });
    queue().pass(1);
    await queue().housekeep();
    expect(await ask('a')).toMatchObject({ code: 'NOT_FOUND' });
    expect((await queue().dump())['j']).toBeUndefined();
  });

  it('keeps it as long as the job itself wants, where that is longer', async () => {
    await queue().add(['a', '', { fields: 'k90000:' }]);
    await ask('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne());
    expect((await queue().dump())['y:completed']).toEqual({ a: START + 90_000 });
  });

  it('is told when a job expires, and when it stalls too often [core:A19]', async () => {
    await queue().add(['late', '', { fields: 'x5' }], ['killer', '', { fields: 's1' }]);
    await ask('late', 'one');
    await ask('killer', 'two');
    queue().pass(5);
    const heard = await published(
      ['one', 'two'],
      async () => {
        const worker = await queue().worker('E');
        const [killer] = await worker.lease(2);
        await worker.start(killer);
        await queue().housekeep();
        for (let i = 0; i < 6; i++) {
          queue().pass(5_000);
          await queue().housekeep();
        }
      },
      2,
    );
    expect(heard).toEqual([
      expect.stringMatching(/^one: late\tx.*expired/s),
      expect.stringMatching(/^two: killer\tf.*stalled/s),
    ]);
  });

  it('switches no feature on that a running worker does not know [core:A22]', async () => {
    await queue().add('a');
    await queue().raw('open', 'old', 0, 30_000, 'x');
    const before = await queue().dump();
    await expect(ask('a')).rejects.toThrow(/^UPGRADE_REQUIRED/);
    expect(await queue().dump()).toEqual(before);
  });
});

describeMalformed(
  queue,
  'wait',
  [
    ['an empty channel', ['a', '', 1_000], /PROTOCOL The channel/],
    ['a channel with a blank', ['a', 'two words', 1_000], /PROTOCOL The channel/],
    ['a channel with a line break', ['a', 'two\nlines', 1_000], /PROTOCOL The channel/],
    ['a time that is no number', ['a', 'mine', 'long'], /PROTOCOL for_ms/],
    ['a time of 0', ['a', 'mine', 0], /PROTOCOL for_ms/],
  ],
  (prepared) => prepared.add('a'),
);
