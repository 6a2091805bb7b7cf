import * as scripts from '../../../libs/core/dist/redis/scripts.generated.js';

type ScriptName = Exclude<keyof typeof scripts, 'SCRIPTS'>;

/** Tells a call of one of these scripts of the core from all other commands, for a proxy that is to cut it. */
export function callsOf(...names: readonly ScriptName[]): (args: readonly string[]) => boolean {
  const digests = new Set(names.map((name) => scripts[name].sha1));
  return ([command = '', digest = '']) => command.toLowerCase() === 'evalsha' && digests.has(digest);
}
