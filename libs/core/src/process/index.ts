/** A worker as the business of its process: signals, memory, and the command line `millrace-worker`. */
export { runWorker, type RunWorkerOptions, type StopReason } from './run-worker.js';
export type { Runnable } from './runnable.js';
