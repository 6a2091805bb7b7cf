import { JobsError } from '../jobs-error.js';
import { clip, showValue } from '../show-value.js';

/** Stands for something thrown that is no `Error` (code `THROWN_VALUE`), which is kept in `thrown`. */
export class ThrownValueError extends JobsError {
  static {
    this.prototype.name = 'ThrownValueError';
  }

  /** Not enumerable: it may hold a secret, and loggers print what an error has. */
  declare readonly thrown: unknown;

  constructor(thrown: unknown) {
    super(
      'THROWN_VALUE',
      `Thrown, and no Error: ${typeof thrown === 'string' ? clip(thrown, 9_000) : showValue(thrown, 2_000)}`,
    );
    Object.defineProperty(this, 'thrown', { value: thrown });
  }

  static override is(value: unknown): value is ThrownValueError {
    return JobsError.is(value, 'THROWN_VALUE');
  }
}
