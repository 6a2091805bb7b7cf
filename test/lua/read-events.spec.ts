import { describe, expect, it } from '@jest/globals';

import { waitFor } from '../support/wait-for.ts';
import { readEvents } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { heardDuring } from './support/listen.js';
import { zip } from './support/lua-worker.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();
const read = (after: string, limit = 100) => queue().run(readEvents, { after, limit });

/** The lines of some entries, in order. */
function lines(entries: readonly string[]): string[] {
  return entries.flatMap((part, i) => (i % 3 === 2 ? part.split('\n') : []));
}

/** The ids of some entries, in order. */
function ids(entries: readonly string[]): string[] {
  return entries.filter((_, i) => i % 3 === 0);
}

/** Has events written from now on, and says behind which entry they come. */
async function listen(): Promise<string> {
  await queue().configure('listening', '60000');
  return (await read('')).last;
}

/** Everything that is written while `action` runs. */
async function events(action: () => Promise<unknown>): Promise<string[]> {
  await queue().configure('listening', '10000000');
  const { last } = await read('');
  await action();
  return lines((await read(last, 1_000)).entries);
}

/** Waits until Redis' clock is past the millisecond of an entry: one that is written in the same could have its id again. */
async function laterThan(entry: string): Promise<void> {
  await waitFor('the next millisecond of Redis', async () => {
    const [seconds, micros] = await queue().redis.time();
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000) > parseInt(entry, 10);
  });
}

describe('read-events', () => {
  it('says where the stream ends, and what came after an entry [core:B11]', async () => {
    expect(await read('')).toEqual({ code: 'OK', last: '0-0', gap: 0, entries: [] });
    await queue().configure('listening', '60000');
    await queue().add('a');
    const { last } = await read('');
    await queue().add('b', 'c');
    const page = await read(last);
    expect(page).toEqual({
      code: 'OK',
      last: page.entries[0],
      gap: 0,
      entries: [expect.any(String), String(START), 'w\tb\tgreet\nw\tc\tgreet'],
    });
    expect(await read(page.last)).toEqual({ code: 'OK', last: page.last, gap: 0, entries: [] });
  });

  it('reads a part at a time', async () => {
    const start = await listen();
    for (const id of ['a', 'b', 'c']) await queue().add(id);
    const first = await read(start, 2);
    expect(lines(first.entries)).toEqual(['w\ta\tgreet', 'w\tb\tgreet']);
    expect(lines((await read(first.last, 2)).entries)).toEqual(['w\tc\tgreet']);
  });

  it('says that an entry was missed, and only then: the one that was read last may be trimmed [core:B11, case:X20]', async () => {
    const start = await listen();
    for (const id of ['a', 'b', 'c', 'd']) await queue().add(id);
    const [a = '', b = '', c = '', d = ''] = ids((await read(start)).entries);
    const gaps = async () => Promise.all([start, a, b, c, d].map(async (after) => (await read(after)).gap));
    expect(await gaps()).toEqual([0, 0, 0, 0, 0]);
    await queue().redis.xtrim(queue().key('ev'), 'MINID', b);
    expect(await gaps()).toEqual([1, 0, 0, 0, 0]);
    await queue().redis.xtrim(queue().key('ev'), 'MINID', c);
    expect(await gaps()).toEqual([1, 1, 0, 0, 0]);
    await queue().redis.xtrim(queue().key('ev'), 'MINID', d);
    expect(await gaps()).toEqual([1, 1, 1, 0, 0]);
  });

  it('says so to one who reads from the beginning, whose first entries are gone [core:B11]', async () => {
    await queue().configure('listening', '60000');
    await queue().add('a');
    expect(await read('0-0')).toMatchObject({ gap: 0 });
    await queue().redis.xtrim(queue().key('ev'), 'MAXLEN', 1);
    expect(await read('0-0')).toMatchObject({ gap: 1 });
  });

  it('says so where the data of Redis went back behind what was read, or is gone [core:B11]', async () => {
    const start = await listen();
    await queue().add('a');
    const before = await queue().redis.dumpBuffer(queue().key('ev'));
    await queue().add('lost');
    const { last } = await read(start);
    await queue().redis.restore(queue().key('ev'), 0, before, 'REPLACE');
    await laterThan(last);
    await queue().add('b');
    expect(await read(last)).toMatchObject({ gap: 1, entries: [expect.any(String), String(START), 'w\tb\tgreet'] });
    const { last: end } = await read('');
    await queue().redis.del(queue().key('ev'));
    await laterThan(end);
    await queue().add('c');
    expect(await read(end)).toMatchObject({ gap: 1, entries: [expect.any(String), String(START), 'w\tc\tgreet'] });
  });

  it('has an entry where events began to be written: before it, some were not [core:B11]', async () => {
    const start = await listen();
    await queue().configure('listening', '60000');
    await queue().add('a');
    queue().pass(60_000);
    await queue().housekeep();
    await queue().add('unheard');
    const { last } = await read('');
    const nudges = await heardDuring(queue(), [queue().key('n')], 1, () => queue().configure('listening', '60000'));
    expect(nudges).toHaveLength(1);
    expect(lines((await read(start)).entries)).toEqual(['w\ta\tgreet', 'g\t\t']);
    expect(await read(last)).toMatchObject({ gap: 0, entries: [expect.any(String), String(queue().now), 'g\t\t'] });
  });
});

describe('the events of a queue', () => {
  it('are one line a change: letter, id and the name where it is known [core:B11, case:I13]', async () => {
    const found = await events(async () => {
      await queue().add('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', ['late', 'd10', { name: 'x' }]);
      const worker = await queue().worker('E');
      const codes = [
        '5',
        'r1\t5\tgreet\t',
        'z1\t5\t\t',
        'f1\t\t\t',
        't1\t\t\t',
        'b1\t\t\t',
        'x1\t\t\t',
        'n1\t0\tgreet\t',
        'g0\t0\t\t',
      ];
      const jobs = await worker.lease(9);
      await worker.exchange({ ends: zip(jobs, codes) });
      queue().pass(10);
      await queue().housekeep();
    });
    const letters = 'abcdefghi'.split('');
    expect(found.slice(0, 10)).toEqual([...letters.map((id) => `w\t${id}\tgreet`), 'd\tlate\tx']);
    expect(found.slice(10, 19)).toEqual(letters.map((id) => `a\t${id}\tgreet`));
    expect(found.slice(19, 28).sort()).toEqual(
      ['c\ta\t', 'r\tb\tgreet', 'd\tc\t', 'f\td\t', 't\te\t', 'b\tf\t', 'x\tg\t', 'n\th\tgreet', 'w\ti\t'].sort(),
    );
    expect(found.slice(28).sort()).toEqual(['w\tb\t', 'w\tc\t', 'w\tlate\t']);
  });

  it('tell of jobs that were reclaimed, failed by stalls, expired, cancelled, retried, claimed and given back', async () => {
    const found = await events(async () => {
      await queue().add(['old', '', { fields: 'x5' }], ['kill', '', { fields: 's1' }], 'lost', 'off', 'back');
      queue().pass(5);
      const worker = await queue().worker('E');
      const [kill] = await worker.lease(2);
      await worker.start(kill);
      const other = await queue().worker('F');
      await other.lease(2);
      await queue().raw('reconcile', 'F', 2, '0', '1', 'off');
      await queue().cancel('off');
      await queue().retry('off');
      await queue().housekeep();
      for (let i = 0; i < 6; i++) {
        queue().pass(5_000);
        await queue().housekeep();
      }
    });
    const tail = found.filter((line) => !line.startsWith('w\t') || line.split('\t')[2] === '');
    expect(tail.slice(0, 5).sort()).toEqual([
      'a\tback\tgreet',
      'a\tkill\tgreet',
      'a\tlost\tgreet',
      'a\toff\tgreet',
      'x\told\tgreet',
    ]);
    expect(tail.slice(5, 8)).toEqual(['w\tback\t', 'x\toff\t', 'w\toff\t']);
    expect(tail.slice(8).sort()).toEqual(['f\tkill\t', 's\tlost\t']);
  });

  it('tell of jobs of a later format that were set aside', async () => {
    await queue().add('a');
    await queue().redis.hset(queue().key('j'), 'a', '2 later');
    expect(await events(async () => (await queue().worker('E')).lease(1))).toEqual(['n\ta\t']);
  });

  it('stand in entries of at most 100 lines and 16 KiB [core:B11]', async () => {
    const start = await listen();
    await queue().add(...Array.from({ length: 250 }, (_, i) => `a${i}`));
    await queue().add(...Array.from({ length: 100 }, (_, i) => [`b${i}`, '', { name: 'n'.repeat(256) }] as const));
    const { entries } = await read(start, 1_000);
    const texts = entries.filter((_, i) => i % 3 === 2);
    expect(texts.slice(0, 3).map((text) => text.split('\n').length)).toEqual([100, 100, 50]);
    expect(texts.length).toBe(5);
    for (const text of texts) expect(text.length).toBeLessThanOrEqual(16_384);
    expect(lines(entries)).toHaveLength(350);
  });

  it('hold no empty entry where one line is longer than that', async () => {
    const start = await listen();
    await queue().add(['a', '', { name: 'n'.repeat(17_000) }], ['b', '', { name: 'n'.repeat(17_000) }]);
    const { entries } = await read(start);
    expect(lines(entries).map((line) => line.slice(0, 3))).toEqual(['w\ta', 'w\tb']);
  });

  it('are about a thousand entries, whatever happens [core:B11]', async () => {
    await queue().configure('listening', '60000');
    for (let i = 0; i < 1_300; i++) await queue().raw('add', `lane${i % 7}`, i + 1, 0, `a${i}`, '\tn\t\t\n{}');
    expect(await queue().redis.xlen(queue().key('ev'))).toBeLessThanOrEqual(1_100);
  }, 30_000);

  it('are not written while nobody listens', async () => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne());
    expect((await queue().dump())['ev']).toBeUndefined();
  });

  it('nudge readers, once a call', async () => {
    await queue().configure('listening', '60000');
    const { publish = 0 } = await queue().callsOf(() => queue().add(...Array.from({ length: 250 }, (_, i) => `a${i}`)));
    expect(publish).toBe(1);
  });
});

describeMalformed(queue, 'read-events', [
  ['an id that is none', ['yesterday', 10], /PROTOCOL The id of an entry/],
  ['an id without its second number', ['1800000000000', 10], /PROTOCOL The id of an entry/],
  ['a limit that is no number', ['0-0', 'all'], /PROTOCOL limit/],
  ['a limit above 1,000', ['0-0', 5_000], /PROTOCOL limit/],
]);
