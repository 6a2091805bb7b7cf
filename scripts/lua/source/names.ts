/** Names as Lua and TypeScript allow them, and the way from one to the other. */

const LUA_KEYWORDS = new Set(
  'and break do else elseif end false for function if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
);

const TYPESCRIPT_RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch this throw true try typeof var void while with yield'
  ).split(' '),
);

/** The globals of Redis' Lua that our sources may read. */
export const LUA_GLOBALS: ReadonlySet<string> = new Set(
  (
    'redis cjson cmsgpack bit struct KEYS ARGV tonumber tostring type pairs ipairs next unpack select error pcall ' +
    'string table math setmetatable rawget'
  ).split(' '),
);

/** Locals that the composer declares at the head of every script. */
export const COMPOSED_NAMES: ReadonlySet<string> = new Set(['base', 'fn', 'k', 'now_arg', 'REST']);

export function isLuaIdentifier(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !LUA_KEYWORDS.has(name);
}

export function isReservedInTypeScript(name: string): boolean {
  return TYPESCRIPT_RESERVED.has(name);
}

/** `add-many`, `add_many` → `addMany`. */
export function camelCase(name: string): string {
  return name.replace(/[-_]+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `add-many` → `AddMany`. */
export function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}

/** ` Did you mean "x"?` when a candidate is at most two edits away, else nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  let best = '';
  let least = 3;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < least && distance < Math.max(word.length, 2)) {
      best = candidate;
      least = distance;
    }
  }
  return best === '' ? '' : ` Did you mean "${best}"?`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
