import { JobsError } from '../jobs-error.js';
import { showValue } from '../show-value.js';

/** What a name names. */
export type NameKind =
  | 'queue'
  | 'job'
  | 'job id'
  | 'slot'
  | 'worker'
  | 'backoff'
  | 'tag'
  | 'unique key'
  | 'batch key'
  | 'schedule id'
  | 'owner'
  | 'resource'
  | 'group'
  | 'key prefix';

/** A name cannot be used (code `NAME`). */
export class InvalidNameError extends JobsError {
  static {
    this.prototype.name = 'InvalidNameError';
  }

  readonly kind: NameKind;
  readonly value: unknown;

  /** @param problem what is wrong and what to do, without a full stop: "braces are not allowed" */
  constructor(kind: NameKind, value: unknown, problem: string) {
    super('NAME', `${label(kind)} ${showValue(value, 60)}: ${problem}.`);
    this.kind = kind;
    this.value = value;
  }

  static override is(value: unknown): value is InvalidNameError {
    return JobsError.is(value, 'NAME');
  }
}

function label(kind: NameKind): string {
  const word = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  return kind.endsWith(' id') || kind === 'key prefix' || kind === 'tag' || kind === 'unique key'
    ? word
    : `${word} name`;
}
