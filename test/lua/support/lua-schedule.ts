import * as scripts from '../../../libs/core/src/redis/scripts.generated.js';
import type { TestQueue } from './harness.js';
import { START } from './lua-queue.js';
import { body, type JobSketch } from './records.js';

type ScheduleArgs = Parameters<typeof scripts.schedule.encode>[0];

/** What `schedule` is told; the rest is as of a schedule `nightly` that is new, and fires in a minute. */
export function definition(
  said: Partial<Omit<ScheduleArgs, 'laneId' | 'seq' | 'now'>> = {},
): Omit<ScheduleArgs, 'laneId' | 'seq' | 'now'> {
  return {
    id: 'nightly',
    wasHash: '',
    wasAt: 0,
    revision: 0,
    hash: 'h1',
    nextAt: START + 60_000,
    definition: '{}\n["data"]',
    ...said,
  };
}

/** Stores a schedule and returns the code of the reply. */
export async function define(queue: TestQueue, said: Parameters<typeof definition>[0] = {}): Promise<string> {
  return (await queue.run(scripts.schedule, { ...queue.lane(), ...definition(said) })).code;
}

/** What `fire` is told; the rest is as of the schedule of `definition`, which adds one job. */
export interface Firing {
  readonly id?: string;
  readonly at?: number;
  readonly hash?: string;
  readonly nextAt?: number;
  readonly left?: number;
  readonly alone?: number;
  /** The times met. */
  readonly times?: readonly number[];
  readonly how?: string;
  readonly sketch?: JobSketch;
}

export function firing({ how = 'ck,m3600000', sketch, times, ...said }: Firing = {}): Parameters<
  typeof scripts.fire.encode
>[0] {
  const at = said.at ?? START + 60_000;
  const rows = (times ?? [at]).flatMap((time) => [String(time), how, body(sketch)]);
  return { id: 'nightly', hash: 'h1', left: 0, alone: 0, nextAt: at + 60_000, ...said, at, rows };
}

/** Fires, and says what came of it: how many jobs, or the code. */
export async function fire(queue: TestQueue, said: Firing = {}): Promise<number | string> {
  const reply = await queue.run(scripts.fire, firing(said));
  return reply.code === 'OK' ? reply.fired : reply.code;
}

/** As the record of a schedule is stored. */
export function record(
  said: { count?: number; last?: number; revision?: number; hash?: string; job?: string } = {},
): string {
  const { count = 0, last = 0, revision = 0, hash = 'h1', job = '' } = said;
  return `1${revision},${count},${last}\t${hash}\t${job}\n{}\n["data"]`;
}
