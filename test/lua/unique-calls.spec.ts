import { describe, expect, it } from '@jest/globals';

import { addChecked } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { body } from './support/records.js';
import { KEY, row } from './support/unique-row.js';

const queue = luaQueue();

async function add(...args: Parameters<typeof row>): Promise<string> {
  const reply = await queue().addRows([row(...args)]);
  return reply.code === 'OK' ? [reply.odd, ...reply.others].join(' ') : reply.code;
}

describe('one call with several rows', () => {
  it('of one key: the first is added, the others are kept or conflict', async () => {
    const reply = await queue().addRows([row('a'), row('b'), row('c', 'j'), row('d', 'r')]);
    expect(reply).toMatchObject({ odd: '2D,3E,4E', others: ['a', 'a', 'a'] });
    expect(await queue().ids('waiting')).toEqual(['a']);
    expect(await queue().addRows([row('e', 'j', { key: '1' }), row('f', 'j', { key: '1' })], 1)).toMatchObject({
      code: 'REFUSED',
      row: 2,
      fate: 'E',
      other: 'e',
    });
    expect(await queue().state('e')).toBe('');
  });

  it('of which one is refused: its key is not taken for those behind it', async () => {
    const refused: [string, string] = [`x\tck,m1000\nu\t${KEY}\tu\t\tk\nd\tf\tnobody`, body({ fields: `u${KEY}` })];
    const second = await queue().addRows([refused, row('b')]);
    expect(second).toMatchObject({ odd: '1M', others: ['nobody'] });
    expect(await queue().ids('waiting')).toEqual(['b']);
  });

  it('of which one is refused that was to replace the holder of its key: the holder stays', async () => {
    await add('old');
    const refused: [string, string] = [`x\tck,m1000\nu\t${KEY}\tu\t\tr\nd\tf\tnobody`, body({ fields: `u${KEY}` })];
    expect(await queue().addRows([refused, row('b')])).toMatchObject({ odd: '1M,2D', others: ['nobody', 'old'] });
    expect(await queue().ids('waiting')).toEqual(['old']);
  });

  it('of which one replaces by its id the job that holds the key of another', async () => {
    await queue().addRows([[`x\tck,m1000\nu\t${KEY}\tu\t\tk`, body({ fields: `u${KEY}` })]]);
    const reply = await queue().addRows([['x\tcr,m1000', body({ payload: '1' })], row('new', 'r')]);
    expect(reply).toMatchObject({ odd: '1R', others: [] });
    expect(await queue().ids('waiting')).toEqual(['x', 'new']);
    expect((await queue().dump())['uk']).toEqual({ [KEY]: 'new\t' });
  });

  it.each([
    ['waiting', false],
    ['active', true],
  ])('of which one cancels the %s job whose id another replaces', async (_, isActive) => {
    await queue().addRows([[`x\tck,m1000\nu\t${KEY}\tu\t\tk`, body({ fields: `u${KEY}` })]]);
    const worker = await queue().worker('E');
    const job = isActive ? await worker.leaseOne() : undefined;
    const reply = await queue().addRows([row('new', 'r+x'), ['x\tcr,m1000', body({ payload: '2' })]]);
    expect(reply).toMatchObject({ odd: '1S,2R', others: ['x'] });
    if (job !== undefined) expect(await worker.end(job)).toMatchObject({ refused: '1' });
    expect((await worker.lease(9)).map(({ id }) => id).sort()).toEqual(['new', 'x']);
    expect((await queue().dump())['o']).toBeUndefined();
  });

  it('of which two take two keys from one job', async () => {
    await queue().addRows([[`x\tck,m1000\nu\t1\t\t9000\tk`, body({ options: 'bounded' })]]);
    await queue().addRows([[`x\tcr,m1000\nu\t2\tu\t\tr`, body({ fields: 'u2' })]]);
    const reply = await queue().addRows([row('a', 'r', { key: '1' }), row('b', 'r', { key: '2' })]);
    expect(reply).toMatchObject({ odd: '1S', others: ['x'] });
    expect([await queue().state('x'), await queue().ids('waiting')]).toEqual(['cancelled', ['a', 'b']]);
  });

  it('of a given id and a key: both are looked at', async () => {
    const given = (id: string, policy: string): [string, string] => [
      `${id}\tc${policy},m1000\nu\t${KEY}\tu\t\t${policy}`,
      body({ fields: `u${KEY}` }),
    ];
    await queue().addRows([given('x', 'k')]);
    expect(await queue().addRows([given('x', 'r')])).toMatchObject({ odd: '1R', others: [] });
    expect(await queue().addRows([given('y', 'k')])).toMatchObject({ odd: '1D', others: ['x'] });
    expect(await queue().addRows([given('y', 'r')])).toMatchObject({ odd: '1S', others: ['x'] });
    expect([await queue().state('x'), await queue().state('y')]).toEqual(['cancelled', 'waiting']);
  });
});

describe('a call with unique keys', () => {
  it('sent again gets its answer again and changes nothing [core:A12]', async () => {
    await add('old');
    const call = { ...queue().lane(), atomic: 0, rows: [row('new', 'r'), row('b')].flat() };
    const { reply: first } = await queue().change(() => queue().run(addChecked, call));
    const { reply: second, changed } = await queue().change(() => queue().run(addChecked, call));
    expect(first).toEqual({ code: 'OK', now: START, odd: '1S,2D', others: ['old', 'new'] });
    expect([second, changed]).toEqual([first, {}]);
  });

  it('is refused as a whole when memory is full', async () => {
    await add('old');
    const { changed } = await queue().change(() =>
      queue().withFullMemory(() => expect(add('new', 'r')).rejects.toThrow('OOM')),
    );
    expect(changed).toEqual({});
  });

  it.each([
    ['no digits as its key', 'u\tx\tu\t\tk', `u${KEY}`],
    ['too long a key', `u\t${'1'.repeat(41)}\tu\t\tk`, `u${'1'.repeat(41)}`],
    ['a field that its line does not name', `u\t${KEY}\tv\t\tk`, `u${KEY}`],
    ['a line and no field', `u\t${KEY}\tu\t\tk`, ''],
    ['another key in its field', `u\t${KEY}\tu\t\tk`, 'u78'],
    ['neither an end nor a time', `u\t${KEY}\t\t\tk`, ''],
    ['no policy', `u\t${KEY}\tu\t\t`, `u${KEY}`],
    ['too long a time', `u\t${KEY}\tu\t${'9'.repeat(16)}\tk`, `u${KEY}:`],
  ])('is refused for a job with %s', async (_, line, fields) => {
    const { changed } = await queue().change(() =>
      expect(queue().addRows([[`a\t\n${line}`, body({ fields })]])).rejects.toThrow('PROTOCOL'),
    );
    expect(changed).toEqual({});
  });

  it('is refused for a field without a line', async () => {
    await expect(queue().addRows([[`a\tck,m10`, body({ fields: `u${KEY}` })]])).rejects.toThrow('PROTOCOL');
    await expect(queue().add(['a', '', { fields: `u${KEY}` }])).rejects.toThrow('PROTOCOL');
  });

  it('tells the cancelling of the job that it replaces', async () => {
    await queue().configure('listening', '60000');
    await add('old');
    await add('new', 'r');
    expect(await queue().told()).toEqual(['g\t\t', 'w\told\tgreet', 'x\told\tgreet', 'w\tnew\tgreet']);
  });

  it('forgets the replaced job where cancelled ones are not kept', async () => {
    await queue().configure('keep:cancelled', '0,');
    await add('old');
    expect(await add('new', 'r')).toBe('1S old');
    expect(await queue().state('old')).toBe('');
  });
});
