/** The jobs of a run: what they carry, and how what they carry is known again. */

/** The queues of a run; each has other features in use, for they change the ways through the core. */
export const QUEUES = {
  /** Nothing but plain, delayed and retried jobs. */
  plain: 'plain',
  /** Priorities, groups, unique keys, ids of one's own, dependencies; events are listened to. */
  rich: 'rich',
  /** Limits over all workers, and a resource. */
  narrow: 'narrow',
  /** Batches, deadlines, jobs in store for a failure, cancellations, a schedule. */
  mixed: 'mixed',
} as const;

/** The schedule of the mixed queue: each of its times is to be met, once. */
export const TICK = { id: 'tick', everyMs: 500 } as const;

/** The names of jobs: each by itself, or in batches. */
export type WorkName = 'work' | 'gather';

/** How many jobs of a group may run at once. */
export const GROUP_CONCURRENCY = 2;
/** Groups of which one job may run at a time: they run in the order in which they were added. */
export const ROWS: readonly string[] = ['row-1', 'row-2', 'row-3', 'row-4'];
/** How many jobs of the narrow queue may run at once. */
export const NARROW_CONCURRENCY = 6;
/** How much there is of the resource of the narrow queue. */
export const GPUS = 3;

/** The data of a job. */
export interface Work {
  /** As its producer knows it. */
  readonly n: string;
  /** How long its handler takes. */
  readonly ms: number;
  /** How many of its attempts fail. */
  readonly fails: number;
  /** They do not throw: they last so long, which is past their deadline. */
  readonly lateMs?: number;
  /** What {@link textOf} makes of `n`: the data must come as it was sent. */
  readonly text: string;
}

/** The mark by which a run is found in what it returned or threw. */
export function markOf(run: string): string {
  return `run=${run};`;
}

/** The run that left its mark in this text. */
export function runIn(text: string): string | undefined {
  return /run=([\w.-]+);/.exec(text)?.[1];
}

/** Text that no layer may change: quotes, breaks, what looks like RESP, bytes of several lengths. */
export function textOf(n: string): string {
  return `${n} "[]" {} \\ \r\n$5\r\n*1 \u0000 ü € 😀 9007199254740993 0.30000000000000004 \u2028`;
}
