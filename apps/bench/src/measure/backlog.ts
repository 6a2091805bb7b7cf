import type { Peer } from '../peers/index.js';
import { drafts } from '../scenarios/drafts.js';
import { handlerOf } from '../scenarios/handlers.js';
import type { BacklogScenario } from '../scenarios/scenario.js';
import type { Bench } from './bench.js';
import { fill } from './fill.js';
import { Tally } from './tally.js';
import type { Outcome } from './task.js';

const BULK = 1_000;

/** Works off while as many are added as are done, so that the same number waits all the time. */
export async function backlog(peer: Peer, { waiting, concurrency }: BacklogScenario, bench: Bench): Promise<Outcome> {
  const { meter } = bench;
  const draft = drafts('small');
  await fill(peer, draft, { from: 0, jobs: waiting });
  const tally = new Tally(meter, bench);
  let sinceRefill = 0;
  let refilling: Promise<unknown> = Promise.resolve();
  const done = (): void => {
    tally.done();
    if (++sinceRefill < BULK) return;
    sinceRefill = 0;
    refilling = Promise.all([refilling, fill(peer, draft, { from: 0, jobs: BULK })]);
  };
  await peer.work(concurrency, handlerOf('nothing', done));
  const measured = await tally.finished;
  const costs = await meter.costs(measured);
  await refilling;
  return { figures: { rate: measured / meter.seconds }, costs };
}
