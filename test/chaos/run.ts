import type { AnyJobs, Queue } from '@millrace/core';
import { EventReader } from '../core/support/event-reader.ts';
import { note } from '../faults/support/fleet/history.ts';
import { Fleet } from '../faults/support/fleet/fleet.ts';
import { RedisServer } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';
import { Seat, type Role } from './crew/seat.ts';
import { Watch } from './crew/watch.ts';
import { transactionsOf } from './evidence/aof.ts';
import { finalKeys } from './evidence/keys.ts';
import { Ledger } from './evidence/ledger.ts';
import type { ChaosLine } from './lines.ts';
import { Nemesis, type Tell } from './nemesis/nemesis.ts';
import { Plan } from './nemesis/plan.ts';
import { Scene } from './nemesis/scene.ts';
import { GPUS, GROUP_CONCURRENCY, NARROW_CONCURRENCY, QUEUES, ROWS, textOf, TICK, type Work } from './programs/work.ts';
import { Stalls } from './stalls.ts';
import type { Evidence } from './verdict/evidence.ts';

/** Short, so that a run has many; long enough that a busy machine costs nobody his own. */
export const LEASE_MS = 2_000;
const COMMAND_MS = 1_500;
/**
 * How long it may take until all is as it was: the lease of whoever died, a turn of housekeeping, the longest wait before a
 * reconnection, of a worker before it looks again, and a command that is out meanwhile; and a process to start on two cores.
 */
export const PATIENCE_MS = LEASE_MS + 1_000 + 2_000 + 2_000 + COMMAND_MS + 2_500;
const DRAIN_MS = 60_000;
const CREW: Readonly<Record<Role, number>> = { worker: 3, producer: 3 };
/** Nothing happens to this one: without work nobody could show that he works again. */
const SPARED = 'producer-3';
/** All that is needed at the end is kept until then. */
const KEEP = { count: 1_000_000 };

/** What a run leaves behind: what happened, and what was not as it should be beside what the verdict is about. */
export interface RunResult {
  readonly evidence: Evidence;
  readonly problems: readonly string[];
  /** The named points that were met. */
  readonly met: readonly string[];
  readonly events: number;
  /** The version of the server. */
  readonly redis: string;
}

/** Runs producers and workers under faults, from a seed, and collects what they and Redis did. */
export async function run(seconds: number, seed: number, tell: Tell): Promise<RunResult> {
  const redis = await RedisServer.start({
    appendOnly: true,
    // The whole of the file is the ledger of the run.
    args: ['--auto-aof-rewrite-percentage', '0'],
  });
  const fleet = await Fleet.prepare(redis.url);
  const seats: Seat[] = [];
  const stalls = new Stalls();
  try {
    const queues = await prepareQueues(fleet);
    const events = new EventReader(queues.rich);
    for (const role of ['worker', 'producer'] as const)
      for (let number = 1; number <= CREW[role]; number++)
        seats.push(
          await Seat.take(role, number, redis.url, fleet, {
            leaseMs: LEASE_MS,
            commandTimeoutMs: COMMAND_MS,
            seed: seed + 1_000 * seats.length,
          }),
        );

    const scene = new Scene(redis, seats, LEASE_MS);
    const nemesis = new Nemesis(scene, new Watch(fleet.history.folder), PATIENCE_MS, tell);
    await nemesis.haunt(new Plan(seed, namesOf(seats), LEASE_MS), seconds);
    await queues.mixed.unschedule(TICK.id);
    const drained = await drain(seats, Object.values(queues), tell);
    await events.stop();
    stalls.stop();

    const lines = await fleet.history.lines<ChaosLine>();
    const { homes, leftovers } = await finalKeys(redis.url, fleet.harness.prefix, Object.values(QUEUES));
    const ledger = new Ledger(transactionsOf(await redis.appendOnlyFile())).entries;
    const wrong = lines.flatMap((line) => (line.op === 'wrong' ? [`${line.by}: ${line.detail ?? ''}`] : []));
    return {
      evidence: { lines, ledger, faults: [...scene.faults, ...stalls.spans], homes, leftovers, leaseMs: LEASE_MS },
      problems: [...nemesis.problems, ...drained, ...seats.flatMap(({ problems }) => problems), ...wrong],
      met: [...scene.met],
      events: events.events.length,
      redis: /(?:valkey|redis)_version:(\S+)/.exec(await redis.command('INFO', 'server'))?.[1] ?? 'unknown',
    };
  } finally {
    stalls.stop();
    redis.thaw();
    for (const seat of seats) seat.close();
    await fleet.close();
    for (const seat of seats) await seat.proxy.close();
    await redis.stop();
  }
}

async function prepareQueues(fleet: Fleet): Promise<Record<keyof typeof QUEUES, Queue<AnyJobs>>> {
  const [plain, rich, narrow, mixed] = await Promise.all([
    fleet.queue(QUEUES.plain),
    fleet.queue(QUEUES.rich),
    fleet.queue(QUEUES.narrow),
    fleet.queue(QUEUES.mixed),
  ]);
  const keep = { completed: KEEP, failed: KEEP, timed_out: KEEP, broken: KEEP, cancelled: KEEP };
  for (const queue of [plain, rich, narrow, mixed]) await queue.config.set({ keep });
  await rich.config.set({ groups: { concurrency: GROUP_CONCURRENCY } });
  for (const row of ROWS) await rich.groups.set(row, { concurrency: 1 });
  await narrow.config.set({ concurrency: NARROW_CONCURRENCY });
  await narrow.resources.set('gpu', GPUS);
  const { id, everyMs } = TICK;
  const data: Work = { n: id, ms: 0, fails: 0, text: textOf(id) };
  note<ChaosLine>(fleet.history.folder, { op: 'schedule', by: 'run', n: id, queue: mixed.name, everyMs });
  await mixed.schedule(id, { everyMs, missed: 'all' }, { name: 'work', data });
  return { plain, rich, narrow, mixed };
}

function namesOf(seats: readonly Seat[]): Record<Role, string[]> {
  const names = (role: Role): string[] =>
    seats.flatMap((seat) => (seat.role === role && seat.name !== SPARED ? [seat.name] : []));
  return { worker: names('worker'), producer: names('producer') };
}

/** No more jobs; the workers end those that there are, and then end themselves. What does not work is returned. */
async function drain(seats: readonly Seat[], queues: readonly Queue<AnyJobs>[], tell: Tell): Promise<string[]> {
  for (const seat of seats) if (seat.role === 'producer') seat.close();
  await Promise.all(seats.map(async (seat) => (seat.role === 'producer' ? seat.end() : undefined)));
  const left = async (): Promise<string> => {
    const counts = await Promise.all(queues.map(async (queue) => ({ queue: queue.name, ...(await queue.counts()) })));
    const live = ['waiting', 'delayed', 'retrying', 'blocked', 'aggregating', 'active'] as const;
    return counts
      .flatMap((count) =>
        live.flatMap((state) => (count[state] > 0 ? [`${count.queue}: ${count[state]} ${state}`] : [])),
      )
      .join(', ');
  };
  const done = waitFor('all jobs to end', async () => (await left()) === '', { timeoutMs: DRAIN_MS, intervalMs: 100 });
  const problems = await done.then(
    () => [],
    async () => [`not all jobs had ended ${DRAIN_MS} ms after the last fault: ${await left()}`],
  );
  for (const seat of seats) seat.close();
  await Promise.all(seats.map((seat) => seat.end()));
  tell('drained');
  return problems;
}
