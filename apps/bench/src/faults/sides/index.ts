import type { SideMaker, SideName } from './side.js';

export type { Calls, JobLook, Side, SideName, Work } from './side.js';

export const SIDE_NAMES: readonly SideName[] = Object.freeze(['millrace', 'bullmq']);

/** Loads a side's module, in the process that needs it and in no other. */
export const SIDES: Readonly<Record<SideName, () => Promise<SideMaker>>> = Object.freeze({
  millrace: async () => (await import('./millrace.js')).MillraceSide.open,
  bullmq: async () => (await import('./bullmq.js')).BullMqSide.open,
});

/** How a side is set up, in words. */
export async function settingsOf(name: SideName): Promise<string> {
  if (name === 'millrace') return (await import('./millrace.js')).MillraceSide.settings;
  return (await import('./bullmq.js')).BullMqSide.settings;
}
