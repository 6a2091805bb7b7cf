/** Program of a worker process: `worker-process.js ORDER`. Says that it is ready, waits for a word, and reports as it goes. */
import { once } from 'node:events';

import { PEERS } from '../peers/index.js';
import { handlerOf } from '../scenarios/handlers.js';
import type { DrainScenario } from '../scenarios/scenario.js';
import { setupOf } from './bench.js';
import type { Task } from './task.js';

/** What a worker process is to work on. */
export interface WorkerOrder {
  readonly task: Task;
  readonly queue: string;
}

/** What a worker process has done, and used, since its last report. */
export interface WorkerReport {
  readonly done: number;
  readonly cpuMs: number;
}

/** Seldom enough to cost nothing, often enough to know when the last job was done. */
const REPORT_MS = 10;

const { task, queue } = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
const { concurrency, handler } = task.scenario as DrainScenario;
let done = 0;
let cpu = process.cpuUsage();

process.on('disconnect', () => process.exit());
const peer = await PEERS[task.peer].load();
await peer.open(setupOf(task, queue));
process.send?.('ready');
await once(process, 'message');
await peer.work(
  concurrency,
  handlerOf(handler, () => {
    done++;
  }),
);
setInterval(() => {
  const { user, system } = process.cpuUsage(cpu);
  const report: WorkerReport = { done, cpuMs: (user + system) / 1_000 };
  cpu = process.cpuUsage();
  done = 0;
  if (report.done > 0) process.send?.(report);
}, REPORT_MS);
