import { JobsError } from '../jobs-error.js';

/** The connection broke before the answer came: the change was made or was not (code `OUTCOME_UNKNOWN`). */
export class OutcomeUnknownError extends JobsError {
  static {
    this.prototype.name = 'OutcomeUnknownError';
  }

  readonly queue: string;
  /** The ids of the jobs concerned; ids are fixed before the call, so `queue.get(id)` tells what became of each. */
  readonly ids: readonly string[];

  /** @param command what was called: `add` */
  constructor(queue: string, command: string, ids: readonly string[], options?: ErrorOptions) {
    const named =
      ids.length === 0 ? '' : ` (${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ` and ${ids.length - 3} more` : ''})`;
    super(
      'OUTCOME_UNKNOWN',
      `The connection to Redis broke before ${command} on queue "${queue}" was answered${named}: it was done or it was not. Look the jobs up with queue.get(), or repeat the call with ids of your own.`,
      options,
    );
    this.queue = queue;
    this.ids = Object.freeze([...ids]);
  }

  static override is(value: unknown): value is OutcomeUnknownError {
    return JobsError.is(value, 'OUTCOME_UNKNOWN');
  }
}
