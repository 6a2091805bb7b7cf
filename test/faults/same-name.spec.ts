import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Crew, eventually, LEASE_MS } from './support/crew/crew.ts';

/** As containers of one image have it: all are called the same. */
const NAME = 'worker-1';

describe('two workers of the same name', () => {
  let crew: Crew;

  beforeEach(async () => {
    crew = await Crew.open();
  });

  afterEach(() => crew.close());

  it('are two owners: one renews nothing of the other, which is recovered when it dies, and comes back [case:C18]', async () => {
    const successor = await crew.worker({ name: NAME, waits: true }, 'begins');
    const first = await crew.worker({ name: NAME, concurrency: 1 });
    const [lost = ''] = await crew.add({ does: 'wait', ms: 60_000 });
    await eventually('the first to run a job', () => crew.history.of('start', { pid: first.pid }).length === 1);
    const second = await crew.worker({ name: NAME, concurrency: 1 });
    const workers = await crew.queue.workers();
    expect(workers.map(({ info }) => (info as { name: string }).name)).toEqual([NAME, NAME]);
    expect(new Set(workers.map(({ epoch }) => epoch)).size).toBe(2);
    const [own = ''] = await crew.add({ does: 'wait', ms: 4 * LEASE_MS });
    await eventually('the second to run one', () => crew.history.of('start', { pid: second.pid }).length === 1);
    await first.child.kill();
    await successor.go();
    await eventually('the lost job to run again', () => crew.history.of('start', { job: lost }).length === 2);
    await crew.ended(own);
    const { starters } = crew.history;
    expect(starters.get(lost)).toEqual([first.pid, successor.pid]);
    expect(starters.get(own)).toEqual([second.pid]);
    expect(await crew.queue.get(own)).toMatchObject({ state: 'completed', stalls: 0 });
  });
});
