import { JobsError } from '../jobs-error.js';

/** What is registered of a queue: where its keys are, how its records are written, whether its time is virtual. */
export type QueueProperty = 'slot' | 'format' | 'time';

/** A queue is declared otherwise than it is registered in Redis (code `QUEUE_MISMATCH`). Nothing was written. */
export class QueueMismatchError extends JobsError {
  static {
    this.prototype.name = 'QueueMismatchError';
  }

  readonly queue: string;
  readonly property: QueueProperty;
  readonly registered: string;
  readonly declared: string;

  constructor(queue: string, property: QueueProperty, registered: string, declared: string) {
    super(
      'QUEUE_MISMATCH',
      `Queue "${queue}" is registered with ${property} "${registered}" and was declared here with "${declared}" ("" is none). Declare it the same everywhere: otherwise there would be two queues of one name.`,
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
