import { describe, expect, it } from '@jest/globals';

import { addChecked } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';
import { body, envelope, outcome } from './support/records.js';

const queue = luaQueue();
const NEW = { payload: '"new"' };
const HOUR = 3_600_000;

/** The states that a job with a given id can be in, and how it comes there. */
const LIVE_STATES: readonly [string, () => Promise<unknown>][] = [
  ['waiting', () => queue().addChecked('x', `ck,m${HOUR}`)],
  ['waiting with a priority', () => queue().addChecked('x', `ck,m${HOUR},p5`, { fields: 'p5' })],
  ['delayed', () => queue().addChecked('x', `ck,m${HOUR},d1000`)],
  [
    'retrying',
    async () => {
      await queue().addChecked('x', `ck,m${HOUR}`);
      const worker = await queue().worker('E');
      await worker.end(await worker.leaseOne(), 'r1\t1000\t\t{"message":"no"}');
    },
  ],
  [
    'waiting for a handler',
    async () => {
      await queue().addChecked('x', `ck,m${HOUR}`);
      const worker = await queue().worker('E');
      await worker.end(await worker.leaseOne(), 'n1\t0\tgreet\t');
    },
  ],
  [
    'completed',
    async () => {
      await queue().addChecked('x', `ck,m${HOUR}`);
      const worker = await queue().worker('E');
      await worker.end(await worker.leaseOne());
    },
  ],
  [
    'cancelled while it waited',
    async () => {
      await queue().addChecked('x', `ck,m${HOUR}`);
      await queue().cancel('x');
    },
  ],
  [
    'active',
    async () => {
      await queue().addChecked('x', `ck,m${HOUR}`);
      await (await queue().worker('E')).leaseOne();
    },
  ],
];

describe('add-checked', () => {
  it('stores a job under the id, and remembers the id for as long as is asked [core:A12]', async () => {
    const { reply, changed } = await queue().change(() => queue().addChecked('x', 'cj,m5000', NEW));
    expect(reply).toBe('');
    expect(changed).toEqual({ j: { x: envelope(START, NEW) }, r: ['x'], ids: { x: START + 5_000 } });
  });

  it('stores rows with minted ids beside it, as add does', async () => {
    const { changed } = await queue().change(() =>
      queue().run(addChecked, {
        ...queue().lane(),
        atomic: 1,
        rows: ['Ab3456789~1', body(), 'x\tck,m5000', body(), 'Ab3456789~2\td100', body()],
      }),
    );
    expect(changed).toMatchObject({
      r: ['Ab3456789~1', 'x'],
      d: { 'Ab3456789~2': START + 100 },
      ids: { x: START + 5_000 },
    });
  });

  it.each(LIVE_STATES)('keeps a job that is %s', async (_, prepare) => {
    await prepare();
    const { reply, changed } = await queue().change(() => queue().addChecked('x', 'ck,m5000', NEW));
    expect([reply, changed]).toEqual(['1K', {}]);
  });

  it.each(LIVE_STATES)('says conflict for a job that is %s', async (_, prepare) => {
    await prepare();
    const { reply, changed } = await queue().change(() => queue().addChecked('x', 'cj,m5000', NEW));
    expect([reply, changed]).toEqual(['1C', {}]);
  });

  it.each(LIVE_STATES.slice(0, -1))(
    'replaces a job that is %s: only the new one runs, and once [core:A18]',
    async (_, prepare) => {
      await prepare();
      expect(await queue().addChecked('x', 'cr,m5000', NEW)).toBe('1R');
      expect(await queue().counts()).toMatchObject({
        waiting: 1,
        delayed: 0,
        retrying: 0,
        finished: ['0', '0', '0', '0', '0'],
      });
      const worker = await queue().worker('F');
      expect((await worker.lease(9)).map((job) => [job.id, job.envelope])).toEqual([['x', envelope(START, NEW)]]);
    },
  );

  it('refuses to replace a running job [core:A12]', async () => {
    await queue().addChecked('x', 'ck,m5000');
    await (await queue().worker('E')).leaseOne();
    const { reply, changed } = await queue().change(() => queue().addChecked('x', 'cr,m5000', NEW));
    expect([reply, changed]).toEqual(['1L', {}]);
  });

  it('ends a running job and replaces it where that is asked; its worker is told and its outcome refused [core:A12, core:B2] [seed:Q1]', async () => {
    await queue().addChecked('x', 'ck,m5000');
    const worker = await queue().worker('E');
    const old = await worker.leaseOne();
    expect(await queue().addChecked('x', 'cr,m5000,x', NEW)).toBe('1R');
    const reply = await worker.end(old);
    expect(reply).toMatchObject({ refused: '1', taken: '1\tx\t0.1\treplaced\n' });
    const again = await worker.leaseOne();
    expect(again).toMatchObject({ id: 'x', envelope: envelope(START, NEW), header: undefined });
    await worker.end(again, 'c1\t\t\tnew');
    expect((await queue().dump())['o']).toEqual({ x: outcome('c', START, 1, 1, 'new') });
  });

  it('replaces a running job whose own wish is to be forgotten when it is cancelled', async () => {
    await queue().addChecked('x', 'ck,m5000', { fields: 'k0:0' });
    await (await queue().worker('E')).leaseOne();
    expect(await queue().addChecked('x', 'cr,m5000,x', NEW)).toBe('1R');
    expect(await queue().ids('waiting')).toEqual(['x']);
  });

  it('gives the new job nothing of what the former one noted, suffered or promised [seed:Q1]', async () => {
    await queue().addChecked('x', 'ck,m5000');
    const worker = await queue().worker('E');
    const old = await worker.leaseOne();
    await queue().raw('note', 'E', 'x', old.token, 't', 'charge', '"paid"');
    await worker.end(old, 'r1\t1000\t\t{"message":"no"}');
    await queue().addChecked('x', 'cr,m5000', NEW);
    const dump = await queue().dump();
    expect([dump['m'], dump['e'], dump['s:x'], dump['t'], dump['o']]).toEqual(Array(5).fill(undefined));
  });

  it('remembers an id whose job is gone, until its time is over [core:A12]', async () => {
    await queue().configure('keep:completed', '0,');
    await queue().addChecked('x', 'ck,m5000');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne());
    queue().pass(4_999);
    expect(await queue().addChecked('x', 'ck,m5000', NEW)).toBe('1K');
    expect(await queue().addChecked('x', 'cj,m5000', NEW)).toBe('1C');
    queue().pass(1);
    expect(await queue().addChecked('x', 'cj,m5000', NEW)).toBe('');
    await queue().remove('x');
    expect(await queue().addChecked('x', 'cr,m5000', NEW)).toBe('');
  });

  it('replaces what is only remembered', async () => {
    await queue().configure('keep:completed', '0,');
    await queue().addChecked('x', 'ck,m5000');
    const worker = await queue().worker('E');
    await worker.end(await worker.leaseOne());
    expect(await queue().addChecked('x', 'cr,m5000', NEW)).toBe('');
    expect(await queue().ids('waiting')).toEqual(['x']);
  });

  it('lets no old list entry run a job of the same id, however often it came and went [core:A18]', async () => {
    for (let round = 0; round < 3; round++) {
      await queue().addChecked('x', `ck,m${HOUR}`);
      expect(await queue().remove('x')).toBe('R');
    }
    await queue().addChecked('x', `ck,m${HOUR}`);
    await queue().cancel('x');
    await queue().addChecked('x', `cr,m${HOUR},d1000`, NEW);
    await queue().promote('x');
    const worker = await queue().worker('E');
    const leased = [...(await worker.lease(3)), ...(await worker.lease(3)), ...(await worker.lease(3))];
    expect(leased.map(({ envelope: text }) => text)).toEqual([envelope(START, NEW)]);
    expect((await queue().dump())['q']).toMatchObject({ ghosts: '0' });
  });

  it('refuses the whole batch for one row where it is atomic, and writes nothing [core:A12]', async () => {
    await queue().addChecked('x', 'ck,m5000');
    const rows = ['a', body(), 'y\tck,m5000', body(), 'x\tcj,m5000', body()];
    const { reply, changed } = await queue().change(
      () => queue().run(addChecked, { ...queue().lane(), atomic: 1, rows }),
      { withLanes: true },
    );
    expect(reply).toEqual({ code: 'REFUSED', row: 3, fate: 'C', state: 'waiting', other: '' });
    expect(changed).toEqual({});
  });

  it('stores the good rows and names the others where it is not atomic', async () => {
    await queue().addChecked('x', 'ck,m5000');
    const rows = ['a', body(), 'x\tcj,m5000', body(), 'y\tck,m5000', body(), 'x\tck,m5000', body()];
    const reply = await queue().run(addChecked, { ...queue().lane(), atomic: 0, rows });
    expect(reply).toEqual({ code: 'OK', now: START, odd: '2C,4C', others: [] });
    expect(await queue().ids('waiting')).toEqual(['x', 'a', 'y']);
  });

  it('takes an id once a batch, whatever its rows say', async () => {
    const rows = ['x\tcr,m5000', body(), 'x\tcr,m5000', body(NEW), 'x', body(NEW)];
    const reply = await queue().run(addChecked, { ...queue().lane(), atomic: 0, rows });
    expect(reply).toMatchObject({ odd: '2C,3C' });
    expect((await (await queue().worker('E')).lease(5)).map(({ envelope: text }) => text)).toEqual([envelope(START)]);
  });

  it('tells the truth when it is sent again: no conflict with itself, no second replacing [core:A12, core:A13]', async () => {
    await queue().addChecked('old', 'ck,m5000');
    const call = { laneId: 'lane', seq: 1, atomic: 1, rows: ['x\tcj,m5000', body(), 'old\tcr,m5000', body(NEW)] };
    const first = await queue().run(addChecked, call);
    expect(first).toEqual({ code: 'OK', now: START, odd: '2R', others: [] });
    const worker = await queue().worker('E');
    await worker.lease(2);
    queue().pass(100);
    const { reply, changed } = await queue().change(() => queue().run(addChecked, call), { withLanes: true });
    expect([reply, changed]).toEqual([first, {}]);
    expect(await queue().run(addChecked, { ...call, seq: 3, rows: ['z\tcj,m5', body()] })).toMatchObject({
      code: 'OK',
    });
    expect(await queue().run(addChecked, { ...call, seq: 2 })).toEqual({ code: 'OLD' });
  });

  it('asks for an upgrade where the queue uses a feature that it does not know [core:A22]', async () => {
    await queue().redis.hset(queue().key('q'), 'bits', 'Z');
    const { reply, changed } = await queue().change(() =>
      queue().run(addChecked, { ...queue().lane(), atomic: 0, rows: ['x\tck,m5', body()] }),
    );
    expect([reply, changed]).toEqual([{ code: 'UPGRADE', bits: 'Z' }, {}]);
  });

  it('switches no feature on that a running worker does not know, and writes nothing [core:A22]', async () => {
    await queue().raw('open', 'old', 0, 30_000, 'x');
    await queue().addChecked('x', 'ck,m5000');
    const before = await queue().dump();
    await expect(queue().addChecked('x', 'cr,m5000,p5', { fields: 'p5' })).rejects.toThrow(/^UPGRADE_REQUIRED/);
    expect(await queue().dump()).toEqual(before);
  });
});

const lane = ['lane', 1] as const;

describeMalformed(queue, 'add-checked', [
  ...malformedLanes(0, 'x\tck,m5', body()),
  ['a row without its body', [...lane, 0, 'x\tck,m5'], /PROTOCOL The last row/],
  ['an empty id', [...lane, 0, '\tck,m5', body()], /PROTOCOL An id/],
  ['an id with a line break', [...lane, 0, 'a\nb\tck,m5', body()], /PROTOCOL An id/],
  ['a body without its parts', [...lane, 0, 'x\tck,m5', '{}'], /PROTOCOL The body/],
  ['a policy that is none', [...lane, 0, 'x\tcz,m5', body()], /PROTOCOL The instruction "cz"/],
  ['a policy without a time to remember', [...lane, 0, 'x\tck', body()], /PROTOCOL A given id without m<ms>/],
  ['a time to remember that is no number', [...lane, 0, 'x\tck,msoon', body()], /PROTOCOL The instruction "msoon"/],
  [
    'an id of the form of minted ones',
    [...lane, 0, 'Ab3456789~1\tck,m5', body()],
    /INVALID_OPTION The id "Ab3456789~1"/,
  ],
  ['a letter that is none', [...lane, 0, 'x\tck,m5,q', body()], /PROTOCOL The instruction "q"/],
  ['a priority out of range', [...lane, 0, 'x\tck,m5,p-1001', body()], /PROTOCOL The priority/],
  ['a bad row behind a good one', [...lane, 0, 'x\tck,m5', body(), 'y\tck', body()], /PROTOCOL A given id/],
]);
