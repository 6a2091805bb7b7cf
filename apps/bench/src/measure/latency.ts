import type { Peer } from '../peers/index.js';
import { drafts } from '../scenarios/drafts.js';
import type { LatencyScenario } from '../scenarios/scenario.js';
import type { Bench } from './bench.js';
import type { Outcome } from './task.js';

/** Between a start and the next add of an idle queue; between two looks whether all have started. */
const PAUSE_MS = 20;
const LOOK_MS = 2;
const draft = drafts('numbered');

/** When each job was to be added and when its handler started, in ms of the process's clock; NaN as long as not. */
class Starts {
  readonly due: Float64Array;
  readonly started: Float64Array;
  missing: number;

  constructor(jobs: number) {
    this.due = new Float64Array(jobs).fill(Number.NaN);
    this.started = new Float64Array(jobs).fill(Number.NaN);
    this.missing = jobs;
  }

  /** A job that ran twice started once. */
  note(n: number): void {
    if (!Number.isNaN(this.started[n])) return;
    this.started[n] = performance.now();
    this.missing--;
  }

  /** Sorted waits of the jobs from the n-th on; one that has not started yet has waited until now. */
  waits(from: number): Float64Array {
    const now = performance.now();
    return this.due
      .map((due, n) => (Number.isNaN(this.started[n]) ? now : this.started[n]!) - due)
      .subarray(from)
      .sort();
  }
}

/** Measures how long a job waits in an otherwise idle process: it adds, and it works. */
export async function latency(peer: Peer, { perSecond, concurrency }: LatencyScenario, bench: Bench): Promise<Outcome> {
  const { warmUp, jobs, limitMs } = bench;
  const starts = new Starts(warmUp + jobs);
  await peer.work(concurrency, async ({ n }) => starts.note(n));
  const deadline = performance.now() + limitMs;
  if (perSecond === undefined) await oneByOne(peer, starts, deadline);
  else await atRate(peer, starts, perSecond);
  const late = starts.missing;
  while (starts.missing > 0 && performance.now() < deadline) await pause(LOOK_MS);
  const waits = starts.waits(warmUp);
  const at = (part: number): number => waits[Math.min(waits.length - 1, Math.floor(part * waits.length))]!;
  return { figures: { p50: at(0.5), p99: at(0.99) }, costs: {}, ...noteOf(late, warmUp + jobs) };
}

/** The next one only when the queue is idle again. */
async function oneByOne(peer: Peer, starts: Starts, deadline: number): Promise<void> {
  for (let n = 0; n < starts.due.length; n++) {
    await pause(PAUSE_MS);
    starts.due[n] = performance.now();
    await peer.add(draft(n));
    while (Number.isNaN(starts.started[n])) {
      if (performance.now() > deadline) throw new Error(`Only ${n} of ${starts.due.length} jobs have started.`);
      await pause(LOOK_MS);
    }
  }
}

/**
 * An open loop: each job has its moment, however the earlier ones fare, and waits from that moment on, even if the
 * process was too busy to add it in time. It looks at the clock in every turn of the event loop: a timer would be late
 * by more than a fast queue takes.
 */
async function atRate(peer: Peer, starts: Starts, perSecond: number): Promise<void> {
  const adds: Promise<unknown>[] = [];
  const began = performance.now();
  const jobs = starts.due.length;
  while (adds.length < jobs) {
    const dueByNow = Math.min(jobs, 1 + Math.floor(((performance.now() - began) * perSecond) / 1_000));
    for (let n = adds.length; n < dueByNow; n++) {
      starts.due[n] = began + (n * 1_000) / perSecond;
      adds.push(peer.add(draft(n)));
    }
    await new Promise(setImmediate);
  }
  await Promise.all(adds);
}

/** A library that keeps up has a handful of jobs left when the last was added. */
function noteOf(late: number, jobs: number): { note?: string } {
  const part = Math.round((100 * late) / jobs);
  return part < 5 ? {} : { note: `could not keep up: ${part} % of the jobs had not started when all were added` };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
