import * as scripts from '../../../libs/core/dist/redis/scripts.generated.js';

const { SCRIPTS: _, KEYS: __, ...byName } = scripts;

/** The name of a script of the core. */
export type ScriptName = keyof typeof byName;

/** Tells a call of one of these scripts of the core from all other commands, for a proxy that is to cut it. */
export function callsOf(...names: readonly ScriptName[]): (args: readonly string[]) => boolean {
  const digests = new Set(names.map((name) => byName[name].sha1));
  return ([command = '', digest = '']) => command.toLowerCase() === 'evalsha' && digests.has(digest);
}
