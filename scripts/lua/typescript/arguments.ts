import type { ArgTag, Header, RestTag } from '../source/header.js';
import { camelCase, pascalCase } from '../source/names.js';
import type { LuaFile } from '../source/lua-file.js';
import { docComment, listLines, quoted } from './doc.js';

/** The interface of a command's arguments. */
export function argumentsInterface({ name, header }: LuaFile): string[] {
  return [
    ...docComment([`Arguments of \`${camelCase(name)}\`.`]),
    `export interface ${pascalCase(name)}Args {`,
    ...docComment(['Virtual time in ms. Left out, the clock of Redis counts.'], '  '),
    '  readonly now?: number | undefined;',
    ...header.args.flatMap(argumentField),
    ...(header.rest === undefined ? [] : restField(header.rest)),
    '}',
  ];
}

function argumentField({ name, type, remark }: ArgTag): string[] {
  const typescript = { string: 'string', int: 'number', list: 'readonly string[]' }[type];
  return [...docComment(remarkLine(remark), '  '), `  readonly ${camelCase(name)}: ${typescript};`];
}

function restField({ name, fields, remark }: RestTag): string[] {
  const rows = fields.length === 1 ? [] : [`Rows, as one flat list: ${fields.join(', ')}.`];
  return [...docComment([...remarkLine(remark), ...rows], '  '), `  readonly ${camelCase(name)}: readonly string[];`];
}

function remarkLine(remark: string): string[] {
  return remark === '' ? [] : [`${remark.charAt(0).toUpperCase()}${remark.slice(1)}`.replace(/([^.!?])$/, '$1.')];
}

/** The body of `encode`. */
export function encodeMethod({ name, header }: LuaFile): string[] {
  const firstList = header.args.findIndex((arg) => arg.type === 'list');
  const fixed = firstList < 0 ? header.args : header.args.slice(0, firstList);
  const counted = header.args.slice(fixed.length);
  const values = [`nowArg(${quoted(name)}, args.now)`, ...fixed.map((arg) => value(name, arg))];
  if (counted.length === 0 && header.rest === undefined) {
    return ['  encode(args) {', ...listLines('    ', 'return [', values, '];'), '  },'];
  }
  return [
    '  encode(args) {',
    ...listLines('    ', 'const argv = [', values, '];'),
    ...counted.map((arg) => `    ${pushStatement(name, arg)}`),
    ...restStatement(name, header),
    '    return argv;',
    '  },',
  ];
}

function value(command: string, { name, type }: ArgTag): string {
  const field = camelCase(name);
  return type === 'int' ? `intArg(${quoted(command)}, ${quoted(field)}, args.${field})` : `args.${field}`;
}

function pushStatement(command: string, arg: ArgTag): string {
  return arg.type === 'list' ? `pushList(argv, args.${camelCase(arg.name)});` : `argv.push(${value(command, arg)});`;
}

function restStatement(command: string, { rest }: Header): string[] {
  if (rest === undefined) return [];
  const field = camelCase(rest.name);
  return [`    pushRows(argv, ${quoted(command)}, ${quoted(field)}, args.${field}, ${rest.fields.length});`];
}
