import { MAX_DELAY_MS } from '../../job/limits.js';
import { InvalidOptionError } from '../input/invalid-option-error.js';
import { JobsError } from '../jobs-error.js';

/**
 * Thrown by a handler: run again in `delayMs`; the attempt is not counted (code `SNOOZE`). `maxUncounted` bounds how
 * often in a row.
 *
 * @example if (!(await partner.isOpen())) throw new SnoozeError({ delayMs: 60_000 });
 * @throws InvalidOptionError when `delayMs` is no number from 0 to ten years
 */
export class SnoozeError extends JobsError {
  static {
    this.prototype.name = 'SnoozeError';
  }

  /** Whole milliseconds. */
  readonly delayMs: number;

  constructor(options: { readonly delayMs: number }, message?: string) {
    const delayMs: unknown = options?.delayMs;
    if (typeof delayMs !== 'number' || !(delayMs >= 0 && delayMs <= MAX_DELAY_MS)) {
      throw new InvalidOptionError({
        where: 'new SnoozeError()',
        path: 'delayMs',
        value: delayMs,
        expected: 'milliseconds from 0 to ten years',
      });
    }
    super('SNOOZE', message ?? `The handler asked to run again in ${Math.ceil(delayMs)} ms.`);
    this.delayMs = Math.ceil(delayMs);
  }

  static override is(value: unknown): value is SnoozeError {
    return JobsError.is(value, 'SNOOZE');
  }
}
