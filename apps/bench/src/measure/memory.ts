import type { Peer } from '../peers/index.js';
import { drafts } from '../scenarios/drafts.js';
import { handlerOf } from '../scenarios/handlers.js';
import type { MemoryScenario } from '../scenarios/scenario.js';
import type { Bench } from './bench.js';
import { fill } from './fill.js';
import { Tally } from './tally.js';
import type { Outcome } from './task.js';

const CONCURRENCY = 100;
const DAY_MS = 86_400_000;

/**
 * What a job more takes: the difference between twice as many jobs and as many. So what does not grow with the jobs
 * (connections, scripts, an event log that is full) counts for nobody.
 */
export async function memory(peer: Peer, { kind, completed }: MemoryScenario, bench: Bench): Promise<Outcome> {
  const { jobs, usedMemory } = bench;
  const draft = drafts(kind, Date.now() + DAY_MS);
  let done = (): void => {};
  if (completed)
    await peer.work(
      CONCURRENCY,
      handlerOf('nothing', () => done()),
    );

  const addAll = async (from: number): Promise<void> => {
    const tally = completed ? new Tally(bench.meter, { ...bench, warmUp: 0, jobs }) : undefined;
    done = tally?.done ?? done;
    await fill(peer, draft, { from, jobs });
    await tally?.finished;
  };
  await addAll(0);
  const before = await settled(usedMemory);
  await addAll(jobs);
  const after = await settled(usedMemory);
  return { figures: { bytes: (after - before) / jobs }, costs: {} };
}

/** Buffers of connections and of the last acknowledgements are still on their way for a moment. */
async function settled(usedMemory: () => Promise<number>): Promise<number> {
  let last = await usedMemory();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = await usedMemory();
    if (Math.abs(now - last) < 10_000) return now;
    last = now;
  }
}
