import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, JobConflictError, JobNotFoundError, type Queue, VirtualClock } from '@millrace/core';
import { Proxy } from '../support/proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { callsOf } from './support/calls-of.ts';
import { Harness } from './support/harness.ts';

const HOUR_MS = 3_600_000;

describe('an id whose job was deleted at its end', () => {
  let harness: Harness;
  let clock: VirtualClock;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    clock = new VirtualClock();
    const connection = await harness.connect({ clock });
    queue = await harness.queue('mail', { connection });
    const worker = await harness.worker({ connection, handler: () => 'done' });
    await queue.add('first', 1, { id: 'x', idForMs: HOUR_MS, keep: { completed: { ageMs: 0 } } });
    await waitFor('the job to have gone', async () => (await queue.get('x')) === undefined);
    await worker.stop();
  });

  afterEach(() => harness.close());

  it('is remembered for idForMs: keep adds nothing, and says so [case:A13]', async () => {
    await clock.advance(HOUR_MS - 1);
    const job = await queue.add('first', 2, { id: 'x' });
    expect(job).toMatchObject({ id: 'x', outcome: 'kept', state: 'gone', queue: 'mail' });
    expect(await queue.get('x')).toBeUndefined();
    await expect(queue.result('x')).rejects.toBeInstanceOf(JobNotFoundError);
  });

  it('says nothing of a job of which nothing is known but its id, whoever asks for how many [case:A13]', async () => {
    const [, kept] = await queue.addMany([
      { name: 'first', data: 2 },
      { name: 'first', data: 2, options: { id: 'x', priority: 5, meta: { tenant: 't7' } } },
    ]);
    expect(kept).toMatchObject({ id: 'x', outcome: 'kept', state: 'gone', name: '', payload: '', priority: 0 });
    expect([kept?.data, kept?.result, kept?.error, kept?.finishedAt, kept?.durationMs]).toEqual(
      Array(5).fill(undefined),
    );
    expect([kept?.meta, kept?.options]).toEqual([{}, {}]);
    expect(kept?.createdAt.getTime()).toBeNaN();
  });

  it('is told alike where the job goes while add looks at it [case:A13]', async () => {
    const proxy = await Proxy.start(harness.url);
    const distant = await harness.queue('mail', { connection: await harness.connect({ clock }, proxy.url) });
    await queue.add('first', 1, { id: 'y', idForMs: HOUR_MS });
    const looking = proxy.cutBeforeForward(callsOf('get'));
    const adding = distant.add('first', 2, { id: 'y' });
    await looking;
    proxy.refuse();
    await queue.remove('y');
    await proxy.pass();
    expect(await adding).toMatchObject({ id: 'y', outcome: 'kept', state: 'gone' });
    await distant.close();
    await proxy.close();
  });

  it('is remembered for idForMs: reject throws [case:A13]', async () => {
    await clock.advance(HOUR_MS - 1);
    const added = queue.add('first', 2, { id: 'x', onConflict: 'reject' });
    await expect(added).rejects.toBeInstanceOf(JobConflictError);
    expect(await queue.get('x')).toBeUndefined();
  });

  it('may be replaced at any time [case:A13]', async () => {
    expect(await queue.add('first', 2, { id: 'x', onConflict: 'replace' })).toMatchObject({ outcome: 'added' });
    expect(await queue.get('x')).toMatchObject({ data: 2, state: 'waiting' });
  });

  it('is free after idForMs [case:A13]', async () => {
    await clock.advance(HOUR_MS);
    expect(await queue.add('first', 2, { id: 'x', onConflict: 'reject' })).toMatchObject({ outcome: 'added' });
  });

  it('is free at once when its job was removed by hand [case:A13]', async () => {
    await queue.add('first', 2, { id: 'y', idForMs: HOUR_MS });
    await queue.remove('y');
    expect(await queue.add('first', 3, { id: 'y' })).toMatchObject({ outcome: 'added' });
  });
});
