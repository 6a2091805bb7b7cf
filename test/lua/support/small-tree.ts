import { checkTree } from '../../../scripts/lua/check/check-tree.js';
import { composeTree } from '../../../scripts/lua/compose/compose.js';
import { formatProblem, LuaSourceError, Problems } from '../../../scripts/lua/source/problems.js';
import { readTree } from '../../../scripts/lua/source/tree.js';
import { generateTypeScript } from '../../../scripts/lua/typescript/generate.js';

export const PUT = 'lua/commands/put.lua';
export const COUNT = 'lua/commands/count.lua';
export const CLOCK = 'lua/lib/clock.lua';

/** Three small sources that compose and in which no check finds anything. */
const SOURCES: Readonly<Record<string, string>> = {
  [PUT]: `-- Put pairs into a list.
-- @repeat lane
-- @oom first-write
-- @require clock
-- @key names n list
-- @arg lane_id string      the lane's nonce
-- @arg tags list           what to give back
-- @arg seq int
-- @rest rows name, value   what to put
-- @reply OK at:int tags:strings last:string?
-- @reply EMPTY             no row was given
-- @event put
if #ARGV < REST then return { 'EMPTY' } end
for i = REST, #ARGV, 2 do redis.call('RPUSH', k.names, ARGV[i] .. '=' .. ARGV[i + 1]) end
redis.call('RPUSH', k.names, lane_id .. seq)
return { 'OK', clock.now(now_arg), tags, false }
`,
  [COUNT]: `-- Count the pairs.
-- @repeat read
-- @key names n list
-- @reply OK count:int
return { 'OK', redis.call('LLEN', k.names) }
`,
  [CLOCK]: `-- The clock.
local clock = {}
function clock.now(given)
  if given ~= '' then return tonumber(given) end
  return tonumber(redis.call('TIME')[1])
end
`,
};

/** A change of the small sources: a file's new text, or what to replace in it. */
export type Change = Readonly<Record<string, string | readonly [from: string, to: string]>>;

/** The small sources with a change. */
export function sources(change: Change = {}): Map<string, string> {
  const texts = new Map(Object.entries(SOURCES));
  for (const [path, edit] of Object.entries(change)) {
    if (typeof edit === 'string') {
      texts.set(path, edit);
    } else {
      const [from, to] = edit;
      const text = texts.get(path) ?? '';
      if (!text.includes(from)) throw new Error(`${path} has no ${JSON.stringify(from)}`);
      texts.set(
        path,
        text.replace(from, () => to),
      );
    }
  }
  return texts;
}

/** Every fault that the build finds, as it is printed. */
export function buildProblems(change: Change): string[] {
  const problems = new Problems();
  return faults(() => {
    composeTree(readTree(sources(change)), problems);
    problems.throwIfAny();
  });
}

/** Every fault that the static check finds, as it is printed. */
export function checkProblems(change: Change): string[] {
  return faults(() => {
    const problems = checkTree(readTree(sources(change)));
    if (problems.length > 0) throw new LuaSourceError(problems);
  });
}

function faults(run: () => void): string[] {
  try {
    run();
    return [];
  } catch (error) {
    if (error instanceof LuaSourceError) return error.problems.map(formatProblem);
    throw error;
  }
}

/** The composed text of one command. */
export function composed(name: string, change: Change = {}): string {
  const problems = new Problems();
  const found = composeTree(readTree(sources(change)), problems).find(({ command }) => command.name === name);
  problems.throwIfAny();
  if (found === undefined) throw new Error(`there is no command ${name}`);
  return found.source;
}

/** The generated TypeScript of all commands. */
export function generated(change: Change = {}): string {
  return generateTypeScript(composeTree(readTree(sources(change)), new Problems()));
}
