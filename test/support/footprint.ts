import { expect } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { liveResources, type LiveResources } from './leak-check.ts';
import { waitFor } from './wait-for.ts';

/** What a leak would hold on to; timers and sockets of the tests themselves come and go. */
const KINDS = ['Worker', 'MessagePort', 'TCPSocketWrap', 'PipeWrap', 'ChildProcess'];
/** What a heap may differ by. Thirty clients, queues and workers that nothing lets go would be far more. */
const MORE_BYTES = 8_000_000;

/** What a process holds when something has been started and ended some times. */
export class Footprint {
  private constructor(
    private readonly resources: LiveResources,
    private readonly listeners: Readonly<Record<string, number>>,
    private readonly clients: () => Promise<number>,
    private readonly openClients: number,
    private readonly heapBytes: number,
  ) {}

  /** @param clients how many connections Redis has */
  static async after(cycle: () => Promise<void>, times: number, clients: () => Promise<number>): Promise<Footprint> {
    for (let n = 0; n < times; n++) await cycle();
    const names = process.eventNames().map((name): [string, number] => [String(name), process.listenerCount(name)]);
    return new Footprint(liveResources(), Object.fromEntries(names), clients, await clients(), heapInUse());
  }

  /** What is still closing has time to do so. */
  async isNoMoreThan(before: Footprint): Promise<void> {
    await waitFor('the connections to be gone', async () => (await this.clients()) <= before.openClients);
    await waitFor('the handles to be gone', () => {
      const now = liveResources();
      return KINDS.every((kind) => (now.get(kind) ?? 0) <= (before.resources.get(kind) ?? 0));
    });
    expect(this.listeners).toEqual(before.listeners);
    expect(heapInUse() - before.heapBytes).toBeLessThan(MORE_BYTES);
  }
}

function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
