import type { LimitCase } from '../figure.js';
import { due, later, waiting } from './backlog.js';
import { cycles, queues, served, workers } from './breadth.js';
import { burst, groups, herd, kept } from './crowd.js';

/** Every case, by the name that the command line takes, in the order in which they are measured. */
export const CASES: Readonly<Record<string, LimitCase>> = Object.freeze({
  waiting,
  due,
  later,
  groups,
  burst,
  queues,
  served,
  workers,
  herd,
  cycles,
  kept,
});
