import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Crew, eventually, LEASE_MS } from './support/crew/crew.ts';

describe('a handler that blocks the event loop', () => {
  let crew: Crew;

  beforeEach(async () => {
    crew = await Crew.open();
  });

  afterEach(() => crew.close());

  it('for more than three leases runs exactly once; what its worker had taken ahead runs elsewhere meanwhile [core:A7] [case:C16]', async () => {
    const other = await crew.worker({ waits: true }, 'begins');
    const blocked = await crew.worker({ concurrency: 2, prefetch: 6 });
    const [blocking = '', ...others] = await crew.add(
      { does: 'block', ms: 5 * LEASE_MS },
      ...Array.from({ length: 7 }, () => ({})),
    );
    await eventually('it to block', () => crew.history.of('start').length === 1);
    expect((await crew.queue.counts()).active).toBe(8);
    await other.go();
    await eventually('the others to run elsewhere', () => crew.history.of('accepted', { pid: other.pid }).length === 7);
    expect(crew.history.of('end', { job: blocking })).toEqual([]);
    const job = await crew.ended(blocking);
    expect(job).toMatchObject({ state: 'completed', stalls: 0, failures: 0, result: `by ${blocked.pid}` });
    await crew.drained();
    const { starters } = crew.history;
    expect(starters.get(blocking)).toEqual([blocked.pid]);
    for (const id of others) expect(starters.get(id)).toEqual([other.pid]);
    await eventually('the log', () => /jobs of queue "mail" that had not started go back/.test(blocked.log.join()));
  });

  it('past its own deadline is ended by the keeper, and what it returns later counts no more [core:A7]', async () => {
    const worker = await crew.worker();
    const [id = ''] = await crew.add({ does: 'block', ms: 4_000, options: { timeoutMs: 300, maxAttempts: 1 } });
    await eventually('it to block', () => crew.history.of('start').length === 1);
    const job = await crew.ended(id);
    expect(crew.history.of('end')).toEqual([]);
    expect(job).toMatchObject({ state: 'timed_out', failures: 1, error: { kind: 'timeout', code: 'JOB_TIMEOUT' } });
    await eventually('the hook', () => crew.history.of('timeout').length === 1);
    expect(crew.history.of('end')).toHaveLength(1);
    expect(crew.history.of('accepted')).toEqual([]);
    expect((await crew.queue.get(id))?.state).toBe('timed_out');
    expect((await worker.health()).queues[0]).toMatchObject({ running: 0, zombies: 0 });
    const [next = ''] = await crew.add({});
    expect((await crew.ended(next)).state).toBe('completed');
  });

  it('past its own deadline is repeated while attempts are left [core:A7]', async () => {
    const [id = ''] = await crew.add({
      does: 'block',
      ms: 4_000,
      options: { timeoutMs: 200, maxAttempts: 2, backoff: { type: 'fixed', delayMs: 0 } },
    });
    const second = await crew.worker({ waits: true }, 'begins');
    const first = await crew.worker();
    await eventually('it to block', () => crew.history.of('start').length === 1);
    await second.go();
    expect(await crew.ended(id)).toMatchObject({ state: 'timed_out', failures: 2, attempt: 2 });
    expect(crew.history.starters.get(id)).toEqual([first.pid, second.pid]);
  });

  it('past blockedLimitMs loses its lease: it runs again elsewhere, and its own outcome is refused [core:A7]', async () => {
    const other = await crew.worker({ waits: true, concurrency: 1 }, 'begins');
    const blocked = await crew.worker({ lease: { blockedLimitMs: LEASE_MS } });
    const [id = ''] = await crew.add({ does: 'block', ms: 6 * LEASE_MS });
    await eventually('it to block', () => crew.history.of('start').length === 1);
    await other.go();
    await eventually('it to run elsewhere', () => crew.history.of('start').length === 2);
    await eventually('both to end', () => crew.history.of('end').length === 2);
    await eventually('the loss to be told', () => crew.history.of('lost').length === 1);
    await eventually('the success to be told', () => crew.history.of('accepted').length === 1);
    const { history } = crew;
    expect(history.of('lost').map(({ pid }) => pid)).toEqual([blocked.pid]);
    expect(history.of('accepted').map(({ pid }) => pid)).toEqual([other.pid]);
    expect((await crew.ended(id)).result).toBe(`by ${other.pid}`);
    await eventually('the log', () => /is let go/.test(blocked.log.join()));
  });
});
