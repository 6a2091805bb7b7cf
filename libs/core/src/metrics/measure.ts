import type { QueueInfo, QueueMemory } from '../queue/index.js';
import { jobTotals, dayStats } from '../queue/stats.js';
import { QueueContext } from '../queue/queue-context.js';
import { memoryOfQueue, registeredQueues, surveyQueue } from '../queue/survey.js';
import type { Connection } from '../redis/index.js';
import type { DayStats, JobTotals } from '../stats/index.js';

/** What is asked of a queue to measure it: every `Queue` is one. */
export interface MeasurableQueue {
  info(): Promise<QueueInfo>;
  totals(): Promise<JobTotals>;
  stats(): Promise<DayStats>;
  memory(): Promise<QueueMemory>;
}

/** A queue as it was found. */
export interface Measured {
  readonly info: QueueInfo;
  readonly totals: JobTotals;
  readonly today: DayStats;
  /** Unless it was left out. */
  readonly bytes: number | undefined;
}

/** Queues asked at the same time. */
const AT_ONCE = 8;

/** Asks queues, a few at a time, so that Redis has time for others. */
export async function measure(queues: readonly MeasurableQueue[], withMemory: boolean): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (let from = 0; from < queues.length; from += AT_ONCE) {
    const page = queues.slice(from, from + AT_ONCE).map((queue) => look(queue, withMemory));
    measured.push(...(await Promise.all(page)));
  }
  return measured;
}

async function look(queue: MeasurableQueue, withMemory: boolean): Promise<Measured> {
  const [info, totals, today, memory] = await Promise.all([
    queue.info(),
    queue.totals(),
    queue.stats(),
    withMemory ? queue.memory() : undefined,
  ]);
  return { info, totals, today, bytes: memory?.bytes };
}

/** The queues under the prefix of a connection, by name, whoever made them. */
export async function queuesOf(connection: Connection): Promise<MeasurableQueue[]> {
  return [...(await registeredQueues(connection))].map(([name, slot]) => {
    const context = new QueueContext(name, connection, slot, undefined);
    return {
      info: () => surveyQueue(context, slot),
      totals: () => jobTotals(context),
      stats: () => dayStats(context, {}),
      memory: () => memoryOfQueue(context),
    };
  });
}
