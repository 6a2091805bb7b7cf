import {
  clip,
  describeError,
  HIDDEN,
  maskUrl,
  secretFields,
  type JobErrorInfo,
  type SecretFields,
} from '../errors/index.js';

/** What a {@link Redaction} hides. */
export interface RedactionRules {
  readonly fields: SecretFields;
  /** Looks at each text last. */
  readonly text?: ((text: string) => string) | undefined;
}

/** As much of a text as is kept of an error's stack: what a function of the application gives is cut to it. */
const MAX_TEXT = 16_384;

/**
 * Hides secrets in what is shown to people: log lines, and errors as they are stored. A connection has one:
 * `connection.redaction`, by which a page or a tool of your own hides the same.
 */
export class Redaction {
  readonly #rules: RedactionRules | undefined;

  /** @internal @param rules none: nothing is hidden */
  constructor(rules: RedactionRules | undefined) {
    this.#rules = rules;
  }

  /** A text without the passwords of URLs, and without the values of secret members that it quotes. Never throws. */
  text(text: string): string {
    if (this.#rules === undefined) return text;
    const { fields, text: own } = this.#rules;
    const hidden = fields.hideIn(maskUrl(text));
    return own === undefined ? hidden : clip(ownText(own, hidden), Math.max(MAX_TEXT, text.length));
  }

  /**
   * A copy of a value, such as the data of a job, in which secret members are hidden and texts are as {@link text} gives
   * them. Lists, plain objects and errors are copied; all else is returned as it is. Never throws.
   */
  value(value: unknown): unknown {
    return this.#rules === undefined ? value : this.#copy(value, []);
  }

  /** What is kept of an error, with its texts as {@link text} gives them. */
  error(info: JobErrorInfo): JobErrorInfo {
    if (this.#rules === undefined) return info;
    const { message, stack, cause } = info;
    return {
      ...info,
      message: this.text(message),
      ...(stack === undefined ? {} : { stack: this.text(stack) }),
      ...(cause === undefined ? {} : { cause: this.error(cause) }),
    };
  }

  #copy(value: unknown, ancestors: readonly object[]): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (ancestors.includes(value)) return '[circular]';
    if (value instanceof Error) return this.#errorLike(value);
    const within = [...ancestors, value];
    if (Array.isArray(value)) return value.map((item) => this.#copy(item, within));
    if (!isPlain(value)) return value;
    // Defines its members, so that a key such as __proto__ is a key like any other.
    return Object.fromEntries(Object.keys(value).map((name) => [name, this.#member(value, name, within)]));
  }

  #member(value: object, name: string, ancestors: readonly object[]): unknown {
    if (this.#rules?.fields.has(name) === true) return HIDDEN;
    try {
      return this.#copy((value as Record<string, unknown>)[name], ancestors);
    } catch {
      return '(cannot be read)';
    }
  }

  /** An `Error` still, for loggers that know what to do with one. */
  #errorLike(error: Error): Error {
    const { name, message, stack, code, cause } = this.error(describeError(error));
    const shown = new Error(message, cause === undefined ? undefined : { cause });
    shown.name = name;
    if (stack === undefined) delete shown.stack;
    else shown.stack = stack;
    return code === undefined ? shown : Object.assign(shown, { code });
  }
}

/** Hides {@link SECRET_FIELDS}, and passwords of URLs. */
export const defaultRedaction = new Redaction({ fields: secretFields });

/** Hides nothing. */
export const noRedaction = new Redaction(undefined);

/** What a function that is to hide something fails to look at is hidden as a whole. */
function ownText(own: (text: string) => string, text: string): string {
  try {
    const result: unknown = own(text);
    return typeof result === 'string' ? result : '(hidden: redact.text gave no text)';
  } catch {
    return '(hidden: redact.text threw)';
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
