import { Tail } from '../../faults/support/fleet/tail.ts';
import type { ChaosLine } from '../lines.ts';

/** What is looked for as a sign that a process does its work. */
export const PROGRESS: ReadonlySet<ChaosLine['op']> = new Set(['start', 'added', 'kept']);

/** Reads the histories while they are written: who did something, and when last. */
export class Watch {
  readonly #tail: Tail<ChaosLine>;
  readonly #last = new Map<string, number>();
  readonly #births = new Map<string, number>();

  constructor(folder: string) {
    this.#tail = new Tail(folder);
  }

  /**
   * The labels of these that have done nothing since, each with how long it could have: not before its program had begun,
   * for a busy machine takes its time to start one.
   */
  async silentSince(moment: number, labels: readonly string[]): Promise<{ label: string; ms: number }[]> {
    for (const { op, by, at } of await this.#tail.read()) {
      if (op === 'born') this.#births.set(by, at);
      if (PROGRESS.has(op)) this.#last.set(by, Math.max(at, this.#last.get(by) ?? 0));
    }
    const silent = labels.filter((label) => (this.#last.get(label) ?? 0) <= moment);
    return silent.map((label) => ({ label, ms: Date.now() - Math.max(moment, this.#births.get(label) ?? Infinity) }));
  }
}
