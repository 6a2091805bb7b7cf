import type { StopReason } from '../run-worker.js';

/** With which code a worker process ends: one that has grown too large asks to be started again ("try again later"). */
export const EXIT_CODES: Readonly<Record<StopReason, number>> = Object.freeze({ signal: 0, memory: 75 });
