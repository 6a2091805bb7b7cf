import { describe, expect, it } from '@jest/globals';

import { buildProblems, CLOCK, composed, COUNT, PUT, sources, type Change } from './support/small-tree.js';
import { readTree } from '../../scripts/lua/source/tree.js';

describe('header', () => {
  it('reads prose, tags, remarks and continued lines', () => {
    const change = { [PUT]: ["the lane's nonce", "the lane's\n--   nonce, no more"] } as const;
    const put = readTree(sources(change)).commands.find(({ name }) => name === 'put');
    expect(put?.header).toMatchObject({
      prose: ['Put pairs into a list.'],
      repeat: 'lane',
      oom: 'first-write',
      requires: [{ name: 'clock', line: 4 }],
      keys: [{ name: 'names', pattern: 'n', suffix: 'n', type: 'list', remark: '' }],
      args: [
        { name: 'lane_id', type: 'string', remark: "the lane's nonce, no more" },
        { name: 'tags', type: 'list' },
        { name: 'seq', type: 'int', line: 9 },
      ],
      rest: { name: 'rows', fields: ['name', 'value'], remark: 'what to put' },
      replies: [
        { code: 'OK', fields: [{ name: 'at', type: 'int' }, { name: 'tags' }, { name: 'last', type: 'string?' }] },
        { code: 'EMPTY', fields: [], remark: 'no row was given' },
      ],
      events: ['put'],
    });
  });

  it.each<[string, Change, RegExp]>([
    ['no prose', { [COUNT]: ['-- Count the pairs.\n', ''] }, /^lua\/commands\/count\.lua:1 {2}no prose/],
    ['prose after a tag', { [COUNT]: ['-- @key', '-- More.\n-- @key'] }, /count\.lua:3 {2}prose after a tag/],
    ['an unknown tag', { [PUT]: ['@event', '@evnt'] }, /put\.lua:12 {2}unknown tag @evnt\. Did you mean "event"\?/],
    [
      'a tag that modules lack',
      { [CLOCK]: ['local', '-- @arg a int\nlocal'] },
      /clock\.lua:2 {2}@arg has no meaning in a module/,
    ],
    ['no @repeat', { [PUT]: ['-- @repeat lane\n', ''] }, /put\.lua:1 {2}no @repeat/],
    ['a wrong @repeat', { [PUT]: ['@repeat lane', '@repeat line'] }, /put\.lua:2 {2}.* Did you mean "lane"\?/],
    ['no @oom', { [PUT]: ['-- @oom first-write\n', ''] }, /put\.lua:1 {2}no @oom/],
    [
      '@oom where nothing is written',
      { [COUNT]: ['read', 'read\n-- @oom allow'] },
      /count\.lua:1 {2}@oom in a reading/,
    ],
    [
      'a wrong key type',
      { [COUNT]: ['n list', 'n lst'] },
      /count\.lua:3 {2}@key names: type "lst" .* Did you mean "list"\?/,
    ],
    [
      'a malformed suffix',
      { [COUNT]: ['n list', '{n} list'] },
      /count\.lua:3 {2}@key names: suffix "\{n\}" is malformed/,
    ],
    [
      'a key twice',
      { [COUNT]: ['n list', 'n list\n-- @key names m list'] },
      /count\.lua:4 {2}@key names is declared twice/,
    ],
    ['a wrong argument type', { [PUT]: ['seq int', 'seq number'] }, /put\.lua:8 {2}@arg seq: type "number"/],
    ['an argument twice', { [PUT]: ['seq int', 'laneId int'] }, /put\.lua:8 {2}@arg "laneId int" is declared twice/],
    ['an argument with a taken name', { [PUT]: ['@arg seq', '@arg now'] }, /put\.lua:8 {2}.* Rename "now"/],
    [
      'an argument after @rest',
      { [PUT]: ['-- @event', '-- @arg late int\n-- @event'] },
      /put\.lua:12 {2}@arg late after @rest/,
    ],
    ['a malformed code', { [PUT]: ['@reply EMPTY', '@reply empty'] }, /put\.lua:11 {2}@reply "empty" is no code/],
    ['a code twice', { [PUT]: ['@reply EMPTY', '@reply OK'] }, /put\.lua:11 {2}@reply OK is declared twice/],
    ['a wrong reply type', { [PUT]: ['at:int', 'at:integer'] }, /put\.lua:10 {2}@reply OK: type of at "integer"/],
    ['a reply field after the remark', { [PUT]: ['at:int', 'then at:int'] }, /put\.lua:10 {2}.*"at:int" comes after/],
    ['no @reply', { [COUNT]: ['-- @reply OK count:int\n', ''] }, /count\.lua:1 {2}no @reply/],
    ['a shebang', { [COUNT]: ['-- Count', '#!lua flags=no-writes\n-- Count'] }, /count\.lua:1 {2}a shebang line/],
    [
      'no code',
      { [COUNT]: ["return { 'OK', redis.call('LLEN', k.names) }", ''] },
      /count\.lua {2}the command has no code/,
    ],
    ['wrong syntax', { [COUNT]: ['return {', 'return {{'] }, /count\.lua:\d+ {2}Lua 5\.1 cannot read this/],
    [
      'a bad file name',
      { 'lua/lib/Bad_Name.lua': '-- Bad.\nlocal Bad = {}' },
      /Bad_Name\.lua {2}the file name must be/,
    ],
    [
      'a name that is a word of TypeScript',
      { 'lua/commands/delete.lua': sources().get(COUNT) ?? '' },
      /delete\.lua {2}"delete" is a reserved/,
    ],
  ])('refuses %s, naming file and line', (_, change, expected) => {
    expect(buildProblems(change)).toEqual([expect.stringMatching(expected)]);
  });

  it('reports every fault at once', () => {
    expect(buildProblems({ [PUT]: ['@repeat lane', '@repeat line'], [COUNT]: ['n list', 'n lst'] })).toHaveLength(2);
  });
});

describe('composition', () => {
  it('is the preamble, then the command with its modules, without comments and indentation', () => {
    expect(composed('put')).toBe(`local base = KEYS[1]
local now_arg, lane_id = ARGV[1], ARGV[2]
local tags, seq, REST
do
local argv_at = 3
local argv_count = tonumber(ARGV[argv_at])
tags = {}
for argv_item = 1, argv_count do tags[argv_item] = ARGV[argv_at + argv_item] end
argv_at = argv_at + argv_count + 1
seq = tonumber(ARGV[argv_at])
argv_at = argv_at + 1
REST = argv_at
end
if #ARGV < REST then return { 'EMPTY' } end
for i = REST, #ARGV, 2 do redis.call('RPUSH', base .. ':n', ARGV[i] .. '=' .. ARGV[i + 1]) end
redis.call('RPUSH', base .. ':n', lane_id .. seq)
local clock__now
function clock__now(given)
if given ~= '' then return tonumber(given) end
return tonumber(redis.call('TIME')[1])
end
return { 'OK', clock__now(now_arg), tags, false }
`);
  });

  it('tells Redis by a first line what may run: reads everywhere, what frees memory when it is full', () => {
    expect(composed('count')).toMatch(/^#!lua flags=no-writes\nlocal base/);
    expect(composed('put', { [PUT]: ['first-write', 'allow'] })).toMatch(/^#!lua flags=allow-oom\nlocal base/);
    expect(composed('put')).toMatch(/^local base/);
  });

  it('does not depend on the order in which the files are found', () => {
    const names = (texts: Map<string, string>): string[] => readTree(texts).commands.map(({ name }) => name);
    expect(names(sources())).toEqual(['count', 'put']);
    expect(names(new Map([...sources()].reverse()))).toEqual(['count', 'put']);
  });

  it('puts a module after those it requires, and leaves out what the command cannot reach', () => {
    const source = composed('put', {
      [CLOCK]: `-- The clock.
-- @require arith
local clock = {}
function clock.now() return arith.plus(1) end
`,
      'lua/lib/arith.lua': `-- Sums.
local arith = {}
local unit = 1
local function far() return 2 end
function arith.plus(a) return a + unit end
function arith.minus(a) return a - far() end
`,
    });
    expect(source).toContain(`local arith__plus
do
local unit = 1
function arith__plus(a) return a + unit end
end
local clock__now
function clock__now() return arith__plus(1) end
`);
    expect(source).not.toMatch(/minus|far/);
  });

  describe('builds the functions of a module', () => {
    const RETURN = "return { 'OK', clock.now(now_arg), tags, false }";
    const placed = (code: string, change: Change = {}): string => composed('put', { [PUT]: [RETURN, code], ...change });

    it('in the branch that alone calls them', () => {
      const source = placed(`if seq > 1 then
if seq > 2 then return { 'OK', clock.now(now_arg), tags, false } end
end
return { 'EMPTY' }`);
      expect(source).toMatch(/if seq > 1 then\nif seq > 2 then\s+local clock__now\nfunction clock__now/);
    });

    it('before both branches that call them, and before a condition, a loop or a function that does', () => {
      const call = 'tostring(clock.now(now_arg))';
      for (const statement of [
        `if seq > 1 then ${call} else ${call} end`,
        `if clock.now(now_arg) then seq = 1 end`,
        `for i = 1, 2 do ${call} end`,
        `local function at() ${call} end`,
      ]) {
        const source = placed(`${statement}\n${RETURN}`);
        expect(source).toContain(`end\n${statement.replaceAll('clock.now', 'clock__now')}\nreturn`);
        expect(source).toMatch(/lane_id .. seq\)\nlocal clock__now\n/);
      }
    });

    const TWICE = `if seq > 1 then ${RETURN} end
if seq > 2 then ${RETURN} end
return { 'EMPTY' }`;

    it('when it is first used, where several branches come to it', () => {
      expect(placed(TWICE)).toContain(`local fn = {}
function fn.__index(_, name)
local length, part = #name, 0
if name == 'clock__now' then part = 1
end
if part == 0 then return nil end
function fn.clock__now(given)
if given ~= '' then return tonumber(given) end
return tonumber(redis.call('TIME')[1])
end
return rawget(fn, name)
end
setmetatable(fn, fn)
if seq > 1 then return { 'OK', fn.clock__now(now_arg), tags, false } end`);
    });

    it('so that what is built late finds what is built at once', () => {
      const clock = `-- The clock.
local clock = {}
function clock.zone() local hours = 1; return hours
end
function clock.now() if clock.zone() then return clock.zone() end end
`;
      const source = placed(TWICE.replace("{ 'EMPTY' }", "{ 'EMPTY', clock.zone() }"), { [CLOCK]: clock });
      expect(source).toMatch(
        /local clock__zone\nlocal fn = \{\}\n[^]*fn\.clock__now\(\) if clock__zone\(\)[^]*\nfunction clock__zone/,
      );
    });

    it('together where they share a local of their module', () => {
      const clock = `-- The clock.
local clock = {}
local seen = {}
function clock.note(n) seen[1] = n end
function clock.now() return seen[1] end
`;
      const source = placed(`clock.note(1)\n${RETURN}`, { [CLOCK]: clock });
      expect(source).toContain('local clock__note, clock__now\ndo\nlocal seen = {}\n');
    });

    it('so that a fault is told of its own line', () => {
      const code = `if seq > 1 then return { 'OK', clock.now(now_arg), tags, false } end\nnobody()\n${RETURN}`;
      expect(buildProblems({ [PUT]: [RETURN, code] })).toEqual([
        expect.stringMatching(/put\.lua:17 {2}"nobody" is not/),
      ]);
    });
  });

  it('keeps a statement that does something when the script starts, and what that needs', () => {
    const source = composed('put', {
      [CLOCK]: [
        'local clock = {}',
        `local clock = {}
local function mark() return 1 end
local marked = mark()
local unused = 2`,
      ],
    });
    expect(source).toContain('do\nlocal function mark() return 1 end\nlocal marked = mark()\nfunction clock__now');
  });

  it('keeps what looks like a comment inside a string, and drops long comments', () => {
    const body = `local a = '-- one' --[[ two
three ]] local b = "\\"--" .. [[--four]] -- five
return { 'OK', a .. b, redis.call('LLEN', k.names) }`;
    const source = composed('count', { [COUNT]: ["return { 'OK', redis.call('LLEN', k.names) }", body] });
    expect(source).toContain(`local a = '-- one'\nlocal b = "\\"--" .. [[--four]]\nreturn`);
    expect(source).not.toMatch(/two|three|five/);
  });

  it.each<[string, Change, RegExp]>([
    [
      'a string over two lines',
      { [COUNT]: ['return {', "local s = 'a\\\nb'\nreturn {"] },
      /count\.lua:5 {2}a string that spans lines/,
    ],
    [
      'a module that is not there',
      { [PUT]: ['@require clock', '@require clok'] },
      /put\.lua:4 {2}@require clok: .* Did you mean "clock"\?/,
    ],
    [
      'a key of two meanings',
      { [CLOCK]: ['local', '-- @key names m list\nlocal'] },
      /clock\.lua:2 {2}@key names is "m list" here and "n list" in/,
    ],
    [
      'a module without its table',
      { [CLOCK]: ['local clock = {}', 'local clock = { a = 1 }'] },
      /clock\.lua:2 {2}a module begins with "local clock = \{\}"/,
    ],
  ])('refuses %s', (_, change, expected) => {
    expect(buildProblems(change)).toContainEqual(expect.stringMatching(expected));
  });

  it('refuses modules that require each other', () => {
    const problems = buildProblems({
      [CLOCK]: ['-- The clock.', '-- The clock.\n-- @require ring'],
      'lua/lib/ring.lua': '-- A ring.\n-- @require clock\nlocal ring = {}\n',
    });
    expect(problems).toEqual([expect.stringMatching(/ring\.lua:2 {2}.*put → clock → ring → clock/)]);
  });

  it.each<[string, Change, RegExp]>([
    ['a misspelt name', { [COUNT]: ['redis.call', 'rdis.call'] }, /count\.lua:5 {2}"rdis" is not known here/],
    [
      'a module that is not required',
      { [COUNT]: ["'OK'", "'OK', clock.now('')"] },
      /count\.lua:5 {2}"clock" is not known here/,
    ],
    [
      'a member that the module lacks',
      { [PUT]: ['clock.now', 'clock.nwo'] },
      /put\.lua:16 {2}"clock\.nwo" is not known here/,
    ],
    ['a key that is not declared', { [COUNT]: ['k.names', 'k.nams'] }, /count\.lua:5 {2}"k" is not known here/],
  ])('refuses %s, which Redis would load', (_, change, expected) => {
    expect(buildProblems(change)).toEqual([expect.stringMatching(expected)]);
  });
});
