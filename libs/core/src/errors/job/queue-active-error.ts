import { JobsError } from '../jobs-error.js';

/** A queue was to be deleted while jobs of it run (code `QUEUE_ACTIVE`). Nothing was changed. */
export class QueueActiveError extends JobsError {
  static {
    this.prototype.name = 'QueueActiveError';
  }

  readonly queue: string;
  /** How many run. */
  readonly active: number;

  constructor(queue: string, active: number) {
    super(
      'QUEUE_ACTIVE',
      `Queue "${queue}" cannot be deleted: ${active} of its jobs run. Stop its workers first, or take their jobs from them with { force: true }.`,
    );
    this.queue = queue;
    this.active = active;
  }

  static override is(value: unknown): value is QueueActiveError {
    return JobsError.is(value, 'QUEUE_ACTIVE');
  }
}
