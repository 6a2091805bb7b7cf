import { describe, expect, it } from '@jest/globals';

import { checkProblems, CLOCK, COUNT, PUT, sources, type Change } from './support/small-tree.js';

const LINKS = ['clock', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven'];

/** A module that calls the next one; the last calls none. */
function link(name: string, next: string | undefined): string {
  const head = `-- The ${name}.\n${next === undefined ? '' : `-- @require ${next}\n`}local ${name} = {}\n`;
  const called = next === undefined ? 'x' : `${next}.${next === 'clock' ? 'now' : 'f'}(x)`;
  return `${head}function ${name}.${name === 'clock' ? 'now' : 'f'}(x) return ${called} end\n`;
}

const CHAIN: Change = Object.fromEntries(LINKS.map((name, i) => [`lua/lib/${name}.lua`, link(name, LINKS[i + 1])]));

/** `tick` is reached through two functions of its own module. */
const HIDDEN_WRITE: Change = {
  [COUNT]: `-- Count.
-- @repeat read
-- @require clock
-- @reply OK at:int
return { 'OK', clock.next() }
`,
  [CLOCK]: `-- The clock.
-- @key ticks t string
local clock = {}
function clock.now() return 1 end
function clock.tick() return redis.call('INCR', k.ticks) end
local function step() return clock.tick() end
function clock.next() return step() end
`,
};

/** `count` modules with one function of `lines` lines, and a command that calls each. */
function modules(count: number, lines = 1): Change {
  const names = Array.from({ length: count }, (_, index) => `m${index}`);
  const body = 'local x = 1\n'.repeat(lines);
  const files = names.map((name) => [
    `lua/lib/${name}.lua`,
    `-- M.\nlocal ${name} = {}\nfunction ${name}.f()\n${body}end\n`,
  ]);
  return {
    ...(Object.fromEntries(files) as Change),
    [COUNT]: `-- Count.
-- @repeat read
-- @require ${names.join(', ')}
-- @reply OK
${names.map((name) => `${name}.f()`).join('\n')}
return { 'OK' }
`,
  };
}

describe('static check', () => {
  it('finds nothing in good sources', () => {
    expect(checkProblems({})).toEqual([]);
  });

  it('refuses an empty lua/, for a check that cannot run must fail', () => {
    const nothing = Object.fromEntries([...sources().keys()].map((path) => [path, '']));
    expect(checkProblems(nothing)).not.toEqual([]);
  });

  it.each<[string, Change, RegExp]>([
    [
      'a global that is read',
      { [COUNT]: ["'OK', ", "'OK', total, "] },
      /count\.lua:5 {2}"total" is neither local nor known/,
    ],
    [
      'a misspelt global',
      { [COUNT]: ["'OK', ", "'OK', tostrin(1), "] },
      /count\.lua:5 {2}"tostrin" .* Did you mean "tostring"\?/,
    ],
    ['a global that is written', { [COUNT]: ['return', 'total = 1\nreturn'] }, /count\.lua:5 {2}"total" is a global/],
    [
      'a global function',
      { [CLOCK]: ['function clock.now', 'function now() end\nfunction clock.now'] },
      /clock\.lua:3 {2}"now" is a global/,
    ],
    [
      'a library that is changed',
      { [COUNT]: ['return', 'string.len = 1\nreturn'] },
      /count\.lua:5 {2}string\.len is written/,
    ],
    [
      'a module that is changed',
      { [PUT]: ['return {', 'clock.x = 1\nreturn {'] },
      /put\.lua:\d+ {2}clock\.x is written/,
    ],
    [
      'a misspelt library function',
      { [COUNT]: ["'OK', ", "'OK', string.formt('a'), "] },
      /count\.lua:5 {2}string\.formt .* Did you mean "format"\?/,
    ],
    [
      'a misspelt member of a module',
      { [PUT]: ['clock.now', 'clock.nwo'] },
      /put\.lua:16 {2}clock\.nwo is not defined in lua\/lib\/clock\.lua\. Did you mean "now"\?/,
    ],
    [
      'a misspelt member of its own',
      { [CLOCK]: ['return tonumber(given)', 'return clock.own(given)'] },
      /clock\.lua:4 {2}clock\.own is not defined in this module\. Did you mean "now"\?/,
    ],
    [
      'a module that is not required',
      { [COUNT]: ["'OK', ", "'OK', clock.now(''), "] },
      /count\.lua:5 {2}module "clock" is not required here/,
    ],
    [
      'a module as a value',
      { [PUT]: ['clock.now(now_arg)', 'pairs(clock)'] },
      /put\.lua:16 {2}module "clock" is used as a value/,
    ],
    [
      'a local that hides a module',
      { [PUT]: ['return {', "local clock = ''\nreturn {"] },
      /put\.lua:13 {2}local "clock" hides/,
    ],
    [
      'a local that hides the module it is in',
      { [CLOCK]: ['now(given)', 'now(given, clock)'] },
      /clock\.lua:3 {2}local "clock" hides/,
    ],
    [
      'an argument named as a module',
      { [PUT]: ['@arg seq', '@arg clock'] },
      /put\.lua:8 {2}@arg clock has the name of a module/,
    ],
    ['KEYS', { [COUNT]: ['k.names', 'KEYS[1]'] }, /count\.lua:5 {2}"KEYS" builds keys by hand/],
    ['the base of the keys', { [COUNT]: ['k.names', 'base'] }, /count\.lua:5 {2}"base" builds keys by hand/],
    ['ARGV without @rest', { [COUNT]: ["'OK', ", "'OK', ARGV[1], "] }, /count\.lua:5 {2}ARGV without @rest/],
    ['ARGV in a module', { [CLOCK]: ['return tonumber(given)', 'return ARGV[1]'] }, /clock\.lua:4 {2}ARGV in a module/],
    ['REST without @rest', { [COUNT]: ["'OK', ", "'OK', REST, "] }, /count\.lua:5 {2}REST without @rest/],
    [
      'the time in a module',
      { [CLOCK]: ['return tonumber(given)', 'return now_arg'] },
      /clock\.lua:4 {2}now_arg is known to commands only/,
    ],
    [
      'the name of @rest as a local',
      { [PUT]: ['lane_id .. seq', 'lane_id .. seq, rows'] },
      /put\.lua:15 {2}"rows" is @rest, no local/,
    ],
    ['cjson', { [COUNT]: ["'OK', ", "'OK', cjson.encode({}), "] }, /count\.lua:5 {2}cjson is forbidden/],
  ])('refuses %s', (_, change, expected) => {
    expect(checkProblems(change)).toContainEqual(expect.stringMatching(expected));
  });

  it.each<[string, Change, RegExp]>([
    [
      'a literal key',
      { [COUNT]: ["'OK', ", "'OK', redis.call('GET', 'n'), "] },
      /count\.lua:5 {2}GET on a literal key/,
    ],
    [
      'a key that begins with a literal',
      { [COUNT]: ['k.names)', "'n:' .. 1 .. k.names)"] },
      /count\.lua:5 {2}LLEN on a literal key/,
    ],
    [
      'a literal key after a subcommand',
      { [COUNT]: ["'OK', ", "'OK', redis.call('OBJECT', 'ENCODING', 'n'), "] },
      /count\.lua:5 {2}OBJECT on a literal key/,
    ],
    [
      'a literal key of XREAD',
      { [COUNT]: ["'OK', ", "'OK', redis.call('XREAD', 'COUNT', 1, 'STREAMS', 'n', 0), "] },
      /count\.lua:5 {2}XREAD on a literal key/,
    ],
    [
      'a computed command',
      { [COUNT]: ["call('LLEN'", "call('L' .. 'LEN'"] },
      /count\.lua:5 {2}redis\.call with a computed command/,
    ],
    [
      'an alias of redis.call',
      { [COUNT]: ['return', 'local call = redis.call\nreturn'] },
      /count\.lua:5 {2}redis\.call is used as a value/,
    ],
    ['a write in a reading command', { [COUNT]: ["'LLEN'", "'RPOP'"] }, /count\.lua:5 {2}RPOP in a reading command/],
    [
      'a write that it reaches through modules',
      HIDDEN_WRITE,
      /clock\.lua:5 {2}INCR in a reading command\. .*count\.lua can reach it/,
    ],
  ])('refuses %s', (_, change, expected) => {
    expect(checkProblems(change)).toEqual([expect.stringMatching(expected)]);
  });

  it('lets a key follow a subcommand or the word STREAMS', () => {
    const reads = "redis.call('OBJECT', 'ENCODING', k.names), redis.call('XREAD', 'STREAMS', k.names, 0), ";
    expect(checkProblems({ [COUNT]: ["'OK', ", `'OK', ${reads}`] })).toEqual([]);
  });

  it.each<[string, Change, RegExp]>([
    [
      'a key that is not declared',
      { [COUNT]: ["'OK', ", "'OK', redis.call('GET', k.nams), "] },
      /count\.lua:5 {2}k\.nams is not declared in this file/,
    ],
    [
      'a key that is not used',
      { [COUNT]: ['-- @reply', '-- @key more m list\n-- @reply'] },
      /count\.lua:4 {2}@key more is never used/,
    ],
    [
      'the keys as a value',
      { [COUNT]: ['return', 'for key in pairs(k) do end\nreturn'] },
      /count\.lua:5 {2}k is used as a value/,
    ],
    [
      'a module that is not used',
      { [COUNT]: ['-- @key', '-- @require clock\n-- @key'] },
      /count\.lua:3 {2}@require clock is never used/,
    ],
    [
      'an argument that is not used',
      { [COUNT]: ['-- @reply', '-- @arg id string\n-- @reply'] },
      /count\.lua:4 {2}@arg id is never used/,
    ],
    [
      'a rest that is not used',
      { [COUNT]: ['-- @reply', '-- @rest ids id\n-- @reply'] },
      /count\.lua:4 {2}REST, where @rest ids begins, is never used/,
    ],
    [
      'a reply that is not given',
      { [COUNT]: ['-- @reply', '-- @reply GONE\n-- @reply'] },
      /count\.lua:4 {2}@reply GONE is given nowhere/,
    ],
    [
      'a reply that is not declared',
      { [PUT]: ['-- @reply EMPTY             no row was given\n', ''] },
      /put\.lua:12 {2}reply EMPTY is not declared/,
    ],
    [
      'code that nothing reaches',
      { [CLOCK]: ['function', 'local function old() end\nfunction'] },
      /clock\.lua:3 {2}no command can reach old/,
    ],
    [
      'a member that nothing reaches',
      { [CLOCK]: ['function', 'clock.OLD = 1\nfunction'] },
      /clock\.lua:3 {2}no command can reach OLD/,
    ],
    [
      'a command that is too long',
      { [COUNT]: ['return', `${'\n'.repeat(116)}return`] },
      /count\.lua {2}121 lines; a command has at most 120/,
    ],
    [
      'a module that is too long',
      { [CLOCK]: ['local', `${'\n'.repeat(145)}local`] },
      /clock\.lua {2}151 lines; a module has at most 150/,
    ],
    ['a script that is too long', modules(24, 140), /count\.lua {2}3\d{3} lines with its modules; .* at most 3200/],
    ['too many modules', modules(51), /count\.lua {2}51 modules \(m0, .*\); at most 50/],
    [
      'a chain of modules that is too long',
      CHAIN,
      /put\.lua {2}put → clock → one → .* → eleven is deeper than 11 modules/,
    ],
  ])('refuses %s', (_, change, expected) => {
    expect(checkProblems(change)).toEqual([expect.stringMatching(expected)]);
  });

  it('counts a reply that a module gives', () => {
    const change: Change = {
      [PUT]: ["return { 'EMPTY' }", 'return clock.nothing()'],
      [CLOCK]: ['function clock.now', "function clock.nothing() return { 'EMPTY' } end\nfunction clock.now"],
    };
    expect(checkProblems(change)).toEqual([]);
  });
});
