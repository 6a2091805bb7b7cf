import { InvalidOptionError, plainName, SECRET_FIELDS, SecretFields, type Where } from '../errors/index.js';
import { defaultRedaction, noRedaction, Redaction } from '../redaction/index.js';
import { callable } from './check/checks.js';
import { fieldTable, readFields } from './check/fields.js';

/** What is hidden in log lines, and in errors before they are stored, beside passwords of URLs. */
export interface RedactOptions {
  /**
   * Further names whose values are secrets: `iban`, `dateOfBirth`. A member is hidden whose name ends so; case, `-` and
   * `_` do not matter. Passwords, secrets, tokens, cookies, keys and the like are always among them.
   */
  readonly fields?: readonly string[] | undefined;
  /** Gets each text of a log line, and each message and stack of an error, and returns what may be seen of it. */
  readonly text?: ((text: string) => string) | undefined;
}

/** {@link RedactOptions} when they are left out. */
export const REDACT_DEFAULTS = Object.freeze({ fields: Object.freeze([]) as readonly string[] });

const EXPECTED = 'a list of names, each with two letters or digits at least';

const TABLE = fieldTable<{ fields: readonly string[]; text: (text: string) => string }>({
  fields: (value, path, where) => {
    const isName = (name: unknown): name is string => typeof name === 'string' && plainName(name).length >= 2;
    if (Array.isArray(value) && value.length <= 1_000 && value.every(isName)) return Object.freeze([...value]);
    throw new InvalidOptionError({ where, path, value, expected: EXPECTED });
  },
  text: callable<(text: string) => string>(),
});

/** Checks what is to be hidden: `true` for what is hidden anyway, `false` for nothing, or more. */
export function resolveRedact(value: unknown, path: string, where: Where): Redaction {
  if (value instanceof Redaction) return value;
  if (value === true) return defaultRedaction;
  if (value === false) return noRedaction;
  if (typeof value !== 'object' || value === null) {
    throw new InvalidOptionError({ where, path, value, expected: 'true, false, or { fields, text }' });
  }
  const { fields, text } = { ...REDACT_DEFAULTS, ...readFields(value, TABLE, where, path) };
  return new Redaction({ fields: new SecretFields([...SECRET_FIELDS, ...fields]), text });
}
