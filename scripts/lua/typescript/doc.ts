/** A doc comment, on one line where it fits. No lines, no comment. */
export function docComment(lines: readonly string[], indent = ''): string[] {
  const safe = lines.map((line) => line.replaceAll('*/', '*\\/'));
  const [only] = safe;
  if (only === undefined) return [];
  if (safe.length === 1 && only.length + indent.length <= 112) return [`${indent}/** ${only} */`];
  return [`${indent}/**`, ...safe.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}

/** A single-quoted TypeScript string. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A template literal: the only form in which a changed script can be reviewed line by line. */
export function templateLiteral(text: string): string {
  return `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``;
}

/** `open a, b, c close`, or one item a line where that is too long. `pad` stands inside the brackets on one line. */
export function listLines(indent: string, open: string, items: readonly string[], close: string, pad = ''): string[] {
  const line = `${indent}${open}${pad}${items.join(', ')}${pad}${close}`;
  if (line.length <= 120) return [line];
  return [`${indent}${open}`, ...items.map((item) => `${indent}  ${item},`), `${indent}${close}`];
}
