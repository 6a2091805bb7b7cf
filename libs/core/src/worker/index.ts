/** Workers: they lease jobs, run handlers, and hand in how they ended. */
export type { ConsumerFacts } from './consumer.js';
export type { KeeperPlace } from './keeper/keeper-host.js';
export { Worker, type WorkerHealth, type WorkerState } from './worker.js';
