import type { Attempt } from './attempt.js';
import type { Hold } from './hold.js';
import type { RunningJob } from './running-job.js';

/** One job that runs: its hold, its attempt and what its handler sees. */
export interface Run {
  readonly hold: Hold;
  readonly attempt: Attempt;
  readonly job: RunningJob;
}
