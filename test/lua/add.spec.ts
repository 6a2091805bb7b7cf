import { describe, expect, it } from '@jest/globals';

import { add } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { heardDuring } from './support/listen.js';
import { START } from './support/lua-queue.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';
import { body, envelope } from './support/records.js';

const queue = luaQueue();

describe('add', () => {
  it('stores each job under its id and puts it at the back of the queue', async () => {
    const { reply, changed } = await queue().change(() => queue().add('a', ['b', '', { payload: '{"n":1}' }]));
    expect(reply).toEqual({ code: 'OK', now: START });
    expect(changed).toEqual({
      j: { a: envelope(START), b: envelope(START, { payload: '{"n":1}' }) },
      r: ['a', 'b'],
    });
  });

  it('puts a job with a delay or a time among the delayed ones, by the clock of the server', async () => {
    const { changed } = await queue().change(() =>
      queue().add(['a', 'd1000'], ['b', `a${START + 500}`], ['c', `a${START - 1}`], ['d', 'd0']),
    );
    expect(changed).toMatchObject({ d: { b: START + 500, a: START + 1_000 }, r: ['c', 'd'] });
  });

  it('orders jobs with a priority by it and then by their turn, above and below the list [core:B7]', async () => {
    await queue().add(['low', 'p-5', { fields: 'p-5' }], ['five', 'p5', { fields: 'p5' }], 'none');
    await queue().add(
      ['also', 'p5', { fields: 'p5' }],
      ['top', 'p1000', { fields: 'p1000' }],
      ['last', 'p-1000', { fields: 'p-1000' }],
    );
    const worker = await queue().worker('E');
    expect((await worker.lease(10)).map(({ id }) => id)).toEqual(['top', 'five', 'also', 'none', 'low', 'last']);
  });

  it('writes the priority of a delayed job where promoting it need not read the payload [core:A16]', async () => {
    const { changed } = await queue().change(() => queue().add(['a', 'd1000,p5', { fields: 'p5' }]));
    expect(changed).toMatchObject({ m: { a: '10,0,0,0,,5' }, d: { a: START + 1_000 } });
  });

  it('keeps the bytes of a payload as they are', async () => {
    const payload = '{"text":"tab\\t 😀 \n and\r\n lines","n":1.0e-7}\t\n';
    await queue().add(['a', '', { payload }]);
    const job = await (await queue().worker('E')).leaseOne();
    expect(job.envelope).toBe(envelope(START, { payload }));
  });

  it('has one effect when it is sent again, and gives the answer that the first one gave [core:A10, core:A13]', async () => {
    const args = { laneId: 'lane', seq: 1, own: 0, rows: ['a', body()] };
    const first = await queue().run(add, args);
    queue().pass(5_000);
    const { reply, changed } = await queue().change(() => queue().run(add, args), { withLanes: true });
    expect(reply).toEqual(first);
    expect(changed).toEqual({});
  });

  it('runs any later number of the lane, and refuses an earlier one as old [core:A10]', async () => {
    const at = (seq: number, id: string) => queue().run(add, { laneId: 'lane', seq, own: 0, rows: [id, body()] });
    await at(1, 'a');
    expect(await at(7, 'b')).toMatchObject({ code: 'OK' });
    const { reply, changed } = await queue().change(() => at(3, 'c'), { withLanes: true });
    expect(reply).toEqual({ code: 'OLD' });
    expect(changed).toEqual({});
    expect(await queue().ids('waiting')).toEqual(['a', 'b']);
  });

  it('keeps numbers of a lane apart up to 2^53 [core:A10]', async () => {
    const at = (seq: number, id: string) => queue().run(add, { laneId: 'lane', seq, own: 0, rows: [id, body()] });
    await at(2 ** 53 - 2, 'a');
    expect(await at(2 ** 53 - 3, 'b')).toEqual({ code: 'OLD' });
    expect(await at(2 ** 53 - 1, 'c')).toMatchObject({ code: 'OK' });
    expect(await queue().ids('waiting')).toEqual(['a', 'c']);
  });

  it('keeps lanes apart: two calls in flight are two lanes [core:A10]', async () => {
    await queue().run(add, { laneId: 'one', seq: 2, own: 0, rows: ['a', body()] });
    await queue().run(add, { laneId: 'two', seq: 1, own: 0, rows: ['b', body()] });
    expect(await queue().ids('waiting')).toEqual(['a', 'b']);
  });

  it('asks for an upgrade where the queue uses a feature that it does not know [core:A22]', async () => {
    await queue().redis.hset(queue().key('q'), 'bits', 'pZ');
    const { reply, changed } = await queue().change(() => queue().add('a'));
    expect(reply).toEqual({ code: 'UPGRADE', bits: 'pZ' });
    expect(changed).toEqual({});
  });

  it('switches no feature on that a running worker does not know [core:A22]', async () => {
    await (await queue().worker('new')).open();
    await queue().raw('open', 'old', 0, 30_000, 'x');
    const before = await queue().dump();
    await expect(queue().add('plain', ['a', 'p5', { fields: 'p5' }])).rejects.toThrow(
      /^UPGRADE_REQUIRED A running worker/,
    );
    expect(await queue().dump()).toEqual(before);
  });

  it('tells at most eight parked workers, one a job', async () => {
    for (let i = 0; i < 10; i++) await (await queue().worker(`E${i}`)).exchange({ want: 1, park: 1 });
    const channels = Array.from({ length: 10 }, (_, i) => queue().key(`w:E${i}`));
    const told = await heardDuring(queue(), channels, 10, async () => {
      await queue().add('a', 'b');
      await queue().add(...Array.from({ length: 20 }, (_, i) => `n${i}`));
    });
    expect(new Set(told).size).toBe(10);
    expect(told.every((text) => /:w:E\d: w$/.test(text))).toBe(true);
    expect(await queue().redis.scard(queue().key('i'))).toBe(0);
  });

  it('passes over parked workers that nobody hears', async () => {
    for (let i = 0; i < 7; i++) await (await queue().worker(`E${i}`)).exchange({ want: 1, park: 1 });
    await queue().add('a');
    expect(await queue().redis.scard(queue().key('i'))).toBe(0);
  });

  it('wakes a worker for a delayed job that is due before all others, so that it sets its timer', async () => {
    const worker = await queue().worker('E');
    await queue().add(['a', 'd5000']);
    await worker.exchange({ want: 1, park: 1 });
    await queue().add(['b', 'd9000']);
    expect(await queue().redis.scard(queue().key('i'))).toBe(1);
    await queue().add(['c', 'd1000']);
    expect(await queue().redis.scard(queue().key('i'))).toBe(0);
  });

  it('stores nothing, and remembers the call, when it has no rows', async () => {
    const { reply, changed } = await queue().change(() => queue().add());
    expect(reply).toMatchObject({ code: 'OK' });
    expect(changed).toEqual({});
  });

  it('takes 1,000 rows with every kind of instruction', async () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => {
      const how = ['', 'd1000', 'p5', 'd1000,p-5'][i % 4] ?? '';
      return [`id${i}`, how, how.includes('p') ? { fields: how.slice(how.indexOf('p')) } : {}] as const;
    });
    await queue().add(...rows);
    expect(await queue().counts()).toMatchObject({ waiting: 500, delayed: 500 });
  });

  it('wakes nobody for the jobs for which the caller asks itself', async () => {
    for (const name of ['E0', 'E1', 'E2']) await (await queue().worker(name)).exchange({ want: 1, park: 1 });
    const channels = ['E0', 'E1', 'E2'].map((name) => queue().key(`w:${name}`));
    const rows = ['a', body(), 'b', body(), 'c', body()];
    const told = await heardDuring(queue(), channels, 1, () => queue().run(add, { ...queue().lane(), own: 2, rows }));
    expect(told).toHaveLength(1);
    expect(await queue().redis.scard(queue().key('i'))).toBe(2);
  });
});

describeMalformed(queue, 'add', [
  ...malformedLanes(0, 'a', body()),
  ['an own that is no number', ['lane', 1, 'x', 'a', body()], /PROTOCOL own is not a whole number/],
  ['a negative own', ['lane', 1, -1, 'a', body()], /PROTOCOL own is not a whole number/],
  ['a row without its body', ['lane', 1, 0, 'a'], /PROTOCOL The last row is not complete/],
  [
    'more than 1,000 rows',
    ['lane', 1, 0, ...Array.from({ length: 1_001 }, (_, i) => [`id${i}`, body()]).flat()],
    /PROTOCOL More than 1000 rows/,
  ],
  ['an empty id', ['lane', 1, 0, '', body()], /PROTOCOL An id/],
  ['an empty id with instructions', ['lane', 1, 0, '\td5', body()], /PROTOCOL An id/],
  ['an id with a line break', ['lane', 1, 0, 'a\nb', body()], /PROTOCOL An id/],
  ['a bad row behind a good one', ['lane', 1, 0, 'a', body(), 'b\rc', body()], /PROTOCOL An id/],
  ['an empty body', ['lane', 1, 0, 'a', ''], /PROTOCOL The body/],
  ['a body without its parts', ['lane', 1, 0, 'a', '{}'], /PROTOCOL The body/],
  ['a body without a name', ['lane', 1, 0, 'a', '\t\t\t\n{}'], /PROTOCOL The body/],
  ['a name with a control character', ['lane', 1, 0, 'a', '\tna\rme\t\t\n{}'], /PROTOCOL The body/],
  ['a body without options and payload', ['lane', 1, 0, 'a', '\tname\t\t'], /PROTOCOL The body/],
  ['a flag that is none', ['lane', 1, 0, 'a', 'q\tname\tq1\t\n{}'], /PROTOCOL The body/],
  ['fields that could not be read back', ['lane', 1, 0, 'a', 'p\tname\tp1.5\t\n{}'], /PROTOCOL The body/],
  ['flags without their fields', ['lane', 1, 0, 'a', 'p\tname\t\t\n{}'], /PROTOCOL The flags, fields and instructions/],
  [
    'fields without their flags',
    ['lane', 1, 0, 'a\tp5', '\tname\tp5\t\n{}'],
    /PROTOCOL The flags, fields and instructions/,
  ],
  [
    'a priority in the body alone',
    ['lane', 1, 0, 'a', body({ fields: 'p5' })],
    /PROTOCOL The flags, fields and instructions/,
  ],
  [
    'a priority in the instructions alone',
    ['lane', 1, 0, 'a\tp5', body()],
    /PROTOCOL The flags, fields and instructions/,
  ],
  ['two priorities', ['lane', 1, 0, 'a\tp5', body({ fields: 'p6' })], /PROTOCOL The flags, fields and instructions/],
  ['an instruction that is none', ['lane', 1, 0, 'a\tz5', body()], /PROTOCOL The instruction "z5"/],
  [
    'a policy for a given id, which is not for this command',
    ['lane', 1, 0, 'a\tck,m1', body()],
    /PROTOCOL The instruction "ck"/,
  ],
  ['a delay that is no number', ['lane', 1, 0, 'a\tdx', body()], /PROTOCOL The instruction "dx"/],
  ['a negative delay', ['lane', 1, 0, 'a\td-5', body()], /PROTOCOL The instruction "d-5"/],
  ['a delay with a fraction', ['lane', 1, 0, 'a\td1.5', body()], /PROTOCOL The instruction "d1.5"/],
  ['a time that is too long to be exact', ['lane', 1, 0, 'a\ta1234567890123456', body()], /PROTOCOL The instruction/],
  ['a priority that is no number', ['lane', 1, 0, 'a\tphigh', body()], /PROTOCOL The instruction "phigh"/],
  [
    'a priority out of range',
    ['lane', 1, 0, 'a\tp1001', body()],
    /PROTOCOL The priority is not a whole number from -1000 to 1000/,
  ],
]);
