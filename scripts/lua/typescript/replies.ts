import type { ReplyTag, ReplyType } from '../source/header.js';
import type { LuaFile } from '../source/lua-file.js';
import { camelCase, pascalCase } from '../source/names.js';
import { docComment, quoted } from './doc.js';

const TYPESCRIPT_TYPE: Record<ReplyType, string> = {
  string: 'string',
  'string?': 'string | null',
  int: 'number',
  strings: 'readonly string[]',
  'strings?': 'readonly (string | null)[]',
};

const READER: Record<ReplyType, string> = {
  string: 'stringPart',
  'string?': 'nullableStringPart',
  int: 'intPart',
  strings: 'stringsPart',
  'strings?': 'nullableStringsPart',
};

/** The union of a command's replies, one member a code. */
export function replyType({ name, header }: LuaFile): string[] {
  const members = header.replies.map((reply) => replyMember(reply, header.replies.length > 1));
  const lines = [`export type ${pascalCase(name)}Reply =`, ...members.flat()];
  const doc = docComment([`What \`${camelCase(name)}\` replies.`, ...header.replies.flatMap(remarkLine)]);
  return [...doc, ...joinHead(lines)];
}

function remarkLine({ code, remark }: ReplyTag): string[] {
  return remark === '' ? [] : [`- \`${code}\`: ${remark}`];
}

function replyMember({ code, fields }: ReplyTag, union: boolean): string[] {
  const parts = [`readonly code: ${quoted(code)}`];
  for (const field of fields) parts.push(`readonly ${camelCase(field.name)}: ${TYPESCRIPT_TYPE[field.type]}`);
  const bar = union ? '  | ' : '';
  if (parts.length === 1) return [`${bar}{ ${parts[0]} }`];
  const indent = union ? '    ' : '';
  return [`${bar}{`, ...parts.map((part) => `${indent}  ${part};`), `${indent}}`];
}

/** A union starts on the line after `=`, a single member on the same line; the last line ends the statement. */
function joinHead([head = '', ...body]: readonly string[]): string[] {
  const ended = body.map((line, index) => (index === body.length - 1 ? `${line};` : line));
  const [first = '', ...others] = ended;
  return first.startsWith('{') ? [`${head} ${first}`, ...others] : [head, ...ended];
}

/** The body of `decode`. */
export function decodeMethod({ name, header }: LuaFile): string[] {
  return [
    '  decode(raw) {',
    `    const parts = replyParts(${quoted(name)}, raw);`,
    '    switch (parts[0]) {',
    ...header.replies.flatMap((reply) => decodeCase(name, reply)),
    '      default:',
    `        throw unknownCode(${quoted(name)}, parts);`,
    '    }',
    '  },',
  ];
}

function decodeCase(command: string, { code, fields }: ReplyTag): string[] {
  if (fields.length === 0) return [`      case ${quoted(code)}:`, `        return { code: ${quoted(code)} };`];
  return [
    `      case ${quoted(code)}:`,
    '        return {',
    `          code: ${quoted(code)},`,
    ...fields.map(
      ({ name, type }, index) =>
        `          ${camelCase(name)}: ${READER[type]}(${quoted(command)}, parts, ${index + 1}),`,
    ),
    '        };',
  ];
}
