import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

import { composeTree } from '../../../scripts/lua/compose/compose.js';
import { Problems } from '../../../scripts/lua/source/problems.js';
import { readTree, type LuaTree } from '../../../scripts/lua/source/tree.js';
import type { Texts } from '../core/core.js';

const ROOT = new URL('../../../', import.meta.url);

/** A mistake that somebody could make in the Lua core: the product never has it. */
export interface Defect {
  /** A few words, by which it is asked for. */
  readonly name: string;
  /** A source below `lua/`. */
  readonly file: string;
  /** What stands there once, and what takes its place. */
  readonly find: string;
  readonly put: string;
}

/**
 * The commands that a defect changes, composed as the product's are.
 *
 * @throws Error when its patch does not fit, or no command changes by it
 */
export function withDefect(defect: Defect): Texts {
  const whole = readTree(patched(defect));
  const problems = new Problems();
  const composed = composeTree({ ...whole, commands: changed(whole, `lua/${defect.file}`) }, problems);
  problems.throwIfAny();
  if (composed.length === 0) throw new Error(`The defect "${defect.name}" changes no command.`);
  return new Map(composed.map(({ command, source }) => [command.name, { source, sha1: sha1(source) }]));
}

/**
 * The sources with a defect in one of them.
 *
 * @throws Error when that has not exactly one place for the patch
 */
export function patched({ name, file, find, put }: Defect): ReadonlyMap<string, string> {
  const sources = readSources();
  const path = `lua/${file}`;
  const parts = sources.get(path)?.split(find) ?? [];
  if (parts.length === 2) return new Map(sources).set(path, parts.join(put));
  throw new Error(
    `The defect "${name}" fits ${Math.max(0, parts.length - 1)} places of ${path}, and must fit one. Write it anew.`,
  );
}

/** The commands that are this file or come to it. */
function changed({ commands, modules }: LuaTree, path: string): LuaTree['commands'] {
  const reaches = (file: LuaTree['commands'][number]): boolean =>
    file.path === path || file.header.requires.some(({ name }) => reaches(modules.get(name)!));
  return commands.filter(reaches);
}

let read: ReadonlyMap<string, string> | undefined;

function readSources(): ReadonlyMap<string, string> {
  read ??= new Map(
    ['lua/commands/', 'lua/lib/'].flatMap((folder) =>
      readdirSync(new URL(folder, ROOT)).map(
        (file) => [folder + file, readFileSync(new URL(folder + file, ROOT), 'utf8')] as const,
      ),
    ),
  );
  return read;
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
