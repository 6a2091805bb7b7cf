import type { ErrorCode } from '../error-codes.js';
import { JobsError } from '../jobs-error.js';
import { showValue } from '../show-value.js';

/** Where an option was given, as it stands in a message: `add('mail', 'welcome')`. A function is only called for one. */
export type Where = string | (() => string);

/** What is wrong with the value of an option. */
export interface InvalidOption {
  readonly where: Where;
  /** `lease.durationMs`; empty for the options as a whole. */
  readonly path: string;
  readonly value: unknown;
  /** What would be right: "an integer from 1 to 10". */
  readonly expected: string;
  /** A further sentence. */
  readonly hint?: string | undefined;
}

/** An option has a value that is refused. Codes: `INVALID_OPTION`, and `UNKNOWN_OPTION` of {@link UnknownOptionError}. */
export class InvalidOptionError extends JobsError {
  static {
    this.prototype.name = 'InvalidOptionError';
  }

  readonly path: string;
  /** Not enumerable: it may hold a secret, and loggers print what an error has. */
  declare readonly value: unknown;
  readonly expected: string;

  constructor(problem: InvalidOption, code: ErrorCode = 'INVALID_OPTION', message = describe(problem)) {
    super(code, message);
    this.path = problem.path;
    Object.defineProperty(this, 'value', { value: problem.value });
    this.expected = problem.expected;
  }

  static override is(value: unknown): value is InvalidOptionError {
    return JobsError.is(value, 'INVALID_OPTION') || JobsError.is(value, 'UNKNOWN_OPTION');
  }
}

/** The text of a `Where`. */
export function whereText(where: Where): string {
  return typeof where === 'function' ? where() : where;
}

function describe({ where, path, value, expected, hint }: InvalidOption): string {
  const subject =
    path === '' ? `Invalid options in ${whereText(where)}` : `Invalid option "${path}" in ${whereText(where)}`;
  return `${subject}: expected ${expected}, got ${showValue(value)}.${hint === undefined ? '' : ` ${hint}`}`;
}
