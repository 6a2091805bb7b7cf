import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, JobConflictError, JobNotFoundError, type Queue, VirtualClock } from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
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
    expect(job).toMatchObject({ id: 'x', outcome: 'kept', state: 'completed' });
    expect(await queue.get('x')).toBeUndefined();
    await expect(queue.result('x')).rejects.toBeInstanceOf(JobNotFoundError);
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
