import { JobsError } from '../jobs-error.js';

/** A job was to go to, or to depend on one of, a queue that nobody has declared (code `QUEUE_NOT_FOUND`). Nothing was written. */
export class QueueNotFoundError extends JobsError {
  static {
    this.prototype.name = 'QueueNotFoundError';
  }

  readonly queue: string;
  readonly slot: string;

  /** @param meant a queue of that slot with a similar name */
  constructor(queue: string, slot: string, meant?: string) {
    const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
    super(
      'QUEUE_NOT_FOUND',
      `Slot "${slot}" has no queue "${queue}": no process has declared it.${hint} Check the name, or declare it first: new Queue('${queue}', { connection, slot: '${slot}' }).`,
    );
    this.queue = queue;
    this.slot = slot;
  }

  static override is(value: unknown): value is QueueNotFoundError {
    return JobsError.is(value, 'QUEUE_NOT_FOUND');
  }
}
