import { createHash } from 'node:crypto';

import type { ComposedCommand } from '../compose/compose.js';
import { keyExpression } from '../compose/rewrite.js';
import type { KeyTag } from '../source/header.js';
import { camelCase, pascalCase } from '../source/names.js';
import { argumentsInterface, encodeMethod } from './arguments.js';
import { docComment, listLines, quoted, templateLiteral } from './doc.js';
import { decodeMethod, replyType } from './replies.js';

const CODEC = [
  'intArg',
  'intPart',
  'nowArg',
  'nullableStringPart',
  'nullableStringsPart',
  'pushList',
  'pushRows',
  'replyParts',
  'stringPart',
  'stringsPart',
  'unknownCode',
];

/** The text of `scripts.generated.ts`: one typed script a command, and the list of all. */
export function generateTypeScript(composed: readonly ComposedCommand[]): string {
  const commands = composed.flatMap((item) => ['', ...commandLines(item)]);
  const names = composed.map(({ command }) => camelCase(command.name));
  const used = CODEC.filter((name) => commands.some((line) => line.includes(`${name}(`)));
  const imports = [...used, 'type Script'].sort((a, b) => (bare(a).toLowerCase() < bare(b).toLowerCase() ? -1 : 1));
  const lines = [
    '/* Generated from lua/ by scripts/build-lua.ts. Do not edit: change the Lua, then run `npm run lua:build`. */',
    ...listLines('', 'import {', imports, "} from './script.js';", ' '),
    ...commands,
    '',
    '/** Every command, by name: to load them all into Redis ahead of their first call. */',
    ...listLines('', 'export const SCRIPTS = [', names, '] as const;'),
    '',
    '/** Every key of a queue, by what follows its base; `<…>` stands for a name. */',
    ...listLines('', 'export const KEYS = [', keyPatterns(composed).map(quoted), '] as const;'),
  ];
  return `${lines.join('\n')}\n`;
}

/** Those that are kept: no channels, and nothing outside of a queue. */
function keyPatterns(composed: readonly ComposedCommand[]): string[] {
  const declared = composed.flatMap(({ command, modules }) =>
    [command, ...modules].flatMap((file) => file.header.keys),
  );
  const kept = declared.filter(({ type, pattern }) => type !== 'channel' && pattern !== '.');
  return [...new Set(kept.map(({ pattern }) => pattern))].sort();
}

function bare(name: string): string {
  return name.replace(/^type /, '');
}

function commandLines({ command, modules, source }: ComposedCommand): string[] {
  const { name, header } = command;
  const type = pascalCase(name);
  const sha1 = createHash('sha1').update(source).digest('hex');
  const declared = [command, ...modules].flatMap((file) => file.header.keys);
  const keys = declared.filter((key) => source.includes(keyExpression(key.suffix)));
  return [
    ...argumentsInterface(command),
    '',
    ...replyType(command),
    '',
    ...docComment([...header.prose, ...facts(keys, header.events)]),
    `export const ${camelCase(name)}: Script<${type}Args, ${type}Reply> = {`,
    `  name: ${quoted(name)},`,
    `  repeat: ${quoted(header.repeat ?? 'natural')},`,
    `  sha1: ${quoted(sha1)},`,
    `  source: ${templateLiteral(source)},`,
    ...encodeMethod(command),
    ...decodeMethod(command),
    '};',
  ];
}

function facts(keys: readonly KeyTag[], events: readonly string[]): string[] {
  const patterns = [...new Set(keys.map((key) => `\`${key.pattern}\``))].sort();
  const lines = [];
  if (patterns.length > 0) lines.push(`Keys: ${patterns.join(', ')}`);
  if (events.length > 0) lines.push(`Events: ${events.map((event) => `\`${event}\``).join(', ')}`);
  return lines.length === 0 ? [] : ['', ...lines];
}
