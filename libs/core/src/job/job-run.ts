import type { Jsonify } from '../types/json.js';

/** One run of a job as hooks see it: what it is, without a handler's powers. A class, so that it can stand in a decorated signature. */
export abstract class JobRun<D = unknown> {
  /** Makes the class nominal: a hook's parameter is never taken for a handler's. */
  declare private readonly jobRun: true;

  abstract readonly id: string;
  abstract readonly name: string;
  /** The name of the queue. */
  abstract readonly queue: string;
  abstract readonly data: Jsonify<D>;
  abstract readonly meta: Readonly<Record<string, string>>;
  /** The number of this run, from 1. */
  abstract readonly attempt: number;
  abstract readonly maxAttempts: number;
  /** How many attempts threw or timed out before this one. */
  abstract readonly failures: number;
  /** How many times the worker vanished while this job ran. */
  abstract readonly stalls: number;
  abstract readonly createdAt: Date;
  /** The signal of the attempt; absent where the run is told of from outside, such as after its worker vanished. */
  abstract readonly signal: AbortSignal | undefined;
}
