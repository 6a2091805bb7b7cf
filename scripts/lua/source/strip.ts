/**
 * Removes comments and indentation. A line that held nothing else becomes empty: every other line keeps its number.
 *
 * @param report called for a string that spans lines: its inner lines could not be told from code, so it is refused
 */
export function stripLua(lines: readonly string[], report: (line: number, message: string) => void): string[] {
  let comment: string | undefined;
  return lines.map((source, index) => {
    let text = '';
    let at = 0;
    while (at < source.length) {
      if (comment !== undefined) {
        const close = source.indexOf(comment, at);
        if (close < 0) break;
        at = close + comment.length;
        comment = undefined;
        text += ' ';
        continue;
      }
      const token = nextToken(source, at);
      if (token.kind === 'open-string') {
        report(index + 1, 'a string that spans lines. Write it on one line, or join two with "..".');
      }
      if (token.kind === 'open-comment') comment = token.close;
      else if (token.kind !== 'comment') text += source.slice(at, token.end);
      at = token.end;
    }
    return text.trim();
  });
}

type Token =
  | { readonly kind: 'code' | 'comment' | 'open-string'; readonly end: number }
  | { readonly kind: 'open-comment'; readonly end: number; readonly close: string };

function nextToken(source: string, at: number): Token {
  const rest = source.slice(at);
  const long = /^--\[(=*)\[/.exec(rest);
  if (long !== null) return { kind: 'open-comment', end: at + long[0].length, close: `]${long[1] ?? ''}]` };
  if (rest.startsWith('--')) return { kind: 'comment', end: source.length };
  const bracket = /^\[(=*)\[/.exec(rest);
  if (bracket !== null) return stringUpTo(source, source.indexOf(`]${bracket[1] ?? ''}]`, at + 2), bracket[0].length);
  const quote = source[at];
  if (quote === '"' || quote === "'") return stringUpTo(source, closingQuote(source, at + 1, quote), 1);
  return { kind: 'code', end: at + 1 };
}

function stringUpTo(source: string, close: number, closeLength: number): Token {
  return close < 0 ? { kind: 'open-string', end: source.length } : { kind: 'code', end: close + closeLength };
}

function closingQuote(source: string, from: number, quote: string): number {
  for (let at = from; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === quote) return at;
  }
  return -1;
}
