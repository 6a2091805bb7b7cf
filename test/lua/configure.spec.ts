import { describe, expect, it } from '@jest/globals';

import { configure } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

describe('configure', () => {
  it('sets what workers obey, and replies with the whole meta', async () => {
    const { reply, changed } = await queue().change(() => queue().configure('lease', '5000', 'keep:failed', '10,'));
    expect(changed['q']).toEqual({ drop: '', format: '1', 'keep:failed': '10,', lease: '5000', virtual: '1' });
    const said = reply.fields;
    expect(Object.fromEntries(said.map((name, i) => [name, said[i + 1]]).filter((_, i) => i % 2 === 0))).toEqual(
      changed['q'],
    );
  });

  it('takes a setting away by an empty value', async () => {
    await queue().configure('lease', '5000', 'keep:completed', '0,');
    await queue().configure('lease', '', 'keep:completed', '');
    expect((await queue().dump())['q']).toEqual({ drop: '', format: '1', virtual: '1' });
  });

  it('changes nothing without fields', async () => {
    const { changed } = await queue().change(() => queue().configure());
    expect(changed).toEqual({});
  });

  it.each([
    ['a count of 0', '0,1000', 'f'],
    ['an age of 0', '5,0', 'f'],
    ['no bound at all', ',', ''],
    ['one of each', '1,1', ''],
  ])('knows from %s whether a state is kept', async (_, keep, drop) => {
    await queue().configure('keep:failed', keep);
    expect((await queue().dump())['q']).toMatchObject({ drop });
  });

  it('names each state that is not kept by its letter', async () => {
    await queue().configure(
      ...['completed', 'failed', 'timed_out', 'broken', 'cancelled'].flatMap((state) => [`keep:${state}`, '0,']),
    );
    expect((await queue().dump())['q']).toMatchObject({ drop: 'cftbx' });
  });

  it('switches events on for as long as is asked, and on again without a second bit [core:B11]', async () => {
    await queue().configure('listening', '5000');
    expect((await queue().dump())['q']).toMatchObject({ bits: 'e', listening: String(START + 5_000) });
    queue().pass(1_000);
    await queue().configure('listening', '5000');
    expect((await queue().dump())['q']).toMatchObject({ bits: 'e', listening: String(START + 6_000) });
    queue().pass(5_000);
    await queue().housekeep();
    expect((await queue().dump())['q']).toMatchObject({ bits: '' });
  });

  it('changes nothing more when it is sent again [core:A13]', async () => {
    const fields = ['lease', '5000', 'keep:failed', '0,', 'listening', '100'];
    await queue().run(configure, { fields });
    const { changed } = await queue().change(() => queue().run(configure, { fields }));
    expect(changed).toEqual({});
  });

  it('switches no feature on that a running worker does not know, and sets nothing else [core:A22]', async () => {
    await queue().raw('open', 'old', 0, 30_000, 'x');
    const before = await queue().dump();
    await expect(queue().configure('lease', '5000', 'listening', '100')).rejects.toThrow(/^UPGRADE_REQUIRED/);
    expect(await queue().dump()).toEqual(before);
  });
});

describeMalformed(queue, 'configure', [
  ['a setting that is none', ['lease', '5000', 'color', 'red'], /INVALID_OPTION There is no setting "color"/],
  ['an inner field', ['bits', 'p'], /INVALID_OPTION/],
  ['a name without a value', ['lease'], /PROTOCOL The last row/],
  ['a lease that is no number', ['lease', 'long'], /INVALID_OPTION The setting "lease" cannot be "long"/],
  ['a lease of 0', ['lease', '0'], /INVALID_OPTION/],
  ['a retention without its comma', ['keep:failed', '10'], /INVALID_OPTION/],
  ['a retention that is no number', ['lease', '5000', 'keep:failed', 'all,all'], /INVALID_OPTION/],
  ['a negative age', ['keep:failed', '10,-5'], /INVALID_OPTION/],
  ['a listening that is no number', ['listening', 'yes'], /INVALID_OPTION/],
]);
