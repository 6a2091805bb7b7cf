import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Peer } from '../peers/index.js';
import { drafts } from '../scenarios/drafts.js';
import { handlerOf } from '../scenarios/handlers.js';
import type { DrainScenario } from '../scenarios/scenario.js';
import { fill } from './fill.js';
import type { Bench } from './bench.js';
import { Tally } from './tally.js';
import type { Outcome } from './task.js';
import type { WorkerOrder, WorkerReport } from './worker-process.js';

const WORKER = fileURLToPath(new URL('./worker-process.js', import.meta.url));

/** Works off a queue that was filled before; what counts begins after the warm-up, without a pause. */
export async function drain(peer: Peer, scenario: DrainScenario, bench: Bench): Promise<Outcome> {
  const { meter, warmUp, jobs } = bench;
  await fill(peer, drafts(scenario.kind), { from: 0, jobs: warmUp + jobs });
  const tally = new Tally(meter, bench);
  const workers = scenario.workerProcesses > 0 ? await startWorkers(scenario, bench, tally) : [];
  if (workers.length === 0) await peer.work(scenario.concurrency, handlerOf(scenario.handler, tally.done));
  const measured = await tally.finished;
  for (const worker of workers) worker.kill('SIGKILL');
  return { figures: { rate: measured / meter.seconds }, costs: await meter.costs(measured) };
}

/** All at the same moment: the first must not have done the work before the last has come. */
async function startWorkers(
  scenario: DrainScenario,
  { task, queue, meter }: Bench,
  tally: Tally,
): Promise<ChildProcess[]> {
  const order: WorkerOrder = { task, queue };
  const workers = Array.from({ length: scenario.workerProcesses }, () => fork(WORKER, [JSON.stringify(order)]));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  for (const worker of workers) {
    worker.on('message', ({ done, cpuMs }: WorkerReport) => {
      meter.otherCpuMs += cpuMs;
      tally.add(done);
    });
    worker.send('start');
  }
  return workers;
}
