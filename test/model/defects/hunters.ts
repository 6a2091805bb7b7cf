import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

import type { Defect } from './patched.js';
import type { Hunted } from './hunt.js';

const PROGRAM = new URL('./hunter.ts', import.meta.url);
/** Nearly all are found sooner. One that is not comes again behind the others, with twice the time and another seed. */
const FIRST_MS = 8_000;

export interface Order {
  readonly name: string;
  readonly seed: number;
  readonly length: number;
  readonly limitMs: number;
}

/** How defects are hunted. */
export interface Plan {
  readonly seed: number;
  /** Commands of a sequence at most. */
  readonly length: number;
  /** What is not found after so many ms is not found. */
  readonly limitMs: number;
  readonly onHunted: (hunted: Hunted) => void;
}

/** Hunts defects in as many processes as there are processors; says how many were found. */
export async function huntAll(defects: readonly Defect[], plan: Plan): Promise<number> {
  const until = Date.now() + plan.limitMs;
  const open = defects.map(({ name }) => ({ name, tries: 0 }));
  const hunters = Array.from({ length: Math.min(availableParallelism(), open.length) }, () => fork(PROGRAM));
  let killed = 0;
  const work = async (hunter: ChildProcess): Promise<void> => {
    await answer(hunter);
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      const { name, tries } = next;
      const limitMs = Math.min(until - Date.now(), FIRST_MS * 2 ** tries);
      if (limitMs <= 0) {
        plan.onHunted({ name, isKilled: false, runs: 0, calls: 0, how: '' });
        continue;
      }
      hunter.send({ name, seed: plan.seed + tries, length: plan.length, limitMs } satisfies Order);
      const hunted = (await answer(hunter)) as Hunted;
      if (hunted.isKilled) {
        killed += 1;
        plan.onHunted(hunted);
      } else open.push({ name, tries: tries + 1 });
    }
  };
  try {
    await Promise.all(hunters.map(work));
  } finally {
    for (const hunter of hunters) if (hunter.connected) hunter.disconnect();
  }
  return killed;
}

/** @throws Error when the process ends in place of sending a message */
async function answer(hunter: ChildProcess): Promise<unknown> {
  const controller = new AbortController();
  const { signal } = controller;
  const gone = once(hunter, 'exit', { signal }).then(([code]) => {
    throw new Error(`A process that hunts defects has ended with ${String(code)}.`);
  });
  try {
    const [message] = (await Promise.race([once(hunter, 'message', { signal }), gone])) as readonly unknown[];
    return message;
  } finally {
    controller.abort();
  }
}
