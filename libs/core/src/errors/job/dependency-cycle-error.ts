import { JobsError } from '../jobs-error.js';

/** Jobs that are to wait for one another (code `DEPENDENCY_CYCLE`). Nothing was written. */
export class DependencyCycleError extends JobsError {
  static {
    this.prototype.name = 'DependencyCycleError';
  }

  readonly queue: string;
  /** The jobs of the cycle, each waiting for the next and the last for the first; only what is known of it. */
  readonly ids: readonly string[];

  constructor(queue: string, ids: readonly string[]) {
    super(
      'DEPENDENCY_CYCLE',
      `Jobs of queue "${queue}" would wait for one another: ${ids.join(' → ')}. None of them could ever run: leave one of these dependencies out.`,
    );
    this.queue = queue;
    this.ids = ids;
  }

  static override is(value: unknown): value is DependencyCycleError {
    return JobsError.is(value, 'DEPENDENCY_CYCLE');
  }
}
