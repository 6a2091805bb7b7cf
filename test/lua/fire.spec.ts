import { describe, expect, it } from '@jest/globals';

import { fire as command } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { define, fire, firing, record } from './support/lua-schedule.js';
import { describeMalformed } from './support/malformed.js';
import { body, envelope } from './support/records.js';

const queue = luaQueue();
const T = START + 60_000;
const NEXT = T + 60_000;
const JOB = `nightly@${T}`;

/** A schedule whose time has come. */
async function due(): Promise<void> {
  await define(queue());
  queue().pass(60_000);
}

describe('fire', () => {
  it('adds the job of a time under an id made of both, and sets the next time [core:B15]', async () => {
    await due();
    const { reply, changed } = await queue().change(() => fire(queue()));
    expect(reply).toBe(1);
    expect(changed).toEqual({
      j: { [JOB]: envelope(T) },
      r: [JOB],
      ids: { [JOB]: T + 3_600_000 },
      sc: { nightly: record({ count: 1, last: T, job: JOB }) },
      sn: { nightly: NEXT },
      'sh:nightly': [`f\t${T}\t${T}`],
    });
  });

  it('has one effect however often it is sent, by however many workers [core:A13, core:B15, case:I12]', async () => {
    await due();
    expect(await queue().twice(command, firing())).toEqual([{ code: 'OK', fired: 1 }, { code: 'LOST' }]);
    const { reply, changed } = await queue().change(() => fire(queue()));
    expect([reply, changed]).toEqual(['LOST', {}]);
  });

  it('adds no second job of a time even if the schedule has lost that it fired [core:B15]', async () => {
    await due();
    await fire(queue());
    await queue().raw('unschedule', 'u', 1, 'nightly', '');
    await define(queue());
    expect(await fire(queue())).toBe(0);
    expect(await queue().counts()).toMatchObject({ waiting: 1 });
    expect(await queue().redis.lrange(queue().key('sh:nightly'), 0, -1)).toEqual([`k\t${T}\t${T}`]);
  });

  it.each([
    ['by another definition', { hash: 'h2' }],
    ['of another time', { at: T - 1 }],
    ['that is unknown', { id: 'other' }],
  ])('changes nothing for a schedule %s', async (_, said) => {
    await due();
    const { reply, changed } = await queue().change(() => fire(queue(), said));
    expect([reply, changed]).toEqual(['LOST', {}]);
  });

  it('is never early [core:B15]', async () => {
    await define(queue());
    queue().pass(59_999);
    const { reply, changed } = await queue().change(() => fire(queue(), { times: [] }));
    expect([reply, changed]).toEqual(['LOST', {}]);
  });

  it('adds one job for each time that is met, and notes that those before were passed over [seed:Q17]', async () => {
    await due();
    queue().pass(600_000);
    const times = [T + 300_000, T + 360_000];
    expect(await fire(queue(), { times, nextAt: T + 420_000 })).toBe(2);
    const ids = times.map((time) => `nightly@${time}`);
    expect(await queue().ids('waiting')).toEqual(ids);
    expect(await queue().dump()).toMatchObject({
      sc: { nightly: record({ count: 2, last: times[1]!, job: ids[1]! }) },
      sn: { nightly: T + 420_000 },
      'sh:nightly': [`f\t${times[1]}\t${queue().now}`, `f\t${times[0]}\t${queue().now}`, `m\t${T}\t${queue().now}`],
    });
  });

  it('passes all over where none is met', async () => {
    await due();
    expect(await fire(queue(), { times: [] })).toBe(0);
    expect(await queue().dump()).toMatchObject({ sn: { nightly: NEXT }, 'sh:nightly': [`m\t${T}\t${T}`] });
    expect(await queue().counts()).toMatchObject({ waiting: 0 });
  });

  it('adds no job beside one that has not ended, where it shall be alone', async () => {
    await due();
    await fire(queue(), { alone: 1 });
    queue().pass(120_000);
    const times = [NEXT, NEXT + 60_000];
    expect(await fire(queue(), { alone: 1, at: NEXT, times, nextAt: NEXT + 120_000 })).toBe(0);
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    queue().pass(60_000);
    expect(await fire(queue(), { alone: 1, at: NEXT + 120_000 })).toBe(0);
    await worker.end(job);
    queue().pass(120_000);
    const later = [NEXT + 180_000, NEXT + 240_000];
    expect(await fire(queue(), { alone: 1, at: later[0]!, times: later, nextAt: later[1]! + 60_000 })).toBe(1);
    const history = await queue().redis.lrange(queue().key('sh:nightly'), 0, -1);
    expect(history.map((line) => line.charAt(0)).join('')).toBe('ofooof');
  });

  it('is over at its last job, or without a next time', async () => {
    await due();
    await fire(queue(), { left: 1 });
    expect((await queue().dump())['sn']).toBeUndefined();
    await define(queue(), { id: 'other' });
    expect(await fire(queue(), { id: 'other', nextAt: 0 })).toBe(1);
    expect((await queue().dump())['sn']).toBeUndefined();
  });

  it('takes jobs with a priority, with tags, and with a unique key that another job may hold', async () => {
    await due();
    const sketch = { fields: 'p5,u123' };
    const how = 'ck,m1000,p5\nt\tnight\nu\t123\tu\t\tk';
    expect(await fire(queue(), { how, sketch })).toBe(1);
    queue().pass(60_000);
    expect(await fire(queue(), { how, sketch, at: NEXT })).toBe(0);
    expect(await queue().dump()).toMatchObject({
      pp: { [JOB]: expect.any(Number) },
      'tg:night': { [JOB]: T },
      'sh:nightly': [`u\t${NEXT}\t${NEXT}`, `f\t${T}\t${T}`],
    });
  });

  it('tells of jobs that a schedule added, and of times that were passed over', async () => {
    await queue().configure('listening', '600000');
    await due();
    queue().pass(60_000);
    await fire(queue(), { times: [NEXT], nextAt: NEXT + 60_000 });
    expect(await queue().told()).toEqual([
      'g\t\t',
      `l\t${JOB}\t`,
      `h\tnightly@${NEXT}\tgreet`,
      `w\tnightly@${NEXT}\tgreet`,
    ]);
  });

  it('keeps the last 100 times of its history', async () => {
    await due();
    queue().pass(300_000);
    const times = Array.from({ length: 130 }, (_, i) => T + i);
    await fire(queue(), { times, nextAt: T + 130 });
    const history = await queue().redis.lrange(queue().key('sh:nightly'), 0, -1);
    expect([history.length, history[0]]).toEqual([100, `f\t${T + 129}\t${queue().now}`]);
  });

  it('is refused as a whole when memory is full, and can be sent again', async () => {
    await due();
    const { changed } = await queue().change(async () => {
      await expect(queue().withFullMemory(() => fire(queue()))).rejects.toThrow(/OOM/);
    });
    expect(changed).toEqual({});
    expect(await fire(queue())).toBe(1);
  });

  it('leaves the queue alone where that uses what this release does not know', async () => {
    await due();
    queue().isDamaged = true;
    await queue().redis.hset(queue().key('q'), 'bits', 'sZ');
    expect(await queue().run(command, firing())).toEqual({ code: 'UPGRADE', bits: 'sZ' });
  });

  const call = (...rows: readonly (string | number)[]): (string | number)[] => [
    'nightly',
    T,
    'h1',
    NEXT,
    0,
    0,
    ...rows,
  ];
  const row = [T, 'ck,m5', body()];
  describeMalformed(
    queue,
    'fire',
    [
      ['a row that is not complete', call(T, 'ck,m5'), /PROTOCOL The last row/],
      [
        'more than 1,000 rows',
        call(...Array.from({ length: 1_001 }, () => row).flat()),
        /PROTOCOL More than 1000 rows/,
      ],
      ['a time twice', call(...row, ...row), /PROTOCOL The time of a job/],
      ['a time to come', call(...row, T + 1, 'ck,m5', body()), /PROTOCOL The time of a job/],
      ['a time before', call(T - 1, 'ck,m5', body()), /PROTOCOL The time of a job/],
      ['a next time that is over', ['nightly', T, 'h1', T, 0, 0, ...row], /PROTOCOL The next time/],
      [
        'more jobs than are left',
        ['other', T - 1, 'h1', NEXT, 1, 0, T - 1, 'ck,m5', body(), ...row],
        /PROTOCOL A schedule adds more/,
      ],
      ['a job that replaces', call(T, 'cr,m5', body()), /PROTOCOL A job of a schedule/],
      ['a job without a policy', call(T, '', body()), /PROTOCOL A job of a schedule/],
      ['a body that is none', call(T, 'ck,m5', 'x'), /PROTOCOL The body/],
      ['alone neither 0 nor 1', ['nightly', T, 'h1', NEXT, 0, 2, ...row], /PROTOCOL alone/],
    ],
    async (lua) => {
      await define(lua, { nextAt: T });
      lua.pass(60_000);
      await define(lua, { id: 'other', nextAt: T - 1 });
    },
  );
});
