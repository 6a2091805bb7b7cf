import type { Peer } from '../peers/index.js';
import { drafts } from '../scenarios/drafts.js';
import { handlerOf } from '../scenarios/handlers.js';
import type { DueScenario } from '../scenarios/scenario.js';
import type { Bench } from './bench.js';
import { fill } from './fill.js';
import { Tally } from './tally.js';
import type { Outcome } from './task.js';

/** Added jobs a second are estimated from the warm-up; this much more, and a moment, is left for all of them. */
const RESERVE = 2.5;
const MOMENT_MS = 300;

/** Jobs that all become due at one moment: how fast they have run, counted from it. */
export async function due(peer: Peer, { concurrency }: DueScenario, bench: Bench): Promise<Outcome> {
  const { meter, warmUp, jobs, limitMs } = bench;
  const warm = new Tally(meter, { warmUp: 1, jobs: warmUp - 1, limitMs });
  let done = warm.done;
  await peer.work(
    concurrency,
    handlerOf('nothing', () => done()),
  );
  const began = performance.now();
  await fill(peer, drafts('small'), { from: 0, jobs: warmUp });
  const perJobMs = (performance.now() - began) / warmUp;
  await warm.finished;

  const dueAt = Math.ceil(Date.now() + RESERVE * perJobMs * jobs + MOMENT_MS);
  await fill(peer, drafts('delayed', dueAt), { from: warmUp, jobs });
  const early = dueAt - Date.now();
  if (early < 0) throw new Error(`The jobs were due ${-early} ms before the last of them was added.`);
  const tally = new Tally(meter, { warmUp: 0, jobs, limitMs: early + limitMs });
  done = tally.done;
  await new Promise((resolve) => setTimeout(resolve, early));
  meter.start();
  const measured = await tally.finished;
  // From the moment itself: the timer that waited for it may have been late.
  const seconds = (Date.now() - dueAt) / 1_000;
  return { figures: { rate: measured / seconds }, costs: await meter.costs(measured) };
}
