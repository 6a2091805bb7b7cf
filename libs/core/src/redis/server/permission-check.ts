import { createHash } from 'node:crypto';

import { StorageRefusedError } from '../../errors/index.js';
import type { ScriptRunner } from '../calls/script-runner.js';
import { registryKey } from '../keys.js';
import type { Script } from '../script.js';
import { SCRIPTS } from '../scripts.generated.js';

/** Asks Redis itself what the user may do with keys and channels of the prefix; it runs none of it. */
const SOURCE = `#!lua flags=no-writes
local missing = {}
for _, command in ipairs(ARGV) do
  local words = {}
  for word in string.gmatch(command, '%S+') do words[#words + 1] = word end
  for _ = 1, 3 do words[#words + 1] = KEYS[1] end
  local is_known, is_allowed = pcall(redis.acl_check_cmd, unpack(words))
  if is_known and not is_allowed then missing[#missing + 1] = command end
end
return missing`;

/**
 * What is sent beside scripts. EVAL where the cache of scripts is emptied again and again, SCAN and MEMORY USAGE to delete
 * and to measure queues.
 */
const SENT = [
  'EVAL',
  'EVALSHA',
  'MEMORY USAGE',
  'PING',
  'SCAN',
  'SCRIPT EXISTS',
  'SCRIPT LOAD',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
];

/** Keys are never literals, so that a second literal in capitals is a subcommand. */
const CALL = /redis\.p?call\(\s*'([A-Z]+)'(?:,\s*'([A-Z]+)')?/g;

const PROBE: Script<readonly string[], readonly string[]> = {
  name: 'the check of permissions',
  repeat: 'read',
  sha1: createHash('sha1').update(SOURCE).digest('hex'),
  source: SOURCE,
  encode: (commands) => [...commands],
  decode: (raw) => raw as string[],
};

/** The commands that the user may not run under the prefix. Empty when all is well. */
export async function missingPermissions(scripts: ScriptRunner, prefix: string): Promise<readonly string[]> {
  try {
    return await scripts.run(PROBE, registryKey(prefix), neededCommands());
  } catch (error) {
    if (!StorageRefusedError.is(error) || error.reason !== 'NOPERM') throw error;
    const command = /'([\w|]+)' command/.exec((error.cause as Error).message)?.[1] ?? 'EVALSHA';
    return [command.toUpperCase().replace('|', ' ')];
  }
}

/** Every Redis command that a user of Redis must be allowed to run: what scripts call, and what is sent beside them. */
export function neededCommands(): readonly string[] {
  return [...new Set([...usedCommands(), ...SENT])].sort();
}

/** Every Redis command that a script of the core calls, with its subcommand if it has one: `HSET`, `OBJECT FREQ`. */
export function usedCommands(): readonly string[] {
  const calls = SCRIPTS.flatMap((script) => [...script.source.matchAll(CALL)]);
  return [
    ...new Set(calls.map(([, command = '', subcommand]) => (subcommand ? `${command} ${subcommand}` : command))),
  ].sort();
}
