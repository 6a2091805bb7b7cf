import {
  NoRedisError,
  OutcomeUnknownError,
  StorageRefusedError,
  type AnyJobs,
  type Job,
  type Queue,
} from '@millrace/core';
import { waitFor } from '../../support/wait-for.ts';

const EVERY_MS = 15;
const BATCH = 5;

/** A producer that adds jobs all the time, whatever Redis does, and keeps what it was told of them. */
export class Traffic {
  /** The ids of the jobs whose adding was confirmed. */
  readonly confirmed: string[] = [];
  /** The ids of those of which nobody could say. */
  readonly unknown: string[] = [];
  /** The codes of what it was told instead, each as often as it was. */
  readonly refusals: string[] = [];
  readonly #ended: Promise<void>;
  #isEnding = false;

  constructor(readonly queue: Queue<AnyJobs>) {
    this.#ended = this.#run();
  }

  /** Resolves when so many more jobs were confirmed. */
  async flows(count: number): Promise<void> {
    const enough = this.confirmed.length + count;
    await waitFor(`${count} jobs to be added`, () => this.confirmed.length >= enough);
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#ended;
  }

  /**
   * Resolves when all jobs that were confirmed have completed, and those of which nobody could say are gone or have, with all
   * that are there. No attempt has failed.
   */
  async allComplete(): Promise<Job[]> {
    await this.stop();
    const look = async (): Promise<Job[]> => {
      const found = await this.queue.getMany([...this.confirmed, ...this.unknown]);
      const there = new Set(found.map(({ id }) => id));
      const lost = this.confirmed.filter((id) => !there.has(id));
      const open = found.filter(({ state }) => state !== 'completed').map(({ id, state }) => `${id} is ${state}`);
      if (lost.length + open.length > 0) throw new Error(`lost: ${lost.join(', ')}; ${open.join(', ')}`);
      return found;
    };
    return waitFor('all jobs to complete', look, { intervalMs: 50 });
  }

  async #run(): Promise<void> {
    for (let n = 0; !this.#isEnding; n++) {
      const options = n % 4 === 0 ? { delayMs: 100 } : {};
      const drafts = Array.from({ length: BATCH }, (_, i) => ({ name: 'any', data: (n + i) % 10, options }));
      try {
        this.confirmed.push(...(await this.queue.addMany(drafts)).map(({ id }) => id));
      } catch (error) {
        if (OutcomeUnknownError.is(error)) this.unknown.push(...error.ids);
        else if (!StorageRefusedError.is(error) && !NoRedisError.is(error)) throw error;
        this.refusals.push(StorageRefusedError.is(error) ? error.reason : error.code);
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }
}
