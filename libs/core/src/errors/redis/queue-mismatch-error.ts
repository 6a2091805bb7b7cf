import { JobsError } from '../jobs-error.js';

/** A queue is declared otherwise than it is registered in Redis (code `QUEUE_MISMATCH`). Nothing was written. */
export class QueueMismatchError extends JobsError {
  static {
    this.prototype.name = 'QueueMismatchError';
  }

  readonly queue: string;
  readonly property: 'slot' | 'format';
  readonly registered: string;
  readonly declared: string;

  constructor(queue: string, property: 'slot' | 'format', registered: string, declared: string) {
    super(
      'QUEUE_MISMATCH',
      `Queue "${queue}" is registered with ${property} "${registered}" and was declared here with "${declared}". Declare it the same everywhere: otherwise there would be two queues of one name.`,
    );
    this.queue = queue;
    this.property = property;
    this.registered = registered;
    this.declared = declared;
  }

  static override is(value: unknown): value is QueueMismatchError {
    return JobsError.is(value, 'QUEUE_MISMATCH');
  }
}
