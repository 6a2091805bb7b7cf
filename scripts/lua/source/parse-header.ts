import { emptyHeader, type Header } from './header.js';
import { didYouMean } from './names.js';
import type { Problems } from './problems.js';
import { TAG_PARSERS, type TagName } from './tags.js';

export type SourceKind = 'command' | 'module';

const TAGS_OF: Record<SourceKind, readonly TagName[]> = {
  command: ['repeat', 'oom', 'require', 'key', 'arg', 'rest', 'reply', 'event'],
  module: ['require', 'key'],
};

interface RawTag {
  readonly name: string;
  readonly line: number;
  value: string;
}

/**
 * Reads the comment lines at the top of a source: prose first, then tags. A line that is indented by two spaces or more
 * continues the tag above it. Everything that is wrong goes to `problems`.
 */
export function parseHeader(file: string, kind: SourceKind, lines: readonly string[], problems: Problems): Header {
  const header = emptyHeader();
  const tags: RawTag[] = [];
  for (const [index, line] of lines.entries()) {
    const comment = /^--(?!\[=*\[)(\s*)(.*)$/.exec(line);
    if (comment === null) break;
    readLine(comment[1] ?? '', (comment[2] ?? '').trimEnd(), index + 1);
  }
  for (const tag of tags) parseTag(file, kind, tag, header, problems);
  while (header.prose.at(-1) === '') header.prose.pop();
  checkComplete(kind, header, tags, (line, message) => problems.add(file, line, message));
  return header;

  function readLine(indent: string, text: string, line: number): void {
    const tag = /^@(\S+)\s*(.*)$/.exec(text);
    const last = tags.at(-1);
    if (tag !== null) tags.push({ name: tag[1] ?? '', line, value: tag[2] ?? '' });
    else if (last === undefined) header.prose.push(text);
    else if (indent.length >= 2) last.value += ` ${text}`;
    else if (text !== '') {
      const advice = `Move it above the first tag, or indent it to continue @${last.name}.`;
      problems.add(file, line, `prose after a tag. ${advice}`);
    }
  }
}

function parseTag(file: string, kind: SourceKind, tag: RawTag, header: Header, problems: Problems): void {
  const allowed = TAGS_OF[kind];
  const name = allowed.find((candidate) => candidate === tag.name);
  const report = (message: string): void => problems.add(file, tag.line, message);
  if (name !== undefined) {
    TAG_PARSERS[name](tag.value, header, { line: tag.line, report });
  } else if (Object.hasOwn(TAG_PARSERS, tag.name)) {
    report(`@${tag.name} has no meaning in a ${kind}. Remove it; a ${kind} may have @${allowed.join(', @')}.`);
  } else {
    report(`unknown tag @${tag.name}.${didYouMean(tag.name, allowed)} A ${kind} may have @${allowed.join(', @')}.`);
  }
}

function checkComplete(
  kind: SourceKind,
  { prose }: Header,
  tags: readonly RawTag[],
  report: (line: number, message: string) => void,
): void {
  const has = (name: TagName): boolean => tags.some((tag) => tag.name === name);
  if (prose.length === 0) report(1, `no prose at the top. Begin with a sentence that says what the ${kind} does.`);
  if (kind === 'module') return;
  const reads = tags.some(({ name, value }) => name === 'repeat' && value.startsWith('read'));
  if (!has('repeat')) report(1, 'no @repeat. Say what a repeated call does: natural, lane, slot or read.');
  if (!has('oom') && !reads) report(1, 'no @oom. Say whether it runs when memory is full: allow, or first-write.');
  if (has('oom') && reads)
    report(1, '@oom in a reading command. Remove it: what writes nothing is never refused for memory.');
  if (!has('reply')) report(1, 'no @reply. Name each answer, for example "@reply OK count:int".');
}
