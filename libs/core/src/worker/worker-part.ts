import { hostname } from 'node:os';

import type { ResolvedWorkerOptions, ResolvedWorkQueue } from '../options/index.js';
import type { Connection } from '../redis/index.js';
import { PROTOCOL_VERSION } from './epoch.js';
import { paceOf } from './pace.js';
import { surround } from './run-chain.js';

/** What a worker is for one of its queues. */
export interface WorkerPart {
  /** How many queues share the slots. */
  readonly of: number;
  /** How many times as long as the only queue of a worker it waits for its next look. */
  readonly pace: number;
  readonly weight: number;
  /** The worker's, with the queue's own handlers and defaults in their place. */
  readonly options: ResolvedWorkerOptions<Connection>;
  /** What the worker says of itself to this queue, as JSON text. */
  readonly info: string;
}

/** The part of a worker that works one of its queues. */
export function partOf(worker: ResolvedWorkerOptions<Connection>, queue: ResolvedWorkQueue): WorkerPart {
  const { handlers = worker.handlers, defaults = worker.defaults, schedules = worker.schedules, weight = 1 } = queue;
  const options = { ...worker, handlers: surround(handlers, worker.middleware), defaults, schedules };
  const of = worker.queues.length;
  return { of, pace: paceOf(of), weight, options, info: infoOf(options) };
}

function infoOf({ name, handlers, concurrency, schedules }: ResolvedWorkerOptions<Connection>): string {
  return JSON.stringify({
    name: name ?? `${hostname()}:${process.pid}`,
    host: hostname(),
    pid: process.pid,
    protocol: PROTOCOL_VERSION,
    names: [...handlers.keys()],
    concurrency: concurrency.max === Infinity ? 'unlimited' : concurrency.max,
    ...(schedules.length === 0 ? {} : { schedules }),
  });
}
