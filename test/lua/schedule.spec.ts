import { describe, expect, it } from '@jest/globals';

import { schedule } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { define, definition, fire, record } from './support/lua-schedule.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';

const queue = luaQueue();
const SOON = START + 60_000;

describe('schedule', () => {
  it('stores a definition with the time at which it fires next [core:B15]', async () => {
    const { reply, changed } = await queue().change(() => define(queue()));
    expect(reply).toBe('OK');
    expect(changed).toEqual({
      q: expect.objectContaining({ bits: 's' }),
      sc: { nightly: record() },
      sn: { nightly: SOON },
      si: { nightly: 0 },
    });
  });

  it('has one effect however often it is sent [core:A13]', async () => {
    const args = { ...queue().lane(), ...definition() };
    expect(await queue().twice(schedule, args)).toEqual([{ code: 'OK' }, { code: 'OK' }]);
    expect(await queue().run(schedule, { ...args, seq: 2, wasHash: 'h1', wasAt: SOON, hash: 'h2' })).toEqual({
      code: 'OK',
    });
    expect(await queue().run(schedule, args)).toEqual({ code: 'OLD' });
  });

  it('changes only what the caller has read: of two that read the same, one has to read again', async () => {
    await define(queue());
    expect(await define(queue(), { hash: 'h2', nextAt: SOON + 5, wasHash: 'h1', wasAt: SOON })).toBe('OK');
    const { reply, changed } = await queue().change(() => define(queue(), { hash: 'h3', wasHash: 'h1', wasAt: SOON }));
    expect([reply, changed]).toEqual(['AGAIN', {}]);
    expect(await define(queue(), { hash: 'h3' })).toBe('AGAIN');
    expect(await define(queue(), { hash: 'h3', wasHash: 'h2', wasAt: SOON })).toBe('AGAIN');
  });

  it('never puts a lower revision over a higher one [core:B15]', async () => {
    await define(queue(), { revision: 2 });
    const { reply, changed } = await queue().change(() =>
      define(queue(), { revision: 1, hash: 'h0', wasHash: 'h1', wasAt: SOON }),
    );
    expect([reply, changed]).toEqual(['NEWER', {}]);
    expect(await define(queue(), { revision: 2, hash: 'h2', wasHash: 'h1', wasAt: SOON })).toBe('OK');
  });

  it('writes nothing for a definition that is equal [core:B15]', async () => {
    await define(queue());
    const again = { wasHash: 'h1', wasAt: SOON, nextAt: SOON + 500 };
    const { reply, changed } = await queue().change(() => define(queue(), again));
    expect([reply, changed]).toEqual(['OK', {}]);
  });

  it('keeps count, last job and pause of what it changes [seed:Q17, seed:Q18]', async () => {
    await define(queue());
    queue().pass(60_000);
    await fire(queue());
    await queue().raw('pause-schedule', 'p', 1, 'nightly', 1, '', 0, 0);
    await define(queue(), { hash: 'h2', wasHash: 'h1', wasAt: SOON + 60_000, nextAt: SOON + 90_000 });
    expect(await queue().dump()).toMatchObject({
      sc: { nightly: record({ hash: 'h2', count: 1, last: SOON, job: `nightly@${SOON}` }) },
      sp: { nightly: SOON + 90_000 },
    });
    expect((await queue().dump())['sn']).toBeUndefined();
  });

  it('without a next time is over, and can be given one again', async () => {
    await define(queue(), { nextAt: 0 });
    expect((await queue().dump())['sn']).toBeUndefined();
    await define(queue(), { hash: 'h2', wasHash: 'h1', wasAt: 0 });
    expect((await queue().dump())['sn']).toEqual({ nightly: SOON });
  });

  it('is refused as a whole when memory is full', async () => {
    const { changed } = await queue().change(async () => {
      await expect(queue().withFullMemory(() => define(queue()))).rejects.toThrow(/OOM/);
    });
    expect(changed).toEqual({});
  });

  const good = ['nightly', '', 0, 0, 'h1', SOON, '{}'];
  const withBad = (place: number, value: string | number): (string | number)[] => [
    'lane',
    1,
    ...good.with(place, value),
  ];
  describeMalformed(queue, 'schedule', [
    ...malformedLanes(...good),
    ['an empty id', withBad(0, ''), /PROTOCOL The id of a schedule/],
    ['an id with a control character', withBad(0, 'a\tb'), /PROTOCOL The id of a schedule/],
    ['an id of 241 bytes', withBad(0, 'x'.repeat(241)), /INVALID_OPTION .* too long/],
    ['an id of the form of minted ones', withBad(0, 'abcdefghi~1'), /INVALID_OPTION/],
    ['a revision below 0', withBad(3, -1), /PROTOCOL revision/],
    ['a hash that is no word', withBad(4, 'a b'), /PROTOCOL The hash/],
    ['no hash', withBad(4, ''), /PROTOCOL The hash/],
    ['a next time that is none', withBad(5, 1.5), /PROTOCOL next_at/],
  ]);
});
