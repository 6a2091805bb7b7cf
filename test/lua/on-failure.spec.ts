import { describe, expect, it } from '@jest/globals';

import { addChecked } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { heardDuring } from './support/listen.js';
import { START } from './support/lua-queue.js';
import { LuaWorker, type Leased } from './support/lua-worker.js';
import { describeMalformed } from './support/malformed.js';
import { body, envelope, outcome, type JobSketch } from './support/records.js';

const queue = luaQueue();

/** A job that has another one in store, under an id that no other job of the test has. */
const risky = (other: JobSketch = {}, sketch: JobSketch = {}): JobSketch => ({
  ...sketch,
  onFailure: { id: 'Mint00000~1', body: body({ name: 'alarm', payload: '"é\\n"', ...other }) },
});

/** Adds `a`, which has another job in store, and leases it. */
async function running(sketch: JobSketch = risky(), epoch = 'E'): Promise<Leased> {
  await queue().add(['a', '', sketch]);
  return (await queue().worker(epoch)).leaseOne();
}

/** Ends a job that epoch E holds, in a call of its own. */
function endOf(job: Leased, code: string): Promise<unknown> {
  return new LuaWorker(queue(), 'E').exchange({ slot: '1', ends: [[job, code]] });
}

describe('a job that has another one in store', () => {
  it.each([
    ['fails', 'f5\t\tgreet\tno', 'f'],
    ['times out', 't5\t\tgreet\tno', 't'],
    ['is broken', 'b5\t\tgreet\tno', 'b'],
  ])('adds it in the call in which it %s for good [nest:M1]', async (_, code, letter) => {
    const job = await running();
    queue().pass(10);
    const { changed } = await queue().change(() => endOf(job, code));
    expect(changed).toMatchObject({
      j: { 'Mint00000~1.1': envelope(START + 10, { name: 'alarm', payload: '"é\\n"' }) },
      o: { a: outcome(letter, START + 10, 1, 5, 'no') },
      r: ['Mint00000~1.1'],
    });
    const worker = await queue().worker('F');
    expect(await worker.lease(5)).toMatchObject([{ id: 'Mint00000~1.1', header: undefined }]);
  });

  it.each([
    ['completes', '5'],
    ['is tried again', 'r5\t1000\t\tno'],
    ['is tried again, uncounted', 'u5\t1000\t\tno'],
    ['snoozes', 'z5\t1000\t\t'],
    ['is cancelled', 'x5\t\t\t'],
    ['is given back', 'g0\t0\t\t'],
    ['has no handler here', 'n0\t0\tgreet\t'],
  ])('adds nothing when it %s', async (_, code) => {
    const job = await running();
    await endOf(job, code);
    expect(Object.keys((await queue().dump())['j'] ?? {})).toEqual(['a']);
  });

  it.each([
    ['cancelled from outside', () => queue().cancel('a')],
    ['removed', () => queue().remove('a')],
    ['replaced', () => queue().addChecked('a', 'cr,m5000', { name: 'other' })],
  ])('adds nothing when it is %s', async (_, end) => {
    await queue().addChecked('a', 'ck,m5000', risky());
    await end();
    expect(JSON.stringify(await queue().dump())).not.toContain('Mint00000~1.');
  });

  it('adds it when it stalls once too often, once [core:A8]', async () => {
    const job = await running(risky({}, { fields: 's1' }));
    await queue().raw('start', 'E', job.id, job.token);
    for (let passed = 0; passed <= 30_000; passed += 5_000) {
      await queue().housekeep();
      queue().pass(5_000);
    }
    await queue().housekeep();
    await queue().housekeep();
    expect(await queue().ids('failed')).toEqual(['a']);
    expect(await queue().ids('waiting')).toEqual(['Mint00000~1.1']);
  });

  it('adds it once, however often the call is sent [core:A9]', async () => {
    const job = await running();
    const worker = await queue().worker('E');
    const call = { slot: '1', seq: 1, ends: [[job, 'f5\t\t\tno']] as const };
    await worker.exchange(call);
    const { changed } = await queue().change(() => worker.exchange(call));
    expect(changed).toEqual({});
    expect(await queue().ids('waiting')).toEqual(['Mint00000~1.1']);
  });

  it('adds it again under another id when it was retried and fails again', async () => {
    await endOf(await running(), 'f5\t\t\tno');
    await queue().remove('Mint00000~1.1');
    await queue().retry('a');
    const worker = await queue().worker('F');
    await worker.end(await worker.leaseOne(), 'f5\t\t\tno');
    expect(await queue().ids('waiting')).toEqual(['Mint00000~1.2']);
  });

  it('adds it although the queue does not keep failed jobs, and although memory is full [core:A17]', async () => {
    await queue().configure('keep:failed', '0,');
    const job = await running();
    await queue().withFullMemory(() => endOf(job, 'f5\t\t\tno'));
    expect(Object.keys((await queue().dump())['j'] ?? {})).toEqual(['Mint00000~1.1']);
  });

  it('runs on its own payload, whatever is in store, and where its id was given too', async () => {
    const sketch = risky({}, { fields: 'p5,k5000:', payload: '{"own":1}' });
    await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows: ['x\tp5,ck,m5000', body(sketch)] });
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    expect(job.envelope).toBe(envelope(START, sketch));
    await worker.end(job, 'f5\t\t\tno');
    expect(await queue().ids('waiting')).toEqual(['Mint00000~1.1']);
  });

  it('in store with a priority, it waits where the priority puts it [core:B7]', async () => {
    const job = await running(risky({ fields: 'p7' }));
    await queue().add('b');
    await endOf(job, 'f5\t\t\tno');
    expect(await queue().ids('waiting')).toEqual(['Mint00000~1.1', 'b']);
  });

  it('switches priorities on before it is stored: a worker too old for them refuses it [core:A22]', async () => {
    await queue().raw('open', 'old', 0, 30_000, 'x');
    const { changed } = await queue().change(async () => {
      await expect(queue().add(['a', '', risky({ fields: 'p7' })])).rejects.toThrow(/^UPGRADE_REQUIRED/);
      await expect(queue().addChecked('x', 'ck,m5', risky({ fields: 'p7' }))).rejects.toThrow(/^UPGRADE_REQUIRED/);
    });
    expect(changed).toEqual({});
  });

  it('tells of it by an event, and wakes a worker', async () => {
    const job = await running();
    const parked = await queue().worker('F');
    await parked.exchange({ want: 1, park: 1 });
    await queue().configure('listening', '60000');
    const heard = await heardDuring(queue(), [queue().key('w:F')], 1, () => endOf(job, 'f5\t\tgreet\tno'));
    expect(heard).toEqual([`${queue().key('w:F')}: w`]);
    expect((await queue().told()).slice(-2)).toEqual(['f\ta\tgreet', 'w\tMint00000~1.1\talarm']);
  });

  it('costs other ends no call [core:A15]', async () => {
    await queue().add(['a', '', risky()], ['b', '', { fields: 'k5000:5000' }], 'c');
    const worker = await queue().worker('E');
    const [a, b, c] = await worker.lease(3);
    await worker.end(c, 'r5\t100\t\tno');
    const ofA = await queue().callsOf(() => worker.end(a, 'r5\t100\t\tno'));
    const ofB = await queue().callsOf(() => worker.end(b, 'r5\t100\t\tno'));
    expect(ofA).toEqual(ofB);
  });
});

const lane = ['lane', 1, 0] as const;
const stored = (text: string, length = Buffer.byteLength(text)): string => `f\tgreet\tf${length}\t\n${text}{}`;
const REFUSED = /PROTOCOL The job in store/;

describeMalformed(queue, 'add', [
  ['a job in store that is longer than the body', [...lane, 'a', stored('Mint~1\n\tn\t\t\n', 99)], REFUSED],
  ['a job in store without an id', [...lane, 'a', stored('\n\tn\t\t\n')], REFUSED],
  ['a job in store that is cut off', [...lane, 'a', stored('Mint~1\n\tn\t\t')], REFUSED],
  ['a job in store whose id has a tab', [...lane, 'a', stored('Mint\t1\n\tn\t\t\n')], REFUSED],
  ['a job in store of an unknown flag', [...lane, 'a', stored('Mint~1\nz\tn\tz1\t\n')], REFUSED],
  ['a job in store whose flags and fields differ', [...lane, 'a', stored('Mint~1\np\tn\t\t\n')], REFUSED],
  ['a job in store that has one itself', [...lane, 'a', stored(`Mint~1\n${stored('Mint~2\n\tn\t\t\n')}`)], REFUSED],
  [
    'a job in store with a priority out of range',
    [...lane, 'a', stored('Mint~1\np\tn\tp1001\t\n')],
    /PROTOCOL The priority/,
  ],
  ['no length of the job in store', [...lane, 'a', 'f\tgreet\tf\t\nMint~1\n\tn\t\t\n{}'], REFUSED],
]);

describeMalformed(queue, 'add-checked', [
  ['a job in store without an id', [...lane, 'a\tck,m5', stored('\n\tn\t\t\n')], REFUSED],
]);
