import { describe, expect, it } from '@jest/globals';

import { tally } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();
const DAY = Math.floor(START / 86_400_000);
const MINUTE = Math.floor(START / 60_000);

async function tell(rows: readonly string[], age = 0): Promise<number> {
  const reply = await queue().run(tally, { ...queue().lane(), age, rows });
  if (reply.code !== 'OK') throw new Error(reply.code);
  return reply.now;
}

describe('tally', () => {
  it('counts successes and merges spreads, by name and for all, on the day and in the minute [seed:Q24]', async () => {
    const { changed } = await queue().change(
      async () => {
        await tell(['ship', '3', '3,20,200,0,0,0,1,2', '1,5,0,0,0,1']);
        await tell(['ship', '1', '1,60,0,0,0,0,0,0,0,1', '', 'mail', '2', '', '2,7,2,0,0,0,2']);
      },
      { withStats: true },
    );
    expect(changed).toEqual({
      [`st:${DAY}`]: {
        'ship\tc': '4',
        'mail\tc': '2',
        '\tc': '6',
        'ship\tR': '4,30,1400,0,0,0,1,2,0,1',
        '\tR': '4,30,1400,0,0,0,1,2,0,1',
        'ship\tW': '1,5,0,0,0,1',
        'mail\tW': '2,7,2,0,0,0,2',
        '\tW': expect.stringMatching(/^3,6\.33333333333333\d*,4\.66666666666666\d*,0,0,1,2$/),
      },
      'st:all': { '\tc': '6' },
      sd: { [DAY]: DAY },
      sm: { ship: DAY, mail: DAY },
      mi: { [MINUTE % 1_440]: `${MINUTE},6,0,0,0,0,0,0` },
    });
  });

  it('counts on the day on which it happened, not on that of the call [seed:Q24, case:T12]', async () => {
    queue().now = (DAY + 1) * 86_400_000 + 300;
    await tell(['ship', '1', '', '1,1,0,1'], 400);
    await tell(['ship', '1', '', ''], 0);
    const dump = await queue().dump();
    expect([dump[`st:${DAY}`], dump[`st:${DAY + 1}`]]).toEqual([
      { 'ship\tc': '1', '\tc': '1', 'ship\tW': '1,1,0,1', '\tW': '1,1,0,1' },
      { 'ship\tc': '1', '\tc': '1' },
    ]);
  });

  it('loses no precision where times are long and nearly equal', async () => {
    const week = 604_800_000;
    for (const more of [0, 1, 2]) await tell(['ship', '1', `1,${week + more},0${',0'.repeat(28)},1`, '']);
    const text = ((await queue().dump())[`st:${DAY}`] as Record<string, string>)['\tR'] ?? '';
    const [count = 0, mean = 0, squares = 0, ...buckets] = text.split(',').map(Number);
    expect([count, mean, buckets.at(-1)]).toEqual([3, week + 1, 3]);
    expect(squares).toBeCloseTo(2, 6);
  });

  it('counts names past a thousand together', async () => {
    for (let n = 0; n < 1_000; n += 100) {
      await tell(Array.from({ length: 100 }, (_, i) => [`n${n + i}`, '1', '', '']).flat());
    }
    await tell(['more', '1', '1,1,0,1', '', 'other', '2', '1,1,0,1', '', 'n5', '1', '', '']);
    const day = (await queue().dump())[`st:${DAY}`] as Record<string, string>;
    expect([day['*\tc'], day['*\tR'], day['n5\tc'], day['more\tc']]).toEqual(['3', '2,1,0,2', '2', undefined]);
  });

  it('tells the time, and changes nothing without rows', async () => {
    queue().pass(5);
    const { reply, changed } = await queue().change(() => tell([]), { withStats: true, withLanes: true });
    expect([reply, changed]).toEqual([START + 5, {}]);
  });

  it('has one effect when it is sent again [core:A13]', async () => {
    const args = { laneId: 'worker', seq: 2, age: 0, rows: ['ship', '1', '1,1,0,1', ''] };
    await queue().twice(tally, args);
    expect((await queue().dump())['st:all']).toEqual({ '\tc': '1' });
    expect(await queue().run(tally, { ...args, seq: 1 })).toEqual({ code: 'OLD' });
  });

  it('is refused as a whole when memory is full', async () => {
    const { changed } = await queue().change(
      () => queue().withFullMemory(() => expect(tell(['ship', '1', '', ''])).rejects.toThrow(/OOM/)),
      { withStats: true, withLanes: true },
    );
    expect(changed).toEqual({});
  });
});

describe('ends that the core counts itself', () => {
  it.each([
    ['f1\t\tgreet\tno', 'f', 'greet'],
    ['t1\t\t\tno', 't', 'greet'],
    ['b1\t\t\tno', 'b', 'greet'],
    ['x1\t\t\t', 'x', 'greet'],
    ['r1\t9\tship\tno', 'r', 'ship'],
  ])('%j counts as %s of %s, on its day [seed:Q24]', async (code, letter, name) => {
    await queue().add('a');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), code);
    expect((await queue().dump())[`st:${DAY}`]).toEqual({ [`${name}\t${letter}`]: '1', [`\t${letter}`]: '1' });
  });

  it('counts a stall, and the failure that it becomes', async () => {
    await queue().add(['a', '', { fields: 's2' }]);
    for (const epoch of ['E1', 'E2']) {
      const worker = await queue().worker(epoch, 100);
      await worker.start(await worker.leaseOne());
      for (let look = 0; look < 9; look++) {
        queue().pass(30);
        await queue().housekeep();
      }
    }
    expect((await queue().dump())['st:all']).toEqual({ '\ts': '2', '\tf': '1' });
  });

  it('counts jobs that are cancelled or expire while they wait; a retry takes nothing back [seed:Q26]', async () => {
    await queue().add('a', ['b', '', { fields: 'x5' }], 'c');
    await queue().cancel('a');
    queue().pass(5);
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne(), 'f1\t\t\tno');
    await queue().retry('a', 'c');
    expect((await queue().dump())['st:all']).toEqual({ '\tx': '2', '\tf': '1' });
  });
});

describe('statistics past their time', () => {
  it.each([
    ['90 days', '', 90],
    ['as many days as the queue says', '7', 7],
  ])('go after %s, with the names that were not seen since [seed:Q24, seed:A24]', async (_, setting, days) => {
    if (setting !== '') await queue().configure('stats', setting);
    await tell(['old', '1', '', '']);
    queue().pass(86_400_000);
    await tell(['new', '1', '', '']);
    queue().pass((days - 2) * 86_400_000);
    await queue().housekeep();
    expect(Object.keys((await queue().dump())['sd'] ?? {})).toEqual([String(DAY), String(DAY + 1)]);
    queue().pass(86_400_000);
    await queue().housekeep();
    const dump = await queue().dump();
    expect([dump['sd'], dump['sm'], dump[`st:${DAY}`]]).toEqual([{ [DAY + 1]: DAY + 1 }, { new: DAY + 1 }, undefined]);
    expect(dump['st:all']).toEqual({ '\tc': '2' });
  });
});

describeMalformed(queue, 'tally', [
  ...malformedLanes(0, 'ship', '1', '', ''),
  ['an age of more than a day', ['lane', 1, 86_400_001, 'ship', '1', '', ''], /PROTOCOL age/],
  ['half a row', ['lane', 1, 0, 'ship', '1', ''], /PROTOCOL The last row/],
  ['no name', ['lane', 1, 0, '', '1', '', ''], /PROTOCOL The name/],
  ['a count that is none', ['lane', 1, 0, 'ship', 'x', '', ''], /PROTOCOL completed/],
  ['a spread that is none', ['lane', 1, 0, 'ship', '1', '1,x,2', ''], /PROTOCOL A spread/],
  ['a spread of nothing', ['lane', 1, 0, 'ship', '1', '0,1,2', ''], /PROTOCOL A spread/],
  ['a spread with too many buckets', ['lane', 1, 0, 'ship', '1', `1,1,1${',0'.repeat(30)}`, ''], /PROTOCOL A spread/],
  [
    'more than 100 names',
    ['lane', 1, 0, ...Array.from({ length: 101 }, (_, i) => [`n${i}`, '1', '', '']).flat()],
    /PROTOCOL More than 100 names/,
  ],
]);
