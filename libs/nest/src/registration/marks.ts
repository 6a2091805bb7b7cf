import type { BootProblem } from '../errors/jobs-boot.error.js';

/** What `forRoot()` leaves in its module: which root that is, and what can be said of it before any factory ran. */
export interface RootMark {
  readonly name: string;
  /** The queues that can be injected everywhere. */
  readonly queues: readonly string[];
  /** What is wrong with the call itself. */
  readonly problems: readonly BootProblem[];
}

/** What `registerQueue()` leaves in its module for one queue. */
export interface QueueMark {
  readonly name: string;
  readonly root: string;
  /** As they were written, unchecked; `undefined` when a factory makes them. */
  readonly settings: unknown;
  /** Inside the module: where what the factory made is found. */
  readonly settingsToken: symbol | undefined;
  /** What is wrong with the call itself. */
  readonly problems: readonly BootProblem[];
}
