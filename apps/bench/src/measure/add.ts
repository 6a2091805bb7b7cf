import type { Peer } from '../peers/index.js';
import { drafts } from '../scenarios/drafts.js';
import type { AddScenario } from '../scenarios/scenario.js';
import type { Bench } from './bench.js';
import { Tally } from './tally.js';
import type { Outcome } from './task.js';

/** Adds jobs, so many calls at a time and so many jobs a call. */
export async function add(peer: Peer, scenario: AddScenario, bench: Bench): Promise<Outcome> {
  const { meter, warmUp, jobs } = bench;
  const draft = drafts(scenario.kind);
  const { inFlight, jobsPerCall } = scenario;
  const tally = new Tally(meter, bench);
  let isOver = false;
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < warmUp + jobs && !isOver) {
      await peer.add(draft(next++));
      tally.add(1);
    }
  };
  const many = async (): Promise<void> => {
    for (; next < warmUp + jobs && !isOver; next += jobsPerCall) {
      await peer.addMany(Array.from({ length: jobsPerCall }, (_, i) => draft(next + i)));
      tally.add(jobsPerCall);
    }
  };
  const producers = Promise.all(Array.from({ length: inFlight }, jobsPerCall === 1 ? one : many));
  const measured = await Promise.race([tally.finished, producers.then(() => tally.finished)]);
  isOver = true;
  await producers;
  return { figures: { rate: measured / meter.seconds }, costs: await meter.costs(measured) };
}
