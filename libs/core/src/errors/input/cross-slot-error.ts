import { JobsError } from '../jobs-error.js';

/** Two queues that do not share a slot were to change in one command (code `CROSS_SLOT`). Nothing was written. */
export class CrossSlotError extends JobsError {
  static {
    this.prototype.name = 'CrossSlotError';
  }

  readonly queue: string;
  readonly other: string;

  constructor(queue: string, other: string, options?: ErrorOptions) {
    super(
      'CROSS_SLOT',
      `Queues "${queue}" and "${other}" do not share a slot, and what concerns both is one atomic command of Redis, which reaches one slot only. Declare both with the same slot, everywhere: { slot: 'orders' }.`,
      options,
    );
    this.queue = queue;
    this.other = other;
  }

  static override is(value: unknown): value is CrossSlotError {
    return JobsError.is(value, 'CROSS_SLOT');
  }
}
