/** What stands in the place of a secret. */
export const HIDDEN = '***';

/** Ends of names whose values are secrets, wherever they are shown: `dbPassword`, `access_token`, `X-Api-Key`. */
export const SECRET_FIELDS: readonly string[] = Object.freeze([
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'secret',
  'token',
  'authorization',
  'cookie',
  'apikey',
  'accesskey',
  'privatekey',
  'credentials',
]);

/** A quoted text, a flat object or list, or all up to the next separator; behind the name of a scheme, what follows that. */
const VALUE =
  /"(?:[^"\\]|\\[^])*(?:"|$)|'(?:[^'\\]|\\[^])*(?:'|$)|`[^`]*(?:`|$)|\\+"[^"]*(?:"|$)|\{[^{}]*(?:\}|$)|\[[^[\]]*(?:\]|$)|(?:(?:bearer|basic|digest|token)\s{1,3})?[^\s,;&)}\]"'`]+/
    .source;
/** A header says more than one word. */
const COOKIE = /(cookie["']?\s{0,2}:\s{0,2}["']?)[^\s"'}][^\r\n"'}]*/gi;
const BEARER = /\b(bearer|basic)(\s{1,3})(?=[^\s]{0,64}[\d.=_-])[\w.~+/=-]{8,}/gi;

/** Names by whose ends a secret is known. Case, `-` and `_` do not matter. */
export class SecretFields {
  readonly #ends: readonly string[];
  readonly #inText: RegExp;

  /** @param names at least one, none of them empty once `-`, `_` and spaces are taken away */
  constructor(names: readonly string[]) {
    this.#ends = [...new Set(names.map(plainName))];
    const words = this.#ends.map((end) => Array.from(end, escape).join('[-_ ]?'));
    this.#inText = new RegExp(`((?:${words.join('|')})\\\\{0,8}["'\`]?\\s{0,2}[:=]\\s{0,2})(?:${VALUE})`, 'giu');
  }

  /** Whether the value of a member of this name is a secret. */
  has(name: string): boolean {
    const plain = plainName(name);
    return this.#ends.some((end) => plain.endsWith(end));
  }

  /** Hides what a text says of such members, be it JSON, code, a header or a query: in one pass, whatever the text is. */
  hideIn(text: string): string {
    return text.replace(COOKIE, `$1${HIDDEN}`).replace(this.#inText, `$1${HIDDEN}`).replace(BEARER, `$1$2${HIDDEN}`);
  }
}

/** Those of {@link SECRET_FIELDS}. */
export const secretFields = new SecretFields(SECRET_FIELDS);

/** A name without what differs between ways of writing it. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '');
}

function escape(letter: string): string {
  return letter.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
