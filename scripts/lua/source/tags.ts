import { ARG_TYPES, KEY_TYPES, OOM_MODES, REPEATS, REPLY_TYPES, type Header, type ReplyField } from './header.js';
import { camelCase, COMPOSED_NAMES, didYouMean, isLuaIdentifier, LUA_GLOBALS } from './names.js';

export type TagName = 'repeat' | 'oom' | 'require' | 'key' | 'arg' | 'rest' | 'reply' | 'event';

interface TagPlace {
  readonly line: number;
  readonly report: (message: string) => void;
}

type TagParser = (value: string, header: Header, place: TagPlace) => void;

/** One reader a tag: adds what the tag says to the header, or reports why it cannot. */
export const TAG_PARSERS: Record<TagName, TagParser> = {
  repeat(value, header, { report }) {
    if (header.repeat !== undefined) report('a second @repeat. Keep one.');
    header.repeat = oneOf('@repeat', firstWord(value), REPEATS, report);
  },

  oom(value, header, { report }) {
    if (header.oom !== undefined) report('a second @oom. Keep one.');
    header.oom = oneOf('@oom', firstWord(value), OOM_MODES, report);
  },

  require(value, header, { line, report }) {
    for (const name of words(value)) {
      if (!/^[a-z][a-z0-9-]*$/.test(name))
        report(`@require "${name}" is no module name. Use the file's name without ".lua".`);
      else if (header.requires.some((other) => other.name === name))
        report(`@require ${name} is there twice. Remove one.`);
      else header.requires.push({ line, name });
    }
    if (words(value).length === 0) report('@require names no module. Write "@require clock, ready", or remove it.');
  },

  key(value, header, { line, report }) {
    const [, name = '', pattern = '', type = '', remark = ''] = /^(\S+)\s+(\S+)\s+(\S+)\s*(.*)$/.exec(value) ?? [];
    const suffix = pattern === '.' ? '' : /^(\^?[\w:+#-]+)(?:<\w+>)?$/.exec(pattern)?.[1];
    if (!isLuaIdentifier(name)) report(`@key ${quote(value)} cannot be read. Write "@key name suffix type remark".`);
    else if (suffix === undefined)
      report(`@key ${name}: suffix "${pattern}" is malformed. Write "j", or "h:<epoch>" for a prefix.`);
    else if (header.keys.some((other) => other.name === name))
      report(`@key ${name} is declared twice. Rename or remove one.`);
    else if (oneOf(`@key ${name}: type`, type, KEY_TYPES, report))
      header.keys.push({ line, name, pattern, suffix, type, remark });
  },

  arg(value, header, { line, report }) {
    const [, name = '', word = '', remark = ''] = /^(\S+)\s+(\S+)\s*(.*)$/.exec(value) ?? [];
    if (header.rest !== undefined) report(`@arg ${name} after @rest. Move it above: @rest takes all remaining values.`);
    const fault = argumentFault(name, header);
    if (fault !== undefined) return report(`@arg ${quote(value)} ${fault}`);
    const type = oneOf(`@arg ${name}: type`, word, ARG_TYPES, report);
    if (type !== undefined) header.args.push({ line, name, type, remark });
  },

  rest(value, header, { line, report }) {
    const [, name = '', list = '', remark = ''] = /^(\S+)\s+(\w+(?:\s*,\s*\w+)*)\s*(.*)$/.exec(value) ?? [];
    if (header.rest !== undefined) return report('a second @rest. Keep one, as the last argument.');
    const fault = argumentFault(name, header);
    if (fault !== undefined) return report(`@rest ${quote(value)} ${fault}`);
    header.rest = { line, name, fields: words(list), remark };
  },

  reply(value, header, { line, report }) {
    const [code = '', ...more] = value.split(/\s+/);
    if (!/^[A-Z][A-Z0-9_]*$/.test(code))
      return report(`@reply ${quote(code)} is no code. Use upper case, as in "@reply OK count:int".`);
    if (header.replies.some((other) => other.code === code))
      return report(`@reply ${code} is declared twice. Remove one.`);
    const { fields, remark } = replyFields(code, more, report);
    header.replies.push({ line, code, fields, remark });
  },

  event(value, header, { report }) {
    const names = words(value);
    if (names.length === 0) report('@event names no event. Write "@event added", or remove it.');
    header.events.push(...names);
  },
};

function replyFields(
  code: string,
  tokens: readonly string[],
  report: TagPlace['report'],
): { fields: ReplyField[]; remark: string } {
  const fields: ReplyField[] = [];
  let index = 0;
  for (; index < tokens.length; index++) {
    const [, name, word] = /^([A-Za-z]\w*):(\S+)$/.exec(tokens[index] ?? '') ?? [];
    if (name === undefined || word === undefined) break;
    const type = oneOf(`@reply ${code}: type of ${name}`, word, REPLY_TYPES, report);
    if (name === 'code' || fields.some((field) => camelCase(field.name) === camelCase(name))) {
      report(`@reply ${code}: the name "${name}" is taken. Choose another one.`);
    } else if (type !== undefined) fields.push({ name, type });
  }
  const remark = tokens.slice(index);
  const late = remark.find((token) => /^\w+:\S/.test(token));
  if (late !== undefined) report(`@reply ${code}: "${late}" comes after the remark began. Put every name:type first.`);
  return { fields, remark: remark.join(' ') };
}

function argumentFault(name: string, header: Header): string | undefined {
  if (!isLuaIdentifier(name))
    return 'cannot be read. Write "@arg name string|int|list remark" or "@rest name field, field".';
  if (LUA_GLOBALS.has(name) || COMPOSED_NAMES.has(name) || name === 'now' || name.startsWith('argv_')) {
    return `takes a name that the composed script needs. Rename "${name}".`;
  }
  const taken = [...header.args, ...(header.rest ? [header.rest] : [])];
  if (taken.some((other) => camelCase(other.name) === camelCase(name)))
    return 'is declared twice. Rename or remove one.';
  return undefined;
}

function oneOf<T extends string>(
  what: string,
  word: string,
  allowed: readonly T[],
  report: TagPlace['report'],
): T | undefined {
  const found = allowed.find((candidate) => candidate === word);
  if (found === undefined) report(`${what} "${word}" is not one of ${allowed.join(', ')}.${didYouMean(word, allowed)}`);
  return found;
}

function words(value: string): string[] {
  return value.split(/[\s,]+/).filter((word) => word !== '');
}

function firstWord(value: string): string {
  return value.split(/\s/, 1)[0] ?? '';
}

function quote(value: string): string {
  return `"${value}"`;
}
