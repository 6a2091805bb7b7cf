import type { Figures } from '../case.js';
import type { Lab } from '../lab.js';
import type { Member } from '../member.js';

/** What a handler takes that nobody waits for. */
export const FOR_EVER_MS = 3_600_000;

/** States after which nothing more happens to a job. */
const ENDED = ['completed', 'failed', 'gone'];

/** Waits until a job has ended, by what its library says of it. */
export async function ended(lab: Lab, observer: Member, id: string): Promise<boolean> {
  return lab.until(async () => ENDED.includes((await observer.call('look', id))?.state ?? ''));
}

/** What became of a job: whether it is lost or failed, and what was charged to it. */
export async function fate(observer: Member, id: string): Promise<Figures> {
  const look = await observer.call('look', id);
  return {
    lost: look !== undefined && ENDED.includes(look.state) ? 0 : 1,
    failed: look?.state === 'failed' ? 1 : 0,
    failures: look?.failures ?? 0,
    stalls: look?.stalls ?? 0,
  };
}

/** How often a result of the job counted beyond the first time; `null` where nothing was told of it. */
export async function acceptedAgain(lab: Lab, observer: Member, id: string): Promise<number | null> {
  let count = 0;
  const isTold = await lab.until(async () => (count = (await observer.call('completions'))[id] ?? 0) > 0, 5_000);
  return isTold ? count - 1 : null;
}

/** From one moment to another, where there was another. */
export function since(from: number, to: number | undefined): number | null {
  return to === undefined ? null : Math.max(0, to - from);
}

/** Waits for a call: what became of it, and when. A call that settles late is unanswered. */
export async function settled(
  lab: Lab,
  call: Promise<unknown>,
): Promise<{ readonly ms: number | null; readonly isRefused: boolean; readonly value?: unknown }> {
  const began = Date.now();
  let found: { readonly ms: number; readonly isRefused: boolean; readonly value?: unknown } | undefined;
  call.then(
    (value) => (found = { ms: Date.now() - began, isRefused: false, value }),
    () => (found = { ms: Date.now() - began, isRefused: true }),
  );
  await lab.until(async () => found !== undefined);
  return found ?? { ms: null, isRefused: false };
}
