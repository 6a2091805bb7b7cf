import type { Timer } from '@millrace/core';

import { schedulesOf } from '../discovery/schedule-plans.js';
import type { WorkerPlan } from '../interfaces/plan.interface.js';
import { RECURRING_OWNER } from '../jobs.constants.js';
import { orphanedSchedule, orphanRemoved, orphansUnknown } from '../jobs.messages.js';
import type { JobsRoot } from '../registration/jobs-root.js';
import { loggerOf } from './jobs.logger.js';

/** In a rolling deployment the processes of the old release still run when the new ones start. */
const LOOK_AGAIN_MS = 5 * 60 * 1_000;

/** Declares the schedules of the handlers of this process, and looks for those that no process declares any more. */
export class RecurringSchedules {
  readonly #root: JobsRoot;
  readonly #told = new Set<string>();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(root: JobsRoot) {
    this.#root = root;
  }

  /**
   * To be called when the workers run: each says which schedules its program declares, so that no other process takes one of
   * them for orphaned.
   */
  async start(plans: readonly WorkerPlan[]): Promise<void> {
    await this.declare(plans);
    await this.#look(plans.map(({ queue }) => queue));
  }

  async declare(plans: readonly WorkerPlan[]): Promise<void> {
    for (const plan of plans) {
      const queue = this.#root.queue(plan.queue);
      for (const { id, timing, job } of schedulesOf(plan)) await queue.schedule(id, timing, job);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.clear();
  }

  async #look(queues: readonly string[]): Promise<void> {
    await Promise.all(queues.map((queue) => this.#tellOrphans(queue)));
    if (this.#isStopped || queues.length === 0) return;
    const { clock } = this.#root.connection;
    this.#timer = clock.setTimer(LOOK_AGAIN_MS, () => void this.#look(queues), { background: true });
  }

  /** Nothing here depends on it: that it fails keeps no application from starting. */
  async #tellOrphans(queue: string): Promise<void> {
    try {
      for (const { id } of await this.#root.queue(queue).orphanedSchedules(RECURRING_OWNER))
        await this.#tell(queue, id);
    } catch (error) {
      if (!this.#isStopped) loggerOf(this.#root).debug(`${orphansUnknown(queue)} ${(error as Error).message}`);
    }
  }

  async #tell(queue: string, id: string): Promise<void> {
    const logger = loggerOf(this.#root);
    if (this.#root.options.schedules.removeOrphans) {
      if (await this.#root.queue(queue).unschedule(id)) logger.info(orphanRemoved(id, queue));
      return;
    }
    const key = JSON.stringify([queue, id]);
    if (this.#told.has(key)) return;
    this.#told.add(key);
    logger.warn(orphanedSchedule(id, queue), { code: 'SCHEDULE_ORPHANED', queue, schedule: id });
  }
}
