import { JobsError } from '../jobs-error.js';
import { showValue } from '../show-value.js';
import { closestName } from './closest-name.js';
import { InvalidOptionError, whereText, type Where } from './invalid-option-error.js';

/** An option that does not exist. */
export interface UnknownOption {
  readonly where: Where;
  /** `backoff.delay`. */
  readonly path: string;
  readonly value: unknown;
  /** The option names that exist at this place. */
  readonly known: readonly string[];
  /** What to do instead, where that is known; it takes the place of a guess. */
  readonly hint?: string | undefined;
}

/** An option has a name that does not exist here (code `UNKNOWN_OPTION`); the message says which one was meant. */
export class UnknownOptionError extends InvalidOptionError {
  static {
    this.prototype.name = 'UnknownOptionError';
  }

  constructor(option: UnknownOption) {
    const { where, path, value, known } = option;
    const expected = known.length === 0 ? 'no options' : `one of ${known.join(', ')}`;
    const message = `Unknown option ${showValue(path)} in ${whereText(where)}. ${option.hint ?? guess(path, known)}`;
    super({ where, path, value, expected }, 'UNKNOWN_OPTION', message);
  }

  static override is(value: unknown): value is UnknownOptionError {
    return JobsError.is(value, 'UNKNOWN_OPTION');
  }
}

function guess(path: string, known: readonly string[]): string {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const closest = closestName(name, known);
  return closest === undefined ? `Known: ${known.join(', ')}.` : `Did you mean "${closest}"?`;
}
