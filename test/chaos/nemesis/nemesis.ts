import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../support/wait-for.ts';
import type { Watch } from '../crew/watch.ts';
import type { Plan } from './plan.ts';
import type { Scene } from './scene.ts';

/** How long a busy machine of two cores may take to start the programs. */
const START = { timeoutMs: 60_000, intervalMs: 50 };

/** What is told of a run while it goes. */
export type Tell = (text: string) => void;

/**
 * Makes the faults of a plan: a storm of them, and then quiet, until every process is seen to work again. One that does not
 * within `patienceMs` is a problem of its own, whatever comes after.
 */
export class Nemesis {
  readonly problems: string[] = [];

  constructor(
    private readonly scene: Scene,
    private readonly watch: Watch,
    private readonly patienceMs: number,
    private readonly tell: Tell,
  ) {}

  /** Begins when every process works, and ends with a quiet time, once `seconds` have passed. */
  async haunt(plan: Plan, seconds: number): Promise<void> {
    await waitFor('all processes to work', async () => (await this.#silentSince(0)).length === 0, START);
    const until = Date.now() + seconds * 1_000;
    while (Date.now() < until) {
      await this.#storm(plan);
      await this.#quiet();
    }
  }

  async #storm(plan: Plan): Promise<void> {
    const making: Promise<void>[] = [];
    for (const { text, afterMs, make } of plan.storm()) {
      await sleep(afterMs);
      this.tell(text);
      making.push(make(this.scene).catch((error: unknown) => void this.problems.push(`${text}: ${String(error)}`)));
    }
    await Promise.all(making);
  }

  /** At least a lease without faults, and as long as it takes until everybody has done something. */
  async #quiet(): Promise<void> {
    const began = Date.now();
    await sleep(this.scene.leaseMs);
    const isOver = async (): Promise<boolean> => {
      const silent = await this.#silentSince(began);
      return silent.every(({ ms }) => ms > this.patienceMs);
    };
    await waitFor('everybody to work, or to have had the time', isOver, START);
    for (const { label, ms } of await this.#silentSince(began))
      this.problems.push(`${label} did nothing for ${ms} ms after the faults had ended`);
    this.tell(`quiet; all work again after ${Date.now() - began} ms`);
  }

  #silentSince(moment: number): Promise<{ label: string; ms: number }[]> {
    const labels = this.scene.seats.map(({ label }) => label);
    return this.watch.silentSince(moment, labels);
  }
}
