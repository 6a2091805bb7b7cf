/** Workers: they lease jobs, run handlers, and hand in how they ended. */
export type { KeeperPlace } from './keeper/keeper-host.js';
export { Worker, type WorkerHealth } from './worker.js';
