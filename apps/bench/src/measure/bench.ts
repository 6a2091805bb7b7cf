import type { Setup } from '../peers/index.js';
import type { Meter } from './meter.js';
import type { Task } from './task.js';

/** What a method of measuring works with. */
export interface Bench {
  readonly task: Task;
  readonly queue: string;
  readonly meter: Meter;
  readonly warmUp: number;
  readonly jobs: number;
  readonly limitMs: number;
  /** Bytes that Redis uses for data. */
  readonly usedMemory: () => Promise<number>;
}

const BULK = 1_000;

/** What the adapter has to know of a task. */
export function setupOf({ scenario, port }: Task, queue: string): Setup {
  return {
    port,
    queue,
    keep: scenario.method === 'drain' ? scenario.keep : scenario.method === 'memory' ? 'all' : 'default',
    inFlight:
      scenario.method === 'add' ? scenario.inFlight * scenario.jobsPerCall : scenario.method === 'latency' ? 1 : BULK,
    hasDelays: scenario.method === 'due' || (scenario.method === 'memory' && scenario.kind === 'delayed'),
    hasRetries: scenario.method === 'drain' && scenario.handler === 'fails once',
  };
}
