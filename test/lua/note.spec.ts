import { describe, expect, it } from '@jest/globals';

import { note } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import type { Leased, LuaWorker } from './support/lua-worker.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();

async function running(): Promise<{ worker: LuaWorker; job: Leased }> {
  await queue().add('a');
  const worker = await queue().worker('E');
  return { worker, job: await worker.leaseOne() };
}

const write = (job: Leased, kind: string, name: string, value: string) =>
  queue().run(note, { epoch: 'E', id: job.id, token: job.token, kind, name, value });

describe('note', () => {
  it('keeps progress: the latest wins; the job has a header from then on, and its hold says so', async () => {
    const { job } = await running();
    await write(job, 'p', '', '10');
    const { reply, changed } = await queue().change(() => write(job, 'p', '', '20'));
    expect(reply).toEqual({ code: 'OK', kept: '20' });
    expect(changed).toEqual({ 's:a': { p: '20' } });
    expect(await queue().dump()).toMatchObject({ m: { a: '10,0,0,0,N,' }, 'h:E': { a: '0.1.1000000000000HN' } });
  });

  it('keeps the first result of a step, and gives that one to whoever comes later', async () => {
    const { job } = await running();
    expect(await write(job, 't', 'charge', '"paid"')).toEqual({ code: 'OK', kept: '"paid"' });
    const { reply, changed } = await queue().change(() => write(job, 't', 'charge', '"paid again"'));
    expect([reply, changed]).toEqual([{ code: 'OK', kept: '"paid"' }, {}]);
  });

  it('keeps a line of the log once under its number [core:A13]', async () => {
    const { job } = await running();
    await write(job, 'l', '1', 'first');
    await write(job, 'l', '1', 'again');
    await write(job, 'l', '2', 'second');
    expect((await queue().dump())['s:a']).toEqual({ l1: 'first', l2: 'second' });
  });

  it('clears the stalls of a job that gets a step done: no poison job does [core:A8]', async () => {
    await queue().add('a');
    await queue().redis.hset(queue().key('m'), 'a', '11,2,3,0,S,');
    const worker = await queue().worker('E');
    const job = await worker.leaseOne();
    await write(job, 'p', '', '5');
    expect((await queue().dump())['m']).toEqual({ a: '11,2,3,0,SN,' });
    await write(job, 't', 'one', '1');
    expect((await queue().dump())['m']).toEqual({ a: '11,0,3,0,SN,' });
  });

  it('keeps the start mark of the hold, and the mark the notes', async () => {
    const { worker, job } = await running();
    await worker.start(job);
    await write(job, 'p', '', '5');
    expect((await queue().dump())['h:E']).toMatchObject({ a: '0.1.1000000000000MHN' });
  });

  it.each([
    ['of another call', async (job: Leased) => write({ ...job, token: '0.2' }, 'p', '', '5')],
    [
      'of another worker',
      async (job: Leased) =>
        queue().run(note, { epoch: 'F', id: 'a', token: job.token, kind: 'p', name: '', value: '5' }),
    ],
    ['for a job that is not held', async (job: Leased) => write({ ...job, id: 'b' }, 'p', '', '5')],
  ])('refuses a token %s and changes nothing [core:A2]', async (_, call) => {
    const { job } = await running();
    await queue().add('b');
    await queue().worker('F');
    const { reply, changed } = await queue().change(() => call(job));
    expect([reply, changed]).toEqual([{ code: 'LEASE_LOST' }, {}]);
  });

  it('refuses a run that ended, was taken away or whose epoch is dying [core:A2, core:A4, case:C15]', async () => {
    const { worker, job } = await running();
    await queue().redis.hdel(queue().key('h:E'), '\topen');
    expect(await write(job, 'p', '', '5')).toEqual({ code: 'LEASE_LOST' });
    await queue().redis.hset(queue().key('h:E'), '\topen', `1,30000,${START}`);
    await worker.end(job);
    expect(await write(job, 'p', '', '5')).toEqual({ code: 'LEASE_LOST' });
    expect((await queue().dump())['s:a']).toBeUndefined();
  });

  it('lets notes outlive the attempt, and go with the job', async () => {
    const { worker, job } = await running();
    await write(job, 't', 'one', '1');
    await worker.end(job, 'r1\t0\t\t');
    await queue().promote('a');
    const again = await worker.leaseOne();
    expect(again.header).toBe('11,0,0,0,NY,');
    expect(await write(again, 't', 'one', '2')).toMatchObject({ kept: '1' });
    await worker.end(again);
    await queue().remove('a');
    expect((await queue().dump())['s:a']).toBeUndefined();
  });

  it('writes an event for progress, for nothing else', async () => {
    await queue().configure('listening', '60000');
    const { job } = await running();
    await write(job, 'l', '1', 'x');
    await write(job, 'p', '', '5');
    expect(await queue().told()).toEqual(['g\t\t', 'w\ta\tgreet', 'a\ta\tgreet', 'p\ta\t']);
  });
});

describeMalformed(
  queue,
  'note',
  [
    ['a kind that is none', ['E', 'a', '0.1', 'q', '', '5'], /PROTOCOL The kind/],
    ['two kinds', ['E', 'a', '0.1', 'pt', '', '5'], /PROTOCOL The kind/],
    ['a part of a token', ['E', 'a', '0', 'p', '', '5'], /PROTOCOL A token/],
    ['an empty token', ['E', 'a', '', 'p', '', '5'], /PROTOCOL A token/],
    ['the name of an inner field', ['E', '\topen', '0.1', 'p', '', '5'], /PROTOCOL The id/],
  ],
  running,
);
