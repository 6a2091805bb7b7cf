/* Generated from lua/ by scripts/build-lua.ts. Do not edit: change the Lua, then run `npm run lua:build`. */
import {
  intArg,
  intPart,
  nowArg,
  nullableStringsPart,
  pushList,
  pushRows,
  replyParts,
  type Script,
  stringPart,
  stringsPart,
  unknownCode,
} from './script.js';

/** Arguments of `addChecked`. */
export interface AddCheckedArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** The lane's nonce. */
  readonly laneId: string;
  /** Of this call in its lane. */
  readonly seq: number;
  /** 1 = one refused row refuses all; 0 = each row by itself. */
  readonly atomic: number;
  /** Rows, as one flat list: id, body. */
  readonly rows: readonly string[];
}

/**
 * What `addChecked` replies.
 * - `OK`: odd = rows not simply added, `number letter` comma-separated: K kept, R replaced, C conflict, L is active; for a unique key D kept, S replaced, E conflict, B is active, and in `others` the holder
 */
export type AddCheckedReply =
  | {
      readonly code: 'OK';
      readonly now: number;
      readonly odd: string;
      readonly others: readonly string[];
    }
  | {
      readonly code: 'REFUSED';
      readonly row: number;
      readonly fate: string;
      readonly state: string;
      readonly other: string;
    }
  | {
      readonly code: 'UPGRADE';
      readonly bits: string;
    }
  | { readonly code: 'OLD' };

/**
 * Store a batch of jobs of which some have to be looked at: an id that a user gave, a unique key, tags. What is there already
 * is kept, replaced or a conflict.
 * A row's id may carry instructions as in `add`, and for a given id: c<k|j|r> keep, reject or replace, m<ms> how long the id
 * is remembered, x replace even a running job. Behind them lines may follow, `id \t how \n line \n line`, of values after tabs:
 * t a tag, … ; u its unique key, u or v or nothing (released at its end, its start, by time alone), ms or nothing, k or j or r
 * [, x].
 *
 * Keys: `L`, `^rm`, `^rn`, `^ru`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `aw`, `d`, `e`, `ev`, `f:<state>`, `fc`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `h:<epoch>`, `hs:<id>`, `i`, `ids`, `j`, `l`, `lz`, `m`, `mi`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `s:<id>`, `sd`, `sm`, `st:<day>`, `t`, `tc`, `tg:<tag>`, `u:<name>`, `uk`, `un`, `uz`, `w:<epoch>`, `wr`, `ws`, `x`, `y:<state>`
 * Events: `w`, `d`, `x`
 */
export const addChecked: Script<AddCheckedArgs, AddCheckedReply> = {
  name: 'add-checked',
  repeat: 'lane',
  sha1: '440e31b17ccd7c47e35b78541c1ac5325f28ef9e',
  source: `local base = KEYS[1]
local now_arg, lane_id, seq, atomic = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local REST = 5
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local facts = redis.call('HMGET', base .. ':q', 'bits', 'ghosts', 'gone')
local bits = facts[1] or ''
local features__are_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
if not features__are_known(bits) then return { 'UPGRADE', bits } end
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then
local at, odd, rest = string.match(answer, '^(%d+);([^\\t]*)(.*)$')
local others = {}
for id in string.gmatch(rest, '\\t([^\\t]*)') do others[#others + 1] = id end
return { 'OK', at, odd, others }
end
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 2)
local refuse__unless_int, refuse__unless_name
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local features__is_understood, features__enable, features__enable_all
do
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1 }
function features__is_understood(letter)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local open = redis.call('HGET', base .. ':h:' .. epoch, '\\topen')
if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
end
return true
end
function features__enable(bits, letter)
if string.find(bits, letter, 1, true) then return bits end
if not features__is_understood(letter) then
refuse__with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
end
bits = bits .. letter
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
function features__enable_all(bits, letters)
for letter in string.gmatch(letters, '.') do bits = features__enable(bits, letter) end
return bits
end
end
local record__FORMAT, record__PLAIN_BODY, record__STATES, record__is_body, record__agrees, record__name, record__facts, record__fact, record__has, record__flags, record__header, record__header_text, record__entry, record__row
record__FORMAT = '1'
record__PLAIN_BODY = '^\\t[^%c]+\\t\\t[^\\n]*\\n'
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
function record__is_body(body)
return string.find(body, '^[pkxsuvf]*\\t[^%c]+\\t[%d:,pkxsuvf%-]*\\t[^\\n]*\\n') ~= nil
end
function record__agrees(body)
local flags, fields = string.match(body, '^(%a*)\\t[^\\t]*\\t([^\\t]*)\\t')
return flags == string.gsub(fields, '%A', '')
end
function record__name(envelope)
return string.match(envelope, '^1[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__flags(facts)
return (string.gsub(string.match(facts, 'H(%a*)') or '', 'M', ''))
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local side__parse, side__read, side__kept, side__of, side__has_lines, side__features
do
local LINES = { t = { flag = 'T', least = 1, most = 32 }, u = { least = 4, most = 5 },
g = { flag = 'G', least = 1, most = 1, bit = 'o' }, r = { flag = 'R', least = 2, most = 32, bit = 'w' } }
local ORDER = { 't', 'g', 'r' }
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
local function check_uses(values)
local seen = {}
for i = 1, #values, 2 do
local amount = values[i + 1]
if seen[values[i]] or not amount or #amount > 9 or not string.find(amount, '^[1-9]%d*$') then
refuse__call('The line "r" of a job is not resources with amounts.')
end
seen[values[i]] = true
end
end
function side__read(text)
local said = side__parse(text)
for letter, values in pairs(said) do
local form = LINES[letter]
if not form then refuse__call('There is no line "' .. letter .. '" that a job can have.') end
if #values < form.least or #values > form.most then
refuse__call('The line "' .. letter .. '" of a job has ' .. #values .. ' values.')
end
if form.flag then
for i = 1, #values do refuse__unless_name('value of a line', values[i]) end
end
if letter == 'r' then check_uses(values) end
end
return said
end
function side__kept(said)
local lines, flags = {}, ''
for _, letter in ipairs(ORDER) do
local values = said[letter]
if values and #values > 0 then
lines[#lines + 1] = letter .. '\\t' .. table.concat(values, '\\t')
flags = flags .. LINES[letter].flag
end
end
return table.concat(lines, '\\n'), flags
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
function side__has_lines(flags) return string.find(flags, '[TRG]') ~= nil end
function side__features(said)
local letters = ''
for letter in pairs(said) do letters = letters .. (LINES[letter].bit or '') end
return letters
end
end
local tags__add, tags__drop
function tags__add(id, names, now)
for i = 1, #names do
if redis.call('ZADD', base .. ':tg:' .. names[i], 'NX', string.format('%.0f', now), id) == 1 then
redis.call('ZINCRBY', base .. ':tc', 1, names[i])
end
end
end
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
local forget__jobs
do
local function forget_sides(id)
local said = side__of(id)
if said.t then tags__drop(id, said.t) end
redis.call('HDEL', base .. ':x', id)
end
local function forget_extras(ids, flags)
local keys = {}
for i = 1, #ids do
if flags[i] ~= '' then
if record__has(flags[i], 'N') then keys[#keys + 1] = base .. ':s:' .. ids[i] end
if record__has(flags[i], 'Y') then keys[#keys + 1] = base .. ':hs:' .. ids[i] end
if side__has_lines(flags[i]) then forget_sides(ids[i]) end
end
end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
end
function forget__jobs(ids, flags)
if #ids == 0 then return end
forget_extras(ids, flags)
redis.call('HDEL', base .. ':j', unpack(ids))
redis.call('HDEL', base .. ':m', unpack(ids))
redis.call('HDEL', base .. ':o', unpack(ids))
redis.call('HDEL', base .. ':e', unpack(ids))
end
end
local holds__entry
function holds__entry(id, value)
local slot, seq, nth, facts = string.match(value, '^([^.]*)%.(%d+)%.(%d*)(.*)$')
return { id = id, token = slot .. '.' .. seq, slot = slot, seq = tonumber(seq), nth = tonumber(nth) or 0, facts = facts }
end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local wake__some, wake__freed, wake__tell
do
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local is_later, freed = false, 0
function wake__freed(n)
if is_later then freed = freed + n else wake__some(n) end
end
function wake__tell(epoch, what)
redis.call('PUBLISH', base .. ':w:' .. epoch, what)
end
end
local groups__names, groups__of, groups__put, groups__forget_if_empty, groups__drop, groups__release
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
function groups__release(entries)
local ids, flags, freed, again = {}, {}, {}, {}
for i = 1, #entries do ids[i], flags[i] = entries[i].id, entries[i].facts end
for id, name in pairs(groups__names(ids, flags)) do
freed[name] = freed[name] or {}
table.insert(freed[name], id)
end
for name, members in pairs(freed) do
redis.call('SREM', base .. ':gs:' .. name, unpack(members))
if redis.call('EXISTS', base .. ':g:' .. name) == 1 then again[#again + 1] = name else groups__forget_if_empty(name) end
end
wake__freed(join(again))
end
end
local elsewhere__own_name, elsewhere__run
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
local function place(queue) return head() .. #queue .. ':' .. queue end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
function elsewhere__run(queue, action)
local own = base
if queue ~= '' then base = place(queue) end
action()
base = own
end
end
local lines__uses, lines__strike, lines__leave, lines__first
do
local TOO_MUCH_TEXT = '18014398509481984'
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__strike(name, who) drop(name, who.queue .. '\\t' .. who.id) end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
function lines__first(name, n, are_too_much)
local from, to = are_too_much and TOO_MUCH_TEXT or '-inf', are_too_much and '+inf' or '(' .. TOO_MUCH_TEXT
local members, found = redis.call('ZRANGEBYSCORE', string.match(base, '^.-}') .. ':rw:' .. name, from, to, 'LIMIT', 0, n), {}
for i = 1, #members do
local queue, id = string.match(members[i], '^([^\\t]*)\\t(.*)$')
found[i] = { queue = queue, id = id }
end
return found
end
end
local ready__append, ready__put_back, ready__put_front, ready__drop, ready__new_place
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__append(entries)
if #entries > 0 then redis.call('RPUSH', base .. ':r', unpack(entries)) end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
function ready__put_front(rows, bits) put(rows, 'front', bits) end
function ready__drop(id)
if lines__leave(id) or groups__drop(id) then return true end
if redis.call('ZREM', base .. ':pp', id) + redis.call('ZREM', base .. ':pn', id) > 0 then return true end
redis.call('HINCRBY', base .. ':q', 'ghosts', 1)
return false
end
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
end
local aggregation__identity, aggregation__join, aggregation__read, aggregation__row, aggregation__fire, aggregation__flush, aggregation__withdraw
do
local MAX_SIZE = 1000
local joining = {}
function aggregation__identity(name, key) return #name .. ':' .. name .. ':' .. key end
function aggregation__join(e, row)
local grace, delay, most, key = string.match(e.body, '^(%d+),(%d+),(%d+),(%C*)$')
local identity = aggregation__identity(e.name, key)
local group = joining[identity]
if not group then
group = { ids = {}, priority = row.priority }
joining[identity] = group
joining[#joining + 1] = identity
end
group.ids[#group.ids + 1] = e.id
group.priority = math.max(group.priority, row.priority)
group.grace, group.delay = tonumber(grace), tonumber(delay)
group.most = math.max(1, math.min(tonumber(most), MAX_SIZE))
events__push('o', e.id, e.name)
end
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
local function write(number, priority, first, most, identity)
redis.call('HSET', base .. ':af', number, priority .. ',' .. string.format('%.0f', first) .. ',' .. most .. '\\t' .. identity)
end
function aggregation__row(number, priority)
return { id = '\\tb' .. number, header = { place = '0' }, priority = priority }
end
function aggregation__fire(number, bits)
local priority, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':ao', identity)
redis.call('ZREM', base .. ':ad', number)
ready__put_back({ aggregation__row(number, priority) }, bits)
redis.call('HINCRBY', base .. ':q', 'batches', 1)
wake__some(1)
end
local function opened(identity, group, now)
local number = redis.call('HGET', base .. ':ao', identity)
if number then
local priority, first = aggregation__read(number)
return number, math.max(priority, group.priority), first, redis.call('LLEN', base .. ':ab:' .. number)
end
number = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'batch', 1))
redis.call('HSET', base .. ':ao', identity, number)
return number, group.priority, now, 0
end
local function add(identity, group, from, now, bits)
local number, priority, first, size = opened(identity, group, now)
local last = math.min(#group.ids, from + math.max(1, group.most - size) - 1)
local scores = {}
for i = from, last do scores[#scores + 1] = number; scores[#scores + 1] = group.ids[i] end
redis.call('RPUSH', base .. ':ab:' .. number, unpack(group.ids, from, last))
redis.call('ZADD', base .. ':ag', unpack(scores))
write(number, priority, first, group.most, identity)
redis.call('ZADD', base .. ':ad', string.format('%.0f', math.min(now + group.grace, first + group.delay)), number)
if size + last - from + 1 >= group.most then aggregation__fire(number, bits) end
return last + 1
end
function aggregation__flush(now, bits)
for _, identity in ipairs(joining) do
local group, from = joining[identity], 1
while from <= #group.ids do from = add(identity, group, from, now, bits) end
end
joining = {}
end
function aggregation__withdraw(id, number)
redis.call('ZREM', base .. ':ag', id)
redis.call('LREM', base .. ':ab:' .. number, 1, id)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return end
local _, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':af', number)
if redis.call('ZREM', base .. ':ad', number) == 1 then redis.call('HDEL', base .. ':ao', identity)
else
redis.call('HINCRBY', base .. ':q', 'batches', -1)
ready__drop('\\tb' .. number)
end
end
end
local aside__put, aside__drop
do
function aside__put(name, id)
redis.call('SADD', base .. ':un', name)
redis.call('ZADD', base .. ':u:' .. name, redis.call('HINCRBY', base .. ':q', 'aside', 1), id)
end
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__drop(name, id)
redis.call('ZREM', base .. ':u:' .. name, id)
forget_if_empty(name)
end
end
local failure__check, failure__note, failure__flush
do
local added = {}
local function parts(text, fields)
local length = tonumber(record__fact(fields, 'f'))
if not length then return nil end
local from = string.find(text, '\\n', 1, true) + 1
local stored = string.sub(text, from, from + length - 1)
if #stored == length then return string.match(stored, '^(%C+)\\n(.*)$') end
end
function failure__check(body)
local fields = string.match(body, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t')
if not record__has(fields, 'f') then return false end
local id, other = parts(body, fields)
if not id or not record__is_body(other) or not record__agrees(other) or string.find(other, '^%a*[fuv]') then
refuse__call('The job in store for a failure cannot be read.')
end
local priority = record__fact(string.match(other, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t'), 'p')
if priority then refuse__unless_int('The priority', tonumber(priority), -1000, 1000) end
return priority ~= nil
end
function failure__note(id, facts)
local other, body = parts(redis.call('HGET', base .. ':j', id), facts)
added[#added + 1] = { id = other .. '.' .. ready__new_place(), body = body }
end
function failure__flush(now, bits)
if #added == 0 then return end
local stamp, jobs, rows = record__FORMAT .. string.format('%.0f', now), {}, {}
for i = 1, #added do
local id, envelope = added[i].id, stamp .. added[i].body
jobs[#jobs + 1] = id
jobs[#jobs + 1] = envelope
rows[i] = record__row(id, nil, record__facts(envelope))
events__push('w', id, record__name(envelope))
end
redis.call('HSET', base .. ':j', unpack(jobs))
ready__put_back(rows, bits)
wake__some(#rows)
added = {}
end
end
local completed__append, completed__left
function completed__append(entries)
if #entries > 0 then redis.call('RPUSH', base .. ':fc', unpack(entries)) end
end
function completed__left() redis.call('HINCRBY', base .. ':q', 'gone', 1) end
local failures__enter, failures__flush, failures__left
do
local KINDS = { f = 'Error', t = 'timeout', b = 'broken' }
local entered = {}
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__enter(job, at)
local usual = KINDS[job.letter]
if not usual then return end
local kind = job.kind and job.kind ~= '' and job.kind or usual
local list = gather(entered, job.called .. ':' .. kind)
list[#list + 1] = at
list[#list + 1] = job.id
end
function failures__flush()
for _, group in ipairs(entered) do
local list, rows = entered[group], {}
for i = 2, #list, 2 do rows[i - 1] = list[i]; rows[i] = group end
redis.call('HSET', base .. ':fk', unpack(rows))
redis.call('ZADD', base .. ':fe:' .. group, unpack(list))
redis.call('ZINCRBY', base .. ':fg', #list / 2, group)
end
entered = {}
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local stats__LETTERS, stats__count, stats__count_job, stats__day, stats__known_name, stats__note_day, stats__flush
do
local DAY_MS, MINUTE_MS, DAY_MINUTES = 86400000, 60000, 1440
local MAX_NAMES = 1000
local REST_NAME = '*'
stats__LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }
local counted, order = {}, {}
function stats__count(name, letter, n)
if n == 0 then return end
local counts = counted[name]
if not counts then counts = {}; counted[name] = counts; order[#order + 1] = name end
counts[letter] = (counts[letter] or 0) + n
end
function stats__count_job(job, letter)
local name = job.name
if not name or name == '' then name = record__name(redis.call('HGET', base .. ':j', job.id)) end
job.called = name
stats__count(name, letter, 1)
end
function stats__day(at) return math.floor(at / DAY_MS) end
function stats__known_name(name, day)
local last = redis.call('ZSCORE', base .. ':sm', name)
if not last and redis.call('ZCARD', base .. ':sm') >= MAX_NAMES then name = REST_NAME end
if not last or tonumber(last) < day then redis.call('ZADD', base .. ':sm', day, name) end
return name
end
function stats__note_day(day) redis.call('ZADD', base .. ':sd', day, day) end
local function add_to_minute(at, totals)
local minute = math.floor(at / MINUTE_MS)
local field, counts = minute % DAY_MINUTES, {}
local stored = redis.call('HGET', base .. ':mi', field)
local since, rest = string.match(stored or '', '^(%d+)(.*)$')
if since and tonumber(since) > minute then return end
if tonumber(since) ~= minute then rest = '' end
for n in string.gmatch(rest, '%d+') do counts[#counts + 1] = tonumber(n) end
for i, letter in ipairs(stats__LETTERS) do counts[i] = string.format('%.0f', (counts[i] or 0) + (totals[letter] or 0)) end
redis.call('HSET', base .. ':mi', field, string.format('%.0f', minute) .. ',' .. table.concat(counts, ','))
end
function stats__flush(at)
if #order == 0 then return end
local day, totals = stats__day(at), {}
local key = base .. ':st:' .. day
stats__note_day(day)
for _, name in ipairs(order) do
local known = stats__known_name(name, day)
for letter, n in pairs(counted[name]) do
redis.call('HINCRBY', key, known .. '\\t' .. letter, n)
totals[letter] = (totals[letter] or 0) + n
end
end
for letter, n in pairs(totals) do
redis.call('HINCRBY', key, '\\t' .. letter, n)
redis.call('HINCRBY', base .. ':st:' .. 'all', '\\t' .. letter, n)
end
add_to_minute(at, totals)
counted, order = {}, {}
end
end
local unique__check, unique__holder, unique__hold, unique__key, unique__release
function unique__check(values, body)
local key, letter, ms, policy = unpack(values or { '0', '', '0', 'k' })
if not string.find(key, '^%d+$') or #key > 40 or not string.find(letter, '^[uv]?$') or not string.find(ms, '^%d*$') or #ms > 15
or (letter == '' and ms == '') or not string.find(policy, '^[kjr]$') or (values and values[5] and values[5] ~= 'x') then
refuse__call('The line "u" of a job cannot be read.')
end
local fields = string.match(body, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t')
for _, field in ipairs({ 'u', 'v' }) do
if record__fact(fields, field) ~= (field == letter and key or nil) then
refuse__call('The fields of a job and its line "u" do not agree.')
end
end
end
function unique__holder(key, now)
local entry = redis.call('HGET', base .. ':uk', key)
if not entry then return nil end
local id, expiry = string.match(entry, '^(.*)\\t(%d*)$')
if expiry ~= '' and tonumber(expiry) <= now then return nil end
return id
end
function unique__hold(key, id, ms, now)
local expiry = ms ~= '' and string.format('%.0f', now + ms) or ''
redis.call('HSET', base .. ':uk', key, id .. '\\t' .. expiry)
if expiry ~= '' then redis.call('ZADD', base .. ':uz', expiry, key) else redis.call('ZREM', base .. ':uz', key) end
end
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
local finish__push, finish__flush
do
local AWAITED_MS = 60000
local ended = {}
function finish__push(job) ended[#ended + 1] = job end
local function own_age(job)
local ages = job.facts ~= '' and record__fact(job.facts, 'k')
return ages and tonumber(string.match(ages, job.letter == 'c' and '^(%d+):' or ':(%d+)$')) or nil
end
local function tell_waiters(waiting, id, outcome)
for channel in string.gmatch(string.match(waiting, '\\t(.*)$'), '%S+') do
redis.call('PUBLISH', channel, id .. '\\t' .. outcome)
end
redis.call('HDEL', base .. ':aw', id)
end
local function waiting_for(bits)
if not string.find(bits, 'a', 1, true) then return {} end
local ids = {}
for i = 1, #ended do ids[i] = ended[i].id end
return redis.call('HMGET', base .. ':aw', unpack(ids))
end
local DONE = 'done'
local function home(job, is_awaited, drop, now)
local age = own_age(job)
local state = record__STATES[job.letter]
local dropped = age == 0 or (not age and string.find(drop, job.letter, 1, true))
if is_awaited and (dropped or (age and age < AWAITED_MS)) then age, dropped = AWAITED_MS, false end
if dropped then return nil end
if age then return base .. ':y:' .. state, string.format('%.0f', now + age) end
if is_awaited then return base .. ':y:' .. state, string.format('%.0f', now + AWAITED_MS - 1) .. '.5' end
if job.letter == 'c' then return DONE end
return base .. ':f:' .. state, string.format('%.0f', now)
end
local function add(lists, key, a, b)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
list[#list + 1] = a
list[#list + 1] = b
end
function finish__flush(now, bits, drop)
if #ended == 0 then return end
local gone, gone_with, flags, flagged, texts, sets, done = {}, {}, {}, {}, {}, {}, {}
local waiting = waiting_for(bits)
local at = string.format('%.0f', now)
for i = 1, #ended do
local job = ended[i]
if job.letter ~= 'c' then stats__count_job(job, job.letter) end
local key, score = home(job, waiting[i], drop, now)
if key then
local outcome = job.letter .. at .. ',' .. job.attempt .. ',' .. job.duration .. '\\n' .. job.body
texts[#texts + 1] = job.id
texts[#texts + 1] = outcome
if key == DONE then done[#done + 1] = record__entry(job.id, job.place or '0')
else add(sets, key, score, job.id) end
failures__enter(job, at)
if waiting[i] then tell_waiters(waiting[i], job.id, outcome) end
elseif record__has(job.facts, 'H') then
gone_with[#gone_with + 1] = job.id
flags[#gone_with] = record__flags(job.facts)
else gone[#gone + 1] = job.id end
if key and record__has(job.facts, 'H') then flagged[#flagged + 1] = job.id end
unique__release(job.id, job.facts)
events__push(job.letter, job.id, job.name)
end
if #gone > 0 then redis.call('HDEL', base .. ':j', unpack(gone)) end
forget__jobs(gone_with, flags)
if #flagged > 0 then redis.call('HDEL', base .. ':e', unpack(flagged)) end
if #texts > 0 then redis.call('HSET', base .. ':o', unpack(texts)) end
for i = 1, #sets do redis.call('ZADD', sets[i], unpack(sets[sets[i]])) end
completed__append(done)
failures__flush()
stats__flush(now)
ended = {}
end
end
local history__note, history__flush
do
local MAX_ENTRIES = 100
local MAX_TEXT = 500
local noted = {}
local function append(id, entry)
local key = base .. ':hs:' .. id
if redis.call('RPUSH', key, entry) <= MAX_ENTRIES then return end
local first = redis.call('LPOP', key)
redis.call('LPOP', key)
redis.call('LPUSH', key, first)
end
local function worker_of(epoch)
local info = redis.call('HGET', base .. ':ws', epoch)
return info and string.match(info, '"name":"([^"\\\\%c]+)"') or epoch
end
local function mark(header)
if not record__has(header.flags, 'Y') then header.flags = header.flags .. 'Y' end
end
function history__note(e, row, letter, attempt, body)
mark(row.header)
noted[#noted + 1] = { e = e, letter = letter, attempt = attempt, body = letter == 'c' and '' or body }
end
function history__flush(epoch, now)
if #noted == 0 then return end
local worker, at = worker_of(epoch), string.format('%.0f', now)
for _, note in ipairs(noted) do
local head = table.concat({ note.letter .. at, note.attempt, note.e.duration, worker, note.e.kind or '' }, '\\t')
append(note.e.id, head .. '\\n' .. string.sub(note.body, 1, MAX_TEXT))
end
noted = {}
end
end
local limits__freed
do
local function has(bits) return string.find(bits, 'l', 1, true) ~= nil end
function limits__freed(n, bits)
if n == 0 or not has(bits) then return end
local limit = tonumber(redis.call('HGET', base .. ':q', 'concurrency'))
if not limit then return end
local active = redis.call('HINCRBY', base .. ':q', 'active', -n)
if active < limit and active + n >= limit then wake__freed(1) end
end
end
local resources__facts, resources__fits, resources__promise, resources__release
do
local known = {}
local function facts_of(name)
if known[name] then return known[name] end
local limits = redis.call('HMGET', string.match(base, '^.-}') .. ':rm', name, '\\tdefault')
known[name] = { limit = tonumber(limits[1] or limits[2]) or false, used = tonumber(redis.call('HGET', string.match(base, '^.-}') .. ':ru', name)) or 0 }
return known[name]
end
function resources__facts(name) return facts_of(name) end
function resources__fits(name, amount)
local facts = facts_of(name)
return not facts.limit or facts.used + amount <= facts.limit
end
function resources__promise(name, amount) facts_of(name).used = facts_of(name).used + amount end
function resources__release(entries)
local ids, names, seen = {}, {}, {}
for i = 1, #entries do
if record__has(entries[i].facts, 'R') then ids[#ids + 1] = entries[i].id end
end
local texts = #ids > 0 and redis.call('HMGET', base .. ':x', unpack(ids)) or {}
for i = 1, #ids do
for _, use in ipairs(lines__uses(side__parse(texts[i] or '').r or {})) do
local left = redis.call('HINCRBY', string.match(base, '^.-}') .. ':ru', use.name, -use.amount)
if left <= 0 then redis.call('HDEL', string.match(base, '^.-}') .. ':ru', use.name) end
known[use.name] = nil
if not seen[use.name] then seen[use.name] = true; names[#names + 1] = use.name end
end
end
return names
end
end
local serving__serve
do
local BUDGET = 1000
local PAGE = 100
local left = BUDGET
local promised = {}
local function own_queue() return elsewhere__own_name() or '' end
local function amount_of(who, name)
local said
elsewhere__run(who.queue, function() said = side__of(who.id) end)
for _, use in ipairs(lines__uses(said.r or {})) do
if use.name == name then return use.amount end
end
end
local function choose(name, calls, are_too_much)
local limit = resources__facts(name).limit
for _, who in ipairs(lines__first(name, math.min(PAGE, left), are_too_much)) do
left = left - 1
local amount = amount_of(who, name)
if not amount then lines__strike(name, who)
elseif limit and amount > limit then
if are_too_much then return end
else
if not resources__fits(name, (promised[name] or 0) + amount) then return end
if who.queue ~= own_queue() then resources__promise(name, amount)
else promised[name] = (promised[name] or 0) + amount end
end
if amount then
calls[who.queue] = calls[who.queue] or {}
table.insert(calls[who.queue], who.id)
end
end
end
local function call(queue, ids)
local is_own = queue == own_queue()
elsewhere__run(queue, function()
local rows = {}
for i, id in ipairs(ids) do
lines__leave(id)
rows[i] = record__row(id, redis.call('HGET', base .. ':m', id), '')
end
ready__put_front(rows, redis.call('HGET', base .. ':q', 'bits') or '')
if not is_own then wake__some(#ids) end
end)
if is_own then wake__freed(#ids) end
end
function serving__serve(names)
local calls = {}
for _, name in ipairs(names) do
if left > 0 then choose(name, calls, true) end
if left > 0 then choose(name, calls, false) end
end
for queue, ids in pairs(calls) do call(queue, ids) end
end
end
local leave__apply
do
local MAX_STALLS = 3
local STALLED = '{"name":"JobStalledError","code":"JOB_STALLED","kind":"stalled","message":"The process that ran the job vanished, each time it was tried."}'
local headers, errors, front, delayed, retrying
local stalled = {}
local function save(row) headers[#headers + 1] = row.id; headers[#headers + 1] = record__header_text(row.header) end
local function finish_as(letter, e, row, body)
local h = row.header
local facts = e.facts
local charged = 1
if letter == 'f' or letter == 't' then
h.failures = h.failures + (e.how == 's' and 0 or 1)
charged = 0
end
local attempt = h.failures + h.stalls + charged
if letter ~= 'c' or record__has(h.flags, 'Y') then
history__note(e, row, letter, attempt, body)
save(row)
facts = facts .. 'H' .. h.flags
end
if letter ~= 'c' and letter ~= 'x' and record__has(facts, 'f') then failure__note(e.id, facts) end
finish__push({ id = e.id, letter = letter, facts = facts, attempt = attempt,
duration = e.duration, body = body, name = e.name, place = h.place, kind = e.kind })
end
local function later(e, row, now)
local h = row.header
history__note(e, row, e.how, h.failures + h.stalls + 1, e.body)
if e.how == 'r' then h.failures, h.uncounted = h.failures + 1, 0 else h.uncounted = h.uncounted + 1 end
if e.how == 'r' then stats__count_job(e, 'r') end
save(row)
if e.body ~= '' then errors[#errors + 1] = e.id; errors[#errors + 1] = e.body end
local set = e.how == 'z' and delayed or retrying
set[#set + 1] = string.format('%.0f', now + e.delay)
set[#set + 1] = e.id
events__push(e.how == 'z' and 'd' or 'r', e.id, e.name)
end
local function reclaim(e, row)
local h = row.header
if record__has(e.facts, 'M') then
h.stalls = h.stalls + 1
stats__count_job(e, 's')
local limit = tonumber(record__fact(e.facts, 's')) or MAX_STALLS
if h.stalls >= limit then
stalled[#stalled + 1] = e.id
e.kind = 'stalled'
return finish_as('f', e, row, STALLED)
end
end
if not record__has(h.flags, 'S') then h.flags = h.flags .. 'S' end
if record__has(e.facts, 'M') then history__note(e, row, 's', h.failures + h.stalls, '') end
save(row)
front[#front + 1] = row
events__push('s', e.id, e.name)
end
local function set_aside(e, row)
if row.priority ~= 0 then save(row) end
aside__put(e.name, e.id)
events__push('n', e.id, e.name)
end
local function move(e, row, now)
if e.how == 'r' or e.how == 'u' or e.how == 'z' then later(e, row, now)
elseif e.how == 's' then reclaim(e, row)
elseif e.how == 'g' then front[#front + 1] = row; events__push('w', e.id, e.name)
elseif e.how == 'n' then set_aside(e, row)
elseif e.how == 'm' then return
elseif e.how == 'a' then aggregation__join(e, row)
else finish_as(e.how, e, row, e.body) end
end
function leave__apply(epoch, entries, now, bits, drop)
if #entries == 0 then return end
local ids, odd = {}, {}
for i = 1, #entries do
local e = entries[i]
ids[i] = e.id
if e.how ~= 'c' or record__has(e.facts, 'H') then odd[#odd + 1] = e.id end
end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
limits__freed(#ids, bits)
if string.find(bits, 'o', 1, true) then groups__release(entries) end
local freed = string.find(bits, 'w', 1, true) and resources__release(entries) or {}
headers, errors, front, delayed, retrying = {}, {}, {}, {}, {}
local stored = #odd > 0 and redis.call('HMGET', base .. ':m', unpack(odd)) or {}
local n = 0
for i = 1, #entries do
local e = entries[i]
if e.how ~= 'c' or record__has(e.facts, 'H') then
n = n + 1
move(e, record__row(e.id, stored[n], e.facts), now)
else finish__push({ id = e.id, letter = 'c', facts = e.facts, attempt = 1, duration = e.duration, body = e.body, name = e.name }) end
end
if #headers > 0 then redis.call('HSET', base .. ':m', unpack(headers)) end
history__flush(epoch, now)
stats__flush(now)
finish__flush(now, bits, drop)
if #errors > 0 then redis.call('HSET', base .. ':e', unpack(errors)) end
if #delayed > 0 then redis.call('ZADD', base .. ':d', unpack(delayed)) end
if #retrying > 0 then redis.call('ZADD', base .. ':t', unpack(retrying)) end
serving__serve(freed)
ready__put_front(front, bits)
wake__some(#front)
aggregation__flush(now, bits)
failure__flush(now, bits)
end
local function release(epoch, plain)
local ids = {}
for i = 1, #plain, 2 do ids[#ids + 1] = plain[i] end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
return ids
end
end
local locate__prepare, locate__find
do
local MAX_LOOKS = 100000
local runs, names = {}, nil
function locate__prepare(ids)
for i = 1, #ids do refuse__unless_name('id', ids[i]) end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
if #ids * #epochs > MAX_LOOKS then
refuse__call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
end
if #ids == 0 then return end
for _, epoch in ipairs(epochs) do
local held = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids))
for i = 1, #ids do
if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
end
end
end
function locate__find(id)
if redis.call('HEXISTS', base .. ':j', id) == 0 then return nil end
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
local at = redis.call('ZSCORE', base .. ':d', id)
if at then return { state = 'delayed', at = at } end
at = redis.call('ZSCORE', base .. ':t', id)
if at then return { state = 'retrying', at = at } end
if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
names = names or redis.call('SMEMBERS', base .. ':un')
for _, name in ipairs(names) do
if redis.call('ZSCORE', base .. ':u:' .. name, id) then return { state = 'waiting', unclaimed = name } end
end
local batch = redis.call('ZSCORE', base .. ':ag', id)
if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', base .. ':ad', batch) or nil } end
return { state = 'waiting' }
end
end
local taken__push
function taken__push(epoch, id, token, reason)
local key = base .. ':h:' .. epoch
local text = redis.call('HGET', key, '\\ttaken') or '0\\n'
local last = tonumber(string.match(text, '^%d+')) + 1
text = last .. string.sub(text, string.find(text, '\\n', 1, true), -1) .. last .. '\\t' .. id .. '\\t' .. token .. '\\t' .. reason .. '\\n'
redis.call('HSET', key, '\\ttaken', text)
wake__tell(epoch, 't')
end
local withdraw__from
function withdraw__from(id, found)
if found.outcome then
redis.call('HDEL', base .. ':o', id)
if found.state ~= 'completed' and found.state ~= 'cancelled' then failures__left({ id }) end
if redis.call('ZREM', base .. ':y:' .. found.state, id) == 1 then return false end
if found.state == 'completed' then
completed__left()
return true
end
redis.call('ZREM', base .. ':f:' .. found.state, id)
elseif found.state == 'delayed' then redis.call('ZREM', base .. ':d', id)
elseif found.state == 'retrying' then redis.call('ZREM', base .. ':t', id)
elseif found.batch then aggregation__withdraw(id, found.batch)
elseif found.unclaimed then aside__drop(found.unclaimed, id)
else return not ready__drop(id) end
return false
end
local given__check, given__prepare, given__fate, given__claim, given__settle
do
local REPLACED = '{"name":"CancelError","code":"CANCEL","kind":"cancelled","message":"A job with the same id replaced it."}'
function given__check(id)
if not string.find(id, '^%w%w%w%w%w%w%w%w%w~') then return end
refuse__with('INVALID_OPTION', 'The id "' .. id .. '" begins as those do that are minted. Put something before it.')
end
local remembered = {}
function given__prepare(ids)
local known = {}
local until_ms = #ids > 0 and redis.call('ZMSCORE', base .. ':ids', unpack(ids)) or {}
for i = 1, #ids do
if until_ms[i] then
remembered[ids[i]] = tonumber(until_ms[i])
known[#known + 1] = ids[i]
end
end
locate__prepare(known)
end
function given__fate(id, how, now)
local until_ms = remembered[id]
if not until_ms then return 'A', nil end
local found = locate__find(id)
if not found then
if until_ms <= now or until_ms % 1 ~= 0 or how.c == 'r' then return 'A', nil end
return how.c == 'k' and 'K' or 'C', { state = 'remembered' }
end
if how.c == 'k' then return 'K', found end
if how.c == 'j' then return 'C', found end
if found.state == 'active' and not how.x then return 'L', found end
return 'R', found
end
local claimed, scores = {}, {}
function given__claim(id, how, found, has_ghosts, now, bits)
if found and found.state == 'active' then
local run = holds__entry(id, found.held)
leave__apply(found.epoch, { { id = id, facts = run.facts, how = 'x', duration = 0, body = REPLACED } }, now, bits, '')
taken__push(found.epoch, id, run.token, 'replaced')
found = locate__find(id)
end
if found then
if not found.outcome then unique__release(id, record__facts(redis.call('HGET', base .. ':j', id))) end
has_ghosts = withdraw__from(id, found) or has_ghosts
end
if remembered[id] then claimed[#claimed + 1] = id end
scores[#scores + 1] = string.format('%.0f', now + how.m)
scores[#scores + 1] = id
return has_ghosts and ready__new_place() or '0'
end
function given__settle()
if #scores == 0 then return end
if #claimed > 0 then
local headers, flags = redis.call('HMGET', base .. ':m', unpack(claimed)), {}
for i = 1, #claimed do flags[i] = record__header(headers[i]).flags end
forget__jobs(claimed, flags)
end
redis.call('ZADD', base .. ':ids', unpack(scores))
end
end
local due__delay, due__next
function due__delay(rows)
local first = due__next()
redis.call('ZADD', base .. ':d', unpack(rows))
if first == 0 or due__next() < first then wake__some(1) end
end
function due__next()
local first = 0
for _, key in ipairs({ (base .. ':d'), (base .. ':t') }) do
local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
if head[2] and (first == 0 or tonumber(head[2]) < first) then first = tonumber(head[2]) end
end
return first
end
local intake__read, intake__check, intake__push, intake__flush
do
local envelopes, list, ordered, delayed, headers, sides = {}, {}, {}, {}, {}, {}
local PLAIN = { d = '^%d+$', a = '^%d+$', p = '^%-?%d+$' }
local GIVEN = { d = PLAIN.d, a = PLAIN.a, p = PLAIN.p, c = '^[kjr]$', m = '^%d+$', x = '^$' }
local function parse(text, allowed)
local how = {}
for piece in string.gmatch(text, '[^,]+') do
local letter, value = string.sub(piece, 1, 1), string.sub(piece, 2)
if not allowed[letter] or #value > 15 or not string.find(value, allowed[letter]) then
refuse__call('The instruction "' .. piece .. '" of a job is none.')
end
how[letter] = value
end
if how.p then refuse__unless_int('The priority', tonumber(how.p), -1000, 1000) end
if how.c and not how.m then refuse__call('A given id without m<ms>.') end
how.is_plain = not (how.d or how.a or how.p)
return how
end
local parsed = {}
local NONE = { is_plain = true }
function intake__read(text, is_given)
local at = string.find(text, '%c')
if not at and text ~= '' then return text, NONE, '' end
if not at or at == 1 or string.byte(text, at) ~= 9 then refuse__call('An id is empty or has a control character.') end
local last = is_given and string.find(text, '\\n', at, true) or #text + 1
local how = string.sub(text, at + 1, last - 1)
parsed[how] = parsed[how] or parse(how, is_given and GIVEN or PLAIN)
return string.sub(text, 1, at - 1), parsed[how], string.sub(text, last + 1)
end
local function agree(body, how)
local priority = record__fact(string.match(body, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t'), 'p')
return record__agrees(body) and (tonumber(priority) or 0) == (tonumber(how.p) or 0)
end
function intake__check(body, how, said)
if how.is_plain and not said and string.find(body, record__PLAIN_BODY) then return false end
if not record__is_body(body) then refuse__call('The body of a job is not flags, name, fields, options and payload.') end
if not agree(body, how) then refuse__call('The flags, fields and instructions of a job do not agree.') end
unique__check(said and said.u, body)
return failure__check(body) or how.p ~= nil
end
local function store(id, envelope)
envelopes[#envelopes + 1] = id
envelopes[#envelopes + 1] = envelope
end
local tagged = {}
local function keep(id, said)
local text, flags = side__kept(said)
if flags == '' then return flags end
sides[#sides + 1] = id
sides[#sides + 1] = text
if said.t then tagged[id] = said.t end
return flags
end
function intake__push(id, envelope, how, place, now, said)
store(id, envelope)
local flags = said and keep(id, said) or ''
if how.is_plain and place == '0' and flags == '' then
list[#list + 1] = id
return
end
local header = record__header(nil)
local at = how.a and tonumber(how.a) or now + (how.d or 0)
local priority = tonumber(how.p) or 0
header.place, header.flags = place, flags
if at > now then
delayed[#delayed + 1] = string.format('%.0f', at)
delayed[#delayed + 1] = id
if priority ~= 0 then header.priority = how.p end
elseif priority ~= 0 or record__has(flags, 'G') then ordered[#ordered + 1] = { id = id, header = header, priority = priority }
else list[#list + 1] = record__entry(id, place) end
if place ~= '0' or header.priority ~= '' or flags ~= '' then
headers[#headers + 1] = id
headers[#headers + 1] = record__header_text(header)
end
end
local function tell(bits)
if not string.find(bits, 'e', 1, true) then return end
local later = {}
for i = 2, #delayed, 2 do later[delayed[i]] = true end
for i = 1, #envelopes, 2 do
events__push(later[envelopes[i]] and 'd' or 'w', envelopes[i], record__name(envelopes[i + 1]))
end
end
function intake__flush(bits, now)
if #envelopes > 0 then
redis.call('HSET', base .. ':j', unpack(envelopes))
if #headers > 0 then redis.call('HSET', base .. ':m', unpack(headers)) end
if #sides > 0 then redis.call('HSET', base .. ':x', unpack(sides)) end
for id, names in pairs(tagged) do tags__add(id, names, now) end
ready__append(list)
ready__put_back(ordered, bits)
if #delayed > 0 then due__delay(delayed) end
tell(bits)
end
events__flush(bits, now)
wake__some(#list + #ordered)
end
end
local cancelling__cancel
do
local function cancel_active(id, found, body, reason, now, bits, drop)
local run = holds__entry(id, found.held)
leave__apply(found.epoch, { { id = id, facts = run.facts, how = 'x', duration = 0, body = body } }, now, bits, drop)
taken__push(found.epoch, id, run.token, reason)
end
function cancelling__cancel(id, found, body, reason, now, bits, drop)
if found.state == 'active' then return cancel_active(id, found, body, reason, now, bits, drop) end
local stored, envelope = redis.call('HGET', base .. ':m', id), redis.call('HGET', base .. ':j', id)
local header, facts = record__header(stored), record__facts(envelope)
if withdraw__from(id, found) then
header.place = ready__new_place()
redis.call('HSET', base .. ':m', id, record__header_text(header))
stored = true
end
if stored then facts = facts .. 'H' .. header.flags end
finish__push({ id = id, letter = 'x', facts = facts, attempt = header.failures + header.stalls, duration = 0, body = body,
name = record__name(envelope) })
end
end
local rival__prepare, rival__ends, rival__meet, rival__displace
do
local REPLACED = '{"name":"CancelError","code":"CANCEL","kind":"cancelled","message":"A job with the same unique key replaced it."}'
local holders, planned, ended = {}, {}, {}
function rival__prepare(rows, now)
local ids = {}
for _, row in ipairs(rows) do
local key = row.said and row.said.u and row.said.u[1]
if key and holders[key] == nil then
holders[key] = unique__holder(key, now) or false
if holders[key] then ids[#ids + 1] = holders[key] end
end
end
if #ids > 0 then locate__prepare(ids) end
end
local function fate(policy, found, is_forced)
if policy == 'k' then return 'D' end
if policy == 'j' then return 'E' end
if found.state == 'active' and not is_forced then return 'B' end
return 'S'
end
function rival__ends(id) return ended[id] == true end
local function will_be_free(key, id)
return ended[id] and unique__key(record__facts(redis.call('HGET', base .. ':j', id))) == key
end
local function meet(row)
local values = row.said and row.said.u
if not values then return end
local key, policy, is_forced = values[1], values[4], values[5] ~= nil
local holder = planned[key] or holders[key]
if holder and holder ~= row.id and (planned[key] or not will_be_free(key, holder)) then
local found = locate__find(holder)
local is_live = found and not found.outcome and not ended[holder]
if planned[key] then row.fate = policy == 'k' and 'D' or 'E'
elseif is_live or policy ~= 'r' then row.fate = fate(policy, found or {}, is_forced) end
if row.fate ~= 'A' and row.fate ~= 'R' then row.other, row.rival = holder, found end
row.state = found and found.state or (planned[key] and 'waiting' or 'remembered')
end
if row.fate == 'A' or row.fate == 'R' or row.fate == 'S' then planned[key] = row.id end
end
function rival__meet(row)
meet(row)
if row.fate == 'S' then ended[row.other] = true end
if row.found and (row.fate == 'S' or row.fate == 'R') then ended[row.id] = true end
end
function rival__displace(row, now, bits)
local values = row.said and row.said.u
if not values then return end
if row.fate == 'S' then
local drop = redis.call('HGET', base .. ':q', 'drop') or ''
cancelling__cancel(row.other, row.rival, REPLACED, 'replaced', now, bits, drop)
finish__flush(now, bits, drop)
end
unique__hold(values[1], row.id, values[3], now)
end
end
local admit__read, admit__enable, admit__judge, admit__is_stored, admit__store
do
local rows, ids, needed = {}, {}, ''
function admit__read(head, body)
local id, how, lines = intake__read(head, true)
local said = lines ~= '' and side__read(lines) or nil
if intake__check(body, how, said) then needed = needed .. 'p' end
if said then needed = needed .. side__features(said) end
local row = { id = id, how = how, body = body, fate = 'A', said = said }
rows[#rows + 1] = row
if how.c then
given__check(id)
ids[#ids + 1] = id
end
return row
end
function admit__enable(bits) return features__enable_all(bits, needed) end
function admit__judge(now)
given__prepare(ids)
rival__prepare(rows, now)
local planned = {}
for _, row in ipairs(rows) do
if planned[row.id] then row.fate, row.state = 'C', 'waiting'
elseif row.how.c then
row.fate, row.found = given__fate(row.id, row.how, now)
row.state = row.found and row.found.state
row.is_ended = rival__ends(row.id)
if row.is_ended and row.fate == 'L' then row.fate = 'R' end
end
if row.fate == 'A' or row.fate == 'R' then rival__meet(row) end
planned[row.id] = true
end
return rows
end
function admit__is_stored(row) return string.find('ARS', row.fate, 1, true) ~= nil end
function admit__store(now, bits, has_ghosts)
local stamp = record__FORMAT .. string.format('%.0f', now)
for _, row in ipairs(rows) do
if admit__is_stored(row) then
if row.is_ended then row.found = locate__find(row.id) end
local place = row.how.c and given__claim(row.id, row.how, row.found, has_ghosts, now, bits) or '0'
rival__displace(row, now, bits)
has_ghosts = has_ghosts or row.fate == 'S'
intake__push(row.id, stamp .. row.body, row.how, place, now, row.said)
end
end
given__settle()
intake__flush(bits, now)
end
end
for i = REST, #ARGV, 2 do admit__read(ARGV[i], ARGV[i + 1]) end
local odd, others = {}, {}
for n, row in ipairs(admit__judge(now)) do
if atomic == 1 and string.find('CLEB', row.fate, 1, true) then return { 'REFUSED', n, row.fate, row.state, row.other or '' } end
if row.fate ~= 'A' then odd[#odd + 1] = n .. row.fate end
if row.other then others[#others + 1] = row.other end
end
local at = string.format('%.0f', now)
local text = table.concat(odd, ',')
bits = admit__enable(bits)
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, at, at .. ';' .. text .. (#others > 0 and '\\t' .. table.concat(others, '\\t') or ''))
admit__store(now, bits, (tonumber(facts[2]) or 0) > 0 or (tonumber(facts[3]) or 0) > 0)
return { 'OK', at, text, others }
`,
  encode(args) {
    const argv = [
      nowArg('add-checked', args.now),
      args.laneId,
      intArg('add-checked', 'seq', args.seq),
      intArg('add-checked', 'atomic', args.atomic),
    ];
    pushRows(argv, 'add-checked', 'rows', args.rows, 2);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('add-checked', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          now: intPart('add-checked', parts, 1),
          odd: stringPart('add-checked', parts, 2),
          others: stringsPart('add-checked', parts, 3),
        };
      case 'REFUSED':
        return {
          code: 'REFUSED',
          row: intPart('add-checked', parts, 1),
          fate: stringPart('add-checked', parts, 2),
          state: stringPart('add-checked', parts, 3),
          other: stringPart('add-checked', parts, 4),
        };
      case 'UPGRADE':
        return {
          code: 'UPGRADE',
          bits: stringPart('add-checked', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('add-checked', parts);
    }
  },
};

/** Arguments of `add`. */
export interface AddArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** The lane's nonce. */
  readonly laneId: string;
  /** Of this call in its lane. */
  readonly seq: number;
  /** For how many of them the caller's own worker asks, behind this call: nobody is woken for those. */
  readonly own: number;
  /** Rows, as one flat list: id, body. */
  readonly rows: readonly string[];
}

/** What `add` replies. */
export type AddReply =
  | {
      readonly code: 'OK';
      readonly now: number;
    }
  | {
      readonly code: 'UPGRADE';
      readonly bits: string;
    }
  | { readonly code: 'OLD' };

/**
 * Store a batch of jobs under ids minted by the client: each becomes waiting or delayed.
 * A row's id may carry instructions, `id \t how`: comma-separated, d<ms> delay, a<ms> run at, p<n> priority.
 *
 * Keys: `L`, `d`, `ev`, `g:<group>`, `gl`, `gn`, `gw`, `h:<epoch>`, `i`, `j`, `l`, `lz`, `m`, `n`, `pn`, `pp`, `q`, `r`, `rf`, `t`, `tc`, `tg:<tag>`, `w:<epoch>`, `x`
 * Events: `w`, `d`
 */
export const add: Script<AddArgs, AddReply> = {
  name: 'add',
  repeat: 'lane',
  sha1: 'e842856e3e480f9281870349c7a2c4f76a074ae6',
  source: `local base = KEYS[1]
local now_arg, lane_id, seq, own = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local REST = 5
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
if not features__are_known(bits) then return { 'UPGRADE', bits } end
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 2)
if not own or own < 0 or own % 1 ~= 0 then refuse__call('own is not a whole number from 0.') end
local at = string.format('%.0f', now)
local record__FORMAT
record__FORMAT = '1'
local stamp = record__FORMAT .. at
local ids, jobs, n = {}, {}, 0
if string.find(bits, 'e', 1, true) then ids = nil end
local record__PLAIN_BODY
record__PLAIN_BODY = '^\\t[^%c]+\\t\\t[^\\n]*\\n'
for i = REST, ids and #ARGV or 0, 2 do
local id, body = ARGV[i], ARGV[i + 1]
if not string.find(id, '^%C+$') or not string.find(body, record__PLAIN_BODY) then
ids = nil
break
end
n = n + 1
ids[n], jobs[2 * n - 1], jobs[2 * n] = id, id, stamp .. body
end
local wake__some
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local ready__append
function ready__append(entries)
if #entries > 0 then redis.call('RPUSH', base .. ':r', unpack(entries)) end
end
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
if ids then
lane__store(lane_id, seq, at, at)
if #ids > 0 then redis.call('HSET', base .. ':j', unpack(jobs)) end
ready__append(ids)
wake__some(#ids - own)
return { 'OK', at }
end
local prioritised = false
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local record__is_body, record__agrees, record__name, record__fact, record__has, record__header, record__header_text, record__entry
function record__is_body(body)
return string.find(body, '^[pkxsuvf]*\\t[^%c]+\\t[%d:,pkxsuvf%-]*\\t[^\\n]*\\n') ~= nil
end
function record__agrees(body)
local flags, fields = string.match(body, '^(%a*)\\t[^\\t]*\\t([^\\t]*)\\t')
return flags == string.gsub(fields, '%A', '')
end
function record__name(envelope)
return string.match(envelope, '^1[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
local side__parse, side__kept
do
local LINES = { t = { flag = 'T', least = 1, most = 32 }, u = { least = 4, most = 5 },
g = { flag = 'G', least = 1, most = 1, bit = 'o' }, r = { flag = 'R', least = 2, most = 32, bit = 'w' } }
local ORDER = { 't', 'g', 'r' }
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__kept(said)
local lines, flags = {}, ''
for _, letter in ipairs(ORDER) do
local values = said[letter]
if values and #values > 0 then
lines[#lines + 1] = letter .. '\\t' .. table.concat(values, '\\t')
flags = flags .. LINES[letter].flag
end
end
return table.concat(lines, '\\n'), flags
end
end
local groups__names, groups__of, groups__put
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
end
local ready__put_back
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
end
local due__delay, due__next
function due__delay(rows)
local first = due__next()
redis.call('ZADD', base .. ':d', unpack(rows))
if first == 0 or due__next() < first then wake__some(1) end
end
function due__next()
local first = 0
for _, key in ipairs({ (base .. ':d'), (base .. ':t') }) do
local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
if head[2] and (first == 0 or tonumber(head[2]) < first) then first = tonumber(head[2]) end
end
return first
end
local failure__check
do
local function parts(text, fields)
local length = tonumber(record__fact(fields, 'f'))
if not length then return nil end
local from = string.find(text, '\\n', 1, true) + 1
local stored = string.sub(text, from, from + length - 1)
if #stored == length then return string.match(stored, '^(%C+)\\n(.*)$') end
end
function failure__check(body)
local fields = string.match(body, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t')
if not record__has(fields, 'f') then return false end
local id, other = parts(body, fields)
if not id or not record__is_body(other) or not record__agrees(other) or string.find(other, '^%a*[fuv]') then
refuse__call('The job in store for a failure cannot be read.')
end
local priority = record__fact(string.match(other, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t'), 'p')
if priority then refuse__unless_int('The priority', tonumber(priority), -1000, 1000) end
return priority ~= nil
end
end
local tags__add
function tags__add(id, names, now)
for i = 1, #names do
if redis.call('ZADD', base .. ':tg:' .. names[i], 'NX', string.format('%.0f', now), id) == 1 then
redis.call('ZINCRBY', base .. ':tc', 1, names[i])
end
end
end
local unique__check
function unique__check(values, body)
local key, letter, ms, policy = unpack(values or { '0', '', '0', 'k' })
if not string.find(key, '^%d+$') or #key > 40 or not string.find(letter, '^[uv]?$') or not string.find(ms, '^%d*$') or #ms > 15
or (letter == '' and ms == '') or not string.find(policy, '^[kjr]$') or (values and values[5] and values[5] ~= 'x') then
refuse__call('The line "u" of a job cannot be read.')
end
local fields = string.match(body, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t')
for _, field in ipairs({ 'u', 'v' }) do
if record__fact(fields, field) ~= (field == letter and key or nil) then
refuse__call('The fields of a job and its line "u" do not agree.')
end
end
end
local intake__read, intake__check, intake__push, intake__flush
do
local envelopes, list, ordered, delayed, headers, sides = {}, {}, {}, {}, {}, {}
local PLAIN = { d = '^%d+$', a = '^%d+$', p = '^%-?%d+$' }
local GIVEN = { d = PLAIN.d, a = PLAIN.a, p = PLAIN.p, c = '^[kjr]$', m = '^%d+$', x = '^$' }
local function parse(text, allowed)
local how = {}
for piece in string.gmatch(text, '[^,]+') do
local letter, value = string.sub(piece, 1, 1), string.sub(piece, 2)
if not allowed[letter] or #value > 15 or not string.find(value, allowed[letter]) then
refuse__call('The instruction "' .. piece .. '" of a job is none.')
end
how[letter] = value
end
if how.p then refuse__unless_int('The priority', tonumber(how.p), -1000, 1000) end
if how.c and not how.m then refuse__call('A given id without m<ms>.') end
how.is_plain = not (how.d or how.a or how.p)
return how
end
local parsed = {}
local NONE = { is_plain = true }
function intake__read(text, is_given)
local at = string.find(text, '%c')
if not at and text ~= '' then return text, NONE, '' end
if not at or at == 1 or string.byte(text, at) ~= 9 then refuse__call('An id is empty or has a control character.') end
local last = is_given and string.find(text, '\\n', at, true) or #text + 1
local how = string.sub(text, at + 1, last - 1)
parsed[how] = parsed[how] or parse(how, is_given and GIVEN or PLAIN)
return string.sub(text, 1, at - 1), parsed[how], string.sub(text, last + 1)
end
local function agree(body, how)
local priority = record__fact(string.match(body, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t'), 'p')
return record__agrees(body) and (tonumber(priority) or 0) == (tonumber(how.p) or 0)
end
function intake__check(body, how, said)
if how.is_plain and not said and string.find(body, record__PLAIN_BODY) then return false end
if not record__is_body(body) then refuse__call('The body of a job is not flags, name, fields, options and payload.') end
if not agree(body, how) then refuse__call('The flags, fields and instructions of a job do not agree.') end
unique__check(said and said.u, body)
return failure__check(body) or how.p ~= nil
end
local function store(id, envelope)
envelopes[#envelopes + 1] = id
envelopes[#envelopes + 1] = envelope
end
local tagged = {}
local function keep(id, said)
local text, flags = side__kept(said)
if flags == '' then return flags end
sides[#sides + 1] = id
sides[#sides + 1] = text
if said.t then tagged[id] = said.t end
return flags
end
function intake__push(id, envelope, how, place, now, said)
store(id, envelope)
local flags = said and keep(id, said) or ''
if how.is_plain and place == '0' and flags == '' then
list[#list + 1] = id
return
end
local header = record__header(nil)
local at = how.a and tonumber(how.a) or now + (how.d or 0)
local priority = tonumber(how.p) or 0
header.place, header.flags = place, flags
if at > now then
delayed[#delayed + 1] = string.format('%.0f', at)
delayed[#delayed + 1] = id
if priority ~= 0 then header.priority = how.p end
elseif priority ~= 0 or record__has(flags, 'G') then ordered[#ordered + 1] = { id = id, header = header, priority = priority }
else list[#list + 1] = record__entry(id, place) end
if place ~= '0' or header.priority ~= '' or flags ~= '' then
headers[#headers + 1] = id
headers[#headers + 1] = record__header_text(header)
end
end
local function tell(bits)
if not string.find(bits, 'e', 1, true) then return end
local later = {}
for i = 2, #delayed, 2 do later[delayed[i]] = true end
for i = 1, #envelopes, 2 do
events__push(later[envelopes[i]] and 'd' or 'w', envelopes[i], record__name(envelopes[i + 1]))
end
end
function intake__flush(bits, now)
if #envelopes > 0 then
redis.call('HSET', base .. ':j', unpack(envelopes))
if #headers > 0 then redis.call('HSET', base .. ':m', unpack(headers)) end
if #sides > 0 then redis.call('HSET', base .. ':x', unpack(sides)) end
for id, names in pairs(tagged) do tags__add(id, names, now) end
ready__append(list)
ready__put_back(ordered, bits)
if #delayed > 0 then due__delay(delayed) end
tell(bits)
end
events__flush(bits, now)
wake__some(#list + #ordered)
end
end
for i = REST, #ARGV, 2 do
local id, how = intake__read(ARGV[i], false)
prioritised = intake__check(ARGV[i + 1], how) or prioritised
intake__push(id, stamp .. ARGV[i + 1], how, '0', now)
end
if prioritised then 
local features__is_understood, features__enable
do
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1 }
function features__is_understood(letter)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local open = redis.call('HGET', base .. ':h:' .. epoch, '\\topen')
if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
end
return true
end
function features__enable(bits, letter)
if string.find(bits, letter, 1, true) then return bits end
if not features__is_understood(letter) then
refuse__with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
end
bits = bits .. letter
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
end
bits = features__enable(bits, 'p') end
lane__store(lane_id, seq, at, at)
intake__flush(bits, now)
return { 'OK', at }
`,
  encode(args) {
    const argv = [nowArg('add', args.now), args.laneId, intArg('add', 'seq', args.seq), intArg('add', 'own', args.own)];
    pushRows(argv, 'add', 'rows', args.rows, 2);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('add', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          now: intPart('add', parts, 1),
        };
      case 'UPGRADE':
        return {
          code: 'UPGRADE',
          bits: stringPart('add', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('add', parts);
    }
  },
};

/** Arguments of `batches`. */
export interface BatchesArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** '' begins. */
  readonly cursor: string;
  /** 1 to 1,000. */
  readonly limit: number;
}

/**
 * What `batches` replies.
 * - `OK`: five a batch; '' at the end
 */
export type BatchesReply = {
  readonly code: 'OK';
  readonly rows: readonly string[];
  readonly cursor: string;
};

/**
 * Pages through the open batches, the one that fires first first: name, key, size, time of the first, when it fires.
 *
 * Keys: `ab:<number>`, `ad`, `af`
 */
export const batches: Script<BatchesArgs, BatchesReply> = {
  name: 'batches',
  repeat: 'read',
  sha1: '75ffd27cbf1b0a9dddef7857fb92a863f3b4e5e5',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, cursor, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local refuse__with, refuse__call, refuse__unless_int
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('limit', limit, 1, 1000)
local numbers, rows = {}, {}
local listing__refuse_cursor, listing__rank_after, listing__sorted
function listing__refuse_cursor()
refuse__with('INVALID_OPTION', 'The cursor is none of this list. Go on with that of its last page, or begin without one.')
end
function listing__rank_after(key, cursor, reverse)
if cursor == '' then return 0 end
local score, id = string.match(cursor, '^(%d+%.?%d*)/(.*)$')
if not score then listing__refuse_cursor() end
local rank = reverse and redis.call('ZREVRANK', key, id) or (not reverse and redis.call('ZRANK', key, id))
if rank then return rank + 1 end
if reverse then return redis.call('ZCOUNT', key, '(' .. score, '+inf') end
return redis.call('ZCOUNT', key, '-inf', '(' .. score)
end
function listing__sorted(key, cursor, limit, reverse, ids)
local from = listing__rank_after(key, cursor, reverse)
local found = reverse and redis.call('ZREVRANGE', key, from, from + limit - 1, 'WITHSCORES')
or redis.call('ZRANGE', key, from, from + limit - 1, 'WITHSCORES')
for i = 1, #found, 2 do ids[#ids + 1] = found[i] end
if #found < 2 * limit then return '' end
return found[#found] .. '/' .. found[#found - 1]
end
local next_cursor = listing__sorted(base .. ':ad', cursor, limit, false, numbers)
local aggregation__read
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
for _, number in ipairs(numbers) do
local _, first, _, identity = aggregation__read(number)
local length, rest = string.match(identity, '^(%d+):(.*)$')
rows[#rows + 1] = string.sub(rest, 1, length)
rows[#rows + 1] = string.sub(rest, length + 2)
rows[#rows + 1] = tostring(redis.call('LLEN', base .. ':ab:' .. number))
rows[#rows + 1] = string.format('%.0f', first)
rows[#rows + 1] = redis.call('ZSCORE', base .. ':ad', number)
end
return { 'OK', rows, next_cursor }
`,
  encode(args) {
    return [nowArg('batches', args.now), args.cursor, intArg('batches', 'limit', args.limit)];
  },
  decode(raw) {
    const parts = replyParts('batches', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          rows: stringsPart('batches', parts, 1),
          cursor: stringPart('batches', parts, 2),
        };
      default:
        throw unknownCode('batches', parts);
    }
  },
};

/** Arguments of `cancel`. */
export interface CancelArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  readonly ids: readonly string[];
}

/**
 * What `cancel` replies.
 * - `OK`: a letter per id: C cancelled, A cancelled while active, F had ended already, N no such job
 */
export type CancelReply =
  | {
      readonly code: 'OK';
      readonly fates: string;
    }
  | { readonly code: 'OLD' };

/**
 * Cancel jobs wherever they are. A running one ends now: its hold goes, its worker is told, its outcome will be refused.
 *
 * Keys: `L`, `^rm`, `^rn`, `^ru`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `aw`, `d`, `e`, `ev`, `f:<state>`, `fc`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `h:<epoch>`, `hs:<id>`, `i`, `j`, `l`, `lz`, `m`, `mi`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `s:<id>`, `sd`, `sm`, `st:<day>`, `t`, `tc`, `tg:<tag>`, `u:<name>`, `uk`, `un`, `uz`, `w:<epoch>`, `wr`, `ws`, `x`, `y:<state>`
 * Events: `x`
 */
export const cancel: Script<CancelArgs, CancelReply> = {
  name: 'cancel',
  repeat: 'lane',
  sha1: 'e067a9bc0e2a3f411c47e8bbc215b30896ea9391',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, lane_id, seq = ARGV[1], ARGV[2], tonumber(ARGV[3])
local REST = 4
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local meta = redis.call('HMGET', base .. ':q', 'bits', 'drop')
local bits, drop = meta[1] or '', meta[2] or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 1)
local CANCELLED = '{"name":"CancelError","code":"CANCEL","kind":"cancelled","message":"The job was cancelled."}'
local done = {}
local record__FORMAT, record__STATES, record__name, record__facts, record__fact, record__has, record__flags, record__header, record__header_text, record__entry, record__row
record__FORMAT = '1'
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
function record__name(envelope)
return string.match(envelope, '^1[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__flags(facts)
return (string.gsub(string.match(facts, 'H(%a*)') or '', 'M', ''))
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local completed__append, completed__left
function completed__append(entries)
if #entries > 0 then redis.call('RPUSH', base .. ':fc', unpack(entries)) end
end
function completed__left() redis.call('HINCRBY', base .. ':q', 'gone', 1) end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local failures__enter, failures__flush, failures__left
do
local KINDS = { f = 'Error', t = 'timeout', b = 'broken' }
local entered = {}
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__enter(job, at)
local usual = KINDS[job.letter]
if not usual then return end
local kind = job.kind and job.kind ~= '' and job.kind or usual
local list = gather(entered, job.called .. ':' .. kind)
list[#list + 1] = at
list[#list + 1] = job.id
end
function failures__flush()
for _, group in ipairs(entered) do
local list, rows = entered[group], {}
for i = 2, #list, 2 do rows[i - 1] = list[i]; rows[i] = group end
redis.call('HSET', base .. ':fk', unpack(rows))
redis.call('ZADD', base .. ':fe:' .. group, unpack(list))
redis.call('ZINCRBY', base .. ':fg', #list / 2, group)
end
entered = {}
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local side__parse, side__of, side__has_lines
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
function side__has_lines(flags) return string.find(flags, '[TRG]') ~= nil end
local tags__drop
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
local forget__jobs
do
local function forget_sides(id)
local said = side__of(id)
if said.t then tags__drop(id, said.t) end
redis.call('HDEL', base .. ':x', id)
end
local function forget_extras(ids, flags)
local keys = {}
for i = 1, #ids do
if flags[i] ~= '' then
if record__has(flags[i], 'N') then keys[#keys + 1] = base .. ':s:' .. ids[i] end
if record__has(flags[i], 'Y') then keys[#keys + 1] = base .. ':hs:' .. ids[i] end
if side__has_lines(flags[i]) then forget_sides(ids[i]) end
end
end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
end
function forget__jobs(ids, flags)
if #ids == 0 then return end
forget_extras(ids, flags)
redis.call('HDEL', base .. ':j', unpack(ids))
redis.call('HDEL', base .. ':m', unpack(ids))
redis.call('HDEL', base .. ':o', unpack(ids))
redis.call('HDEL', base .. ':e', unpack(ids))
end
end
local stats__LETTERS, stats__count, stats__count_job, stats__day, stats__known_name, stats__note_day, stats__flush
do
local DAY_MS, MINUTE_MS, DAY_MINUTES = 86400000, 60000, 1440
local MAX_NAMES = 1000
local REST_NAME = '*'
stats__LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }
local counted, order = {}, {}
function stats__count(name, letter, n)
if n == 0 then return end
local counts = counted[name]
if not counts then counts = {}; counted[name] = counts; order[#order + 1] = name end
counts[letter] = (counts[letter] or 0) + n
end
function stats__count_job(job, letter)
local name = job.name
if not name or name == '' then name = record__name(redis.call('HGET', base .. ':j', job.id)) end
job.called = name
stats__count(name, letter, 1)
end
function stats__day(at) return math.floor(at / DAY_MS) end
function stats__known_name(name, day)
local last = redis.call('ZSCORE', base .. ':sm', name)
if not last and redis.call('ZCARD', base .. ':sm') >= MAX_NAMES then name = REST_NAME end
if not last or tonumber(last) < day then redis.call('ZADD', base .. ':sm', day, name) end
return name
end
function stats__note_day(day) redis.call('ZADD', base .. ':sd', day, day) end
local function add_to_minute(at, totals)
local minute = math.floor(at / MINUTE_MS)
local field, counts = minute % DAY_MINUTES, {}
local stored = redis.call('HGET', base .. ':mi', field)
local since, rest = string.match(stored or '', '^(%d+)(.*)$')
if since and tonumber(since) > minute then return end
if tonumber(since) ~= minute then rest = '' end
for n in string.gmatch(rest, '%d+') do counts[#counts + 1] = tonumber(n) end
for i, letter in ipairs(stats__LETTERS) do counts[i] = string.format('%.0f', (counts[i] or 0) + (totals[letter] or 0)) end
redis.call('HSET', base .. ':mi', field, string.format('%.0f', minute) .. ',' .. table.concat(counts, ','))
end
function stats__flush(at)
if #order == 0 then return end
local day, totals = stats__day(at), {}
local key = base .. ':st:' .. day
stats__note_day(day)
for _, name in ipairs(order) do
local known = stats__known_name(name, day)
for letter, n in pairs(counted[name]) do
redis.call('HINCRBY', key, known .. '\\t' .. letter, n)
totals[letter] = (totals[letter] or 0) + n
end
end
for letter, n in pairs(totals) do
redis.call('HINCRBY', key, '\\t' .. letter, n)
redis.call('HINCRBY', base .. ':st:' .. 'all', '\\t' .. letter, n)
end
add_to_minute(at, totals)
counted, order = {}, {}
end
end
local unique__key, unique__release
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
local finish__push, finish__flush
do
local AWAITED_MS = 60000
local ended = {}
function finish__push(job) ended[#ended + 1] = job end
local function own_age(job)
local ages = job.facts ~= '' and record__fact(job.facts, 'k')
return ages and tonumber(string.match(ages, job.letter == 'c' and '^(%d+):' or ':(%d+)$')) or nil
end
local function tell_waiters(waiting, id, outcome)
for channel in string.gmatch(string.match(waiting, '\\t(.*)$'), '%S+') do
redis.call('PUBLISH', channel, id .. '\\t' .. outcome)
end
redis.call('HDEL', base .. ':aw', id)
end
local function waiting_for(bits)
if not string.find(bits, 'a', 1, true) then return {} end
local ids = {}
for i = 1, #ended do ids[i] = ended[i].id end
return redis.call('HMGET', base .. ':aw', unpack(ids))
end
local DONE = 'done'
local function home(job, is_awaited, drop, now)
local age = own_age(job)
local state = record__STATES[job.letter]
local dropped = age == 0 or (not age and string.find(drop, job.letter, 1, true))
if is_awaited and (dropped or (age and age < AWAITED_MS)) then age, dropped = AWAITED_MS, false end
if dropped then return nil end
if age then return base .. ':y:' .. state, string.format('%.0f', now + age) end
if is_awaited then return base .. ':y:' .. state, string.format('%.0f', now + AWAITED_MS - 1) .. '.5' end
if job.letter == 'c' then return DONE end
return base .. ':f:' .. state, string.format('%.0f', now)
end
local function add(lists, key, a, b)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
list[#list + 1] = a
list[#list + 1] = b
end
function finish__flush(now, bits, drop)
if #ended == 0 then return end
local gone, gone_with, flags, flagged, texts, sets, done = {}, {}, {}, {}, {}, {}, {}
local waiting = waiting_for(bits)
local at = string.format('%.0f', now)
for i = 1, #ended do
local job = ended[i]
if job.letter ~= 'c' then stats__count_job(job, job.letter) end
local key, score = home(job, waiting[i], drop, now)
if key then
local outcome = job.letter .. at .. ',' .. job.attempt .. ',' .. job.duration .. '\\n' .. job.body
texts[#texts + 1] = job.id
texts[#texts + 1] = outcome
if key == DONE then done[#done + 1] = record__entry(job.id, job.place or '0')
else add(sets, key, score, job.id) end
failures__enter(job, at)
if waiting[i] then tell_waiters(waiting[i], job.id, outcome) end
elseif record__has(job.facts, 'H') then
gone_with[#gone_with + 1] = job.id
flags[#gone_with] = record__flags(job.facts)
else gone[#gone + 1] = job.id end
if key and record__has(job.facts, 'H') then flagged[#flagged + 1] = job.id end
unique__release(job.id, job.facts)
events__push(job.letter, job.id, job.name)
end
if #gone > 0 then redis.call('HDEL', base .. ':j', unpack(gone)) end
forget__jobs(gone_with, flags)
if #flagged > 0 then redis.call('HDEL', base .. ':e', unpack(flagged)) end
if #texts > 0 then redis.call('HSET', base .. ':o', unpack(texts)) end
for i = 1, #sets do redis.call('ZADD', sets[i], unpack(sets[sets[i]])) end
completed__append(done)
failures__flush()
stats__flush(now)
ended = {}
end
end
local holds__entry
function holds__entry(id, value)
local slot, seq, nth, facts = string.match(value, '^([^.]*)%.(%d+)%.(%d*)(.*)$')
return { id = id, token = slot .. '.' .. seq, slot = slot, seq = tonumber(seq), nth = tonumber(nth) or 0, facts = facts }
end
local wake__some, wake__freed, wake__tell
do
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local is_later, freed = false, 0
function wake__freed(n)
if is_later then freed = freed + n else wake__some(n) end
end
function wake__tell(epoch, what)
redis.call('PUBLISH', base .. ':w:' .. epoch, what)
end
end
local groups__names, groups__of, groups__put, groups__forget_if_empty, groups__drop, groups__release
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
function groups__release(entries)
local ids, flags, freed, again = {}, {}, {}, {}
for i = 1, #entries do ids[i], flags[i] = entries[i].id, entries[i].facts end
for id, name in pairs(groups__names(ids, flags)) do
freed[name] = freed[name] or {}
table.insert(freed[name], id)
end
for name, members in pairs(freed) do
redis.call('SREM', base .. ':gs:' .. name, unpack(members))
if redis.call('EXISTS', base .. ':g:' .. name) == 1 then again[#again + 1] = name else groups__forget_if_empty(name) end
end
wake__freed(join(again))
end
end
local elsewhere__own_name, elsewhere__run
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
local function place(queue) return head() .. #queue .. ':' .. queue end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
function elsewhere__run(queue, action)
local own = base
if queue ~= '' then base = place(queue) end
action()
base = own
end
end
local lines__uses, lines__strike, lines__leave, lines__first
do
local TOO_MUCH_TEXT = '18014398509481984'
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__strike(name, who) drop(name, who.queue .. '\\t' .. who.id) end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
function lines__first(name, n, are_too_much)
local from, to = are_too_much and TOO_MUCH_TEXT or '-inf', are_too_much and '+inf' or '(' .. TOO_MUCH_TEXT
local members, found = redis.call('ZRANGEBYSCORE', string.match(base, '^.-}') .. ':rw:' .. name, from, to, 'LIMIT', 0, n), {}
for i = 1, #members do
local queue, id = string.match(members[i], '^([^\\t]*)\\t(.*)$')
found[i] = { queue = queue, id = id }
end
return found
end
end
local ready__put_back, ready__put_front, ready__drop, ready__new_place
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
function ready__put_front(rows, bits) put(rows, 'front', bits) end
function ready__drop(id)
if lines__leave(id) or groups__drop(id) then return true end
if redis.call('ZREM', base .. ':pp', id) + redis.call('ZREM', base .. ':pn', id) > 0 then return true end
redis.call('HINCRBY', base .. ':q', 'ghosts', 1)
return false
end
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
end
local aggregation__identity, aggregation__join, aggregation__read, aggregation__row, aggregation__fire, aggregation__flush, aggregation__withdraw
do
local MAX_SIZE = 1000
local joining = {}
function aggregation__identity(name, key) return #name .. ':' .. name .. ':' .. key end
function aggregation__join(e, row)
local grace, delay, most, key = string.match(e.body, '^(%d+),(%d+),(%d+),(%C*)$')
local identity = aggregation__identity(e.name, key)
local group = joining[identity]
if not group then
group = { ids = {}, priority = row.priority }
joining[identity] = group
joining[#joining + 1] = identity
end
group.ids[#group.ids + 1] = e.id
group.priority = math.max(group.priority, row.priority)
group.grace, group.delay = tonumber(grace), tonumber(delay)
group.most = math.max(1, math.min(tonumber(most), MAX_SIZE))
events__push('o', e.id, e.name)
end
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
local function write(number, priority, first, most, identity)
redis.call('HSET', base .. ':af', number, priority .. ',' .. string.format('%.0f', first) .. ',' .. most .. '\\t' .. identity)
end
function aggregation__row(number, priority)
return { id = '\\tb' .. number, header = { place = '0' }, priority = priority }
end
function aggregation__fire(number, bits)
local priority, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':ao', identity)
redis.call('ZREM', base .. ':ad', number)
ready__put_back({ aggregation__row(number, priority) }, bits)
redis.call('HINCRBY', base .. ':q', 'batches', 1)
wake__some(1)
end
local function opened(identity, group, now)
local number = redis.call('HGET', base .. ':ao', identity)
if number then
local priority, first = aggregation__read(number)
return number, math.max(priority, group.priority), first, redis.call('LLEN', base .. ':ab:' .. number)
end
number = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'batch', 1))
redis.call('HSET', base .. ':ao', identity, number)
return number, group.priority, now, 0
end
local function add(identity, group, from, now, bits)
local number, priority, first, size = opened(identity, group, now)
local last = math.min(#group.ids, from + math.max(1, group.most - size) - 1)
local scores = {}
for i = from, last do scores[#scores + 1] = number; scores[#scores + 1] = group.ids[i] end
redis.call('RPUSH', base .. ':ab:' .. number, unpack(group.ids, from, last))
redis.call('ZADD', base .. ':ag', unpack(scores))
write(number, priority, first, group.most, identity)
redis.call('ZADD', base .. ':ad', string.format('%.0f', math.min(now + group.grace, first + group.delay)), number)
if size + last - from + 1 >= group.most then aggregation__fire(number, bits) end
return last + 1
end
function aggregation__flush(now, bits)
for _, identity in ipairs(joining) do
local group, from = joining[identity], 1
while from <= #group.ids do from = add(identity, group, from, now, bits) end
end
joining = {}
end
function aggregation__withdraw(id, number)
redis.call('ZREM', base .. ':ag', id)
redis.call('LREM', base .. ':ab:' .. number, 1, id)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return end
local _, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':af', number)
if redis.call('ZREM', base .. ':ad', number) == 1 then redis.call('HDEL', base .. ':ao', identity)
else
redis.call('HINCRBY', base .. ':q', 'batches', -1)
ready__drop('\\tb' .. number)
end
end
end
local aside__put, aside__drop
do
function aside__put(name, id)
redis.call('SADD', base .. ':un', name)
redis.call('ZADD', base .. ':u:' .. name, redis.call('HINCRBY', base .. ':q', 'aside', 1), id)
end
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__drop(name, id)
redis.call('ZREM', base .. ':u:' .. name, id)
forget_if_empty(name)
end
end
local failure__note, failure__flush
do
local added = {}
local function parts(text, fields)
local length = tonumber(record__fact(fields, 'f'))
if not length then return nil end
local from = string.find(text, '\\n', 1, true) + 1
local stored = string.sub(text, from, from + length - 1)
if #stored == length then return string.match(stored, '^(%C+)\\n(.*)$') end
end
function failure__note(id, facts)
local other, body = parts(redis.call('HGET', base .. ':j', id), facts)
added[#added + 1] = { id = other .. '.' .. ready__new_place(), body = body }
end
function failure__flush(now, bits)
if #added == 0 then return end
local stamp, jobs, rows = record__FORMAT .. string.format('%.0f', now), {}, {}
for i = 1, #added do
local id, envelope = added[i].id, stamp .. added[i].body
jobs[#jobs + 1] = id
jobs[#jobs + 1] = envelope
rows[i] = record__row(id, nil, record__facts(envelope))
events__push('w', id, record__name(envelope))
end
redis.call('HSET', base .. ':j', unpack(jobs))
ready__put_back(rows, bits)
wake__some(#rows)
added = {}
end
end
local history__note, history__flush
do
local MAX_ENTRIES = 100
local MAX_TEXT = 500
local noted = {}
local function append(id, entry)
local key = base .. ':hs:' .. id
if redis.call('RPUSH', key, entry) <= MAX_ENTRIES then return end
local first = redis.call('LPOP', key)
redis.call('LPOP', key)
redis.call('LPUSH', key, first)
end
local function worker_of(epoch)
local info = redis.call('HGET', base .. ':ws', epoch)
return info and string.match(info, '"name":"([^"\\\\%c]+)"') or epoch
end
local function mark(header)
if not record__has(header.flags, 'Y') then header.flags = header.flags .. 'Y' end
end
function history__note(e, row, letter, attempt, body)
mark(row.header)
noted[#noted + 1] = { e = e, letter = letter, attempt = attempt, body = letter == 'c' and '' or body }
end
function history__flush(epoch, now)
if #noted == 0 then return end
local worker, at = worker_of(epoch), string.format('%.0f', now)
for _, note in ipairs(noted) do
local head = table.concat({ note.letter .. at, note.attempt, note.e.duration, worker, note.e.kind or '' }, '\\t')
append(note.e.id, head .. '\\n' .. string.sub(note.body, 1, MAX_TEXT))
end
noted = {}
end
end
local limits__freed
do
local function has(bits) return string.find(bits, 'l', 1, true) ~= nil end
function limits__freed(n, bits)
if n == 0 or not has(bits) then return end
local limit = tonumber(redis.call('HGET', base .. ':q', 'concurrency'))
if not limit then return end
local active = redis.call('HINCRBY', base .. ':q', 'active', -n)
if active < limit and active + n >= limit then wake__freed(1) end
end
end
local resources__facts, resources__fits, resources__promise, resources__release
do
local known = {}
local function facts_of(name)
if known[name] then return known[name] end
local limits = redis.call('HMGET', string.match(base, '^.-}') .. ':rm', name, '\\tdefault')
known[name] = { limit = tonumber(limits[1] or limits[2]) or false, used = tonumber(redis.call('HGET', string.match(base, '^.-}') .. ':ru', name)) or 0 }
return known[name]
end
function resources__facts(name) return facts_of(name) end
function resources__fits(name, amount)
local facts = facts_of(name)
return not facts.limit or facts.used + amount <= facts.limit
end
function resources__promise(name, amount) facts_of(name).used = facts_of(name).used + amount end
function resources__release(entries)
local ids, names, seen = {}, {}, {}
for i = 1, #entries do
if record__has(entries[i].facts, 'R') then ids[#ids + 1] = entries[i].id end
end
local texts = #ids > 0 and redis.call('HMGET', base .. ':x', unpack(ids)) or {}
for i = 1, #ids do
for _, use in ipairs(lines__uses(side__parse(texts[i] or '').r or {})) do
local left = redis.call('HINCRBY', string.match(base, '^.-}') .. ':ru', use.name, -use.amount)
if left <= 0 then redis.call('HDEL', string.match(base, '^.-}') .. ':ru', use.name) end
known[use.name] = nil
if not seen[use.name] then seen[use.name] = true; names[#names + 1] = use.name end
end
end
return names
end
end
local serving__serve
do
local BUDGET = 1000
local PAGE = 100
local left = BUDGET
local promised = {}
local function own_queue() return elsewhere__own_name() or '' end
local function amount_of(who, name)
local said
elsewhere__run(who.queue, function() said = side__of(who.id) end)
for _, use in ipairs(lines__uses(said.r or {})) do
if use.name == name then return use.amount end
end
end
local function choose(name, calls, are_too_much)
local limit = resources__facts(name).limit
for _, who in ipairs(lines__first(name, math.min(PAGE, left), are_too_much)) do
left = left - 1
local amount = amount_of(who, name)
if not amount then lines__strike(name, who)
elseif limit and amount > limit then
if are_too_much then return end
else
if not resources__fits(name, (promised[name] or 0) + amount) then return end
if who.queue ~= own_queue() then resources__promise(name, amount)
else promised[name] = (promised[name] or 0) + amount end
end
if amount then
calls[who.queue] = calls[who.queue] or {}
table.insert(calls[who.queue], who.id)
end
end
end
local function call(queue, ids)
local is_own = queue == own_queue()
elsewhere__run(queue, function()
local rows = {}
for i, id in ipairs(ids) do
lines__leave(id)
rows[i] = record__row(id, redis.call('HGET', base .. ':m', id), '')
end
ready__put_front(rows, redis.call('HGET', base .. ':q', 'bits') or '')
if not is_own then wake__some(#ids) end
end)
if is_own then wake__freed(#ids) end
end
function serving__serve(names)
local calls = {}
for _, name in ipairs(names) do
if left > 0 then choose(name, calls, true) end
if left > 0 then choose(name, calls, false) end
end
for queue, ids in pairs(calls) do call(queue, ids) end
end
end
local leave__apply
do
local MAX_STALLS = 3
local STALLED = '{"name":"JobStalledError","code":"JOB_STALLED","kind":"stalled","message":"The process that ran the job vanished, each time it was tried."}'
local headers, errors, front, delayed, retrying
local stalled = {}
local function save(row) headers[#headers + 1] = row.id; headers[#headers + 1] = record__header_text(row.header) end
local function finish_as(letter, e, row, body)
local h = row.header
local facts = e.facts
local charged = 1
if letter == 'f' or letter == 't' then
h.failures = h.failures + (e.how == 's' and 0 or 1)
charged = 0
end
local attempt = h.failures + h.stalls + charged
if letter ~= 'c' or record__has(h.flags, 'Y') then
history__note(e, row, letter, attempt, body)
save(row)
facts = facts .. 'H' .. h.flags
end
if letter ~= 'c' and letter ~= 'x' and record__has(facts, 'f') then failure__note(e.id, facts) end
finish__push({ id = e.id, letter = letter, facts = facts, attempt = attempt,
duration = e.duration, body = body, name = e.name, place = h.place, kind = e.kind })
end
local function later(e, row, now)
local h = row.header
history__note(e, row, e.how, h.failures + h.stalls + 1, e.body)
if e.how == 'r' then h.failures, h.uncounted = h.failures + 1, 0 else h.uncounted = h.uncounted + 1 end
if e.how == 'r' then stats__count_job(e, 'r') end
save(row)
if e.body ~= '' then errors[#errors + 1] = e.id; errors[#errors + 1] = e.body end
local set = e.how == 'z' and delayed or retrying
set[#set + 1] = string.format('%.0f', now + e.delay)
set[#set + 1] = e.id
events__push(e.how == 'z' and 'd' or 'r', e.id, e.name)
end
local function reclaim(e, row)
local h = row.header
if record__has(e.facts, 'M') then
h.stalls = h.stalls + 1
stats__count_job(e, 's')
local limit = tonumber(record__fact(e.facts, 's')) or MAX_STALLS
if h.stalls >= limit then
stalled[#stalled + 1] = e.id
e.kind = 'stalled'
return finish_as('f', e, row, STALLED)
end
end
if not record__has(h.flags, 'S') then h.flags = h.flags .. 'S' end
if record__has(e.facts, 'M') then history__note(e, row, 's', h.failures + h.stalls, '') end
save(row)
front[#front + 1] = row
events__push('s', e.id, e.name)
end
local function set_aside(e, row)
if row.priority ~= 0 then save(row) end
aside__put(e.name, e.id)
events__push('n', e.id, e.name)
end
local function move(e, row, now)
if e.how == 'r' or e.how == 'u' or e.how == 'z' then later(e, row, now)
elseif e.how == 's' then reclaim(e, row)
elseif e.how == 'g' then front[#front + 1] = row; events__push('w', e.id, e.name)
elseif e.how == 'n' then set_aside(e, row)
elseif e.how == 'm' then return
elseif e.how == 'a' then aggregation__join(e, row)
else finish_as(e.how, e, row, e.body) end
end
function leave__apply(epoch, entries, now, bits, drop)
if #entries == 0 then return end
local ids, odd = {}, {}
for i = 1, #entries do
local e = entries[i]
ids[i] = e.id
if e.how ~= 'c' or record__has(e.facts, 'H') then odd[#odd + 1] = e.id end
end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
limits__freed(#ids, bits)
if string.find(bits, 'o', 1, true) then groups__release(entries) end
local freed = string.find(bits, 'w', 1, true) and resources__release(entries) or {}
headers, errors, front, delayed, retrying = {}, {}, {}, {}, {}
local stored = #odd > 0 and redis.call('HMGET', base .. ':m', unpack(odd)) or {}
local n = 0
for i = 1, #entries do
local e = entries[i]
if e.how ~= 'c' or record__has(e.facts, 'H') then
n = n + 1
move(e, record__row(e.id, stored[n], e.facts), now)
else finish__push({ id = e.id, letter = 'c', facts = e.facts, attempt = 1, duration = e.duration, body = e.body, name = e.name }) end
end
if #headers > 0 then redis.call('HSET', base .. ':m', unpack(headers)) end
history__flush(epoch, now)
stats__flush(now)
finish__flush(now, bits, drop)
if #errors > 0 then redis.call('HSET', base .. ':e', unpack(errors)) end
if #delayed > 0 then redis.call('ZADD', base .. ':d', unpack(delayed)) end
if #retrying > 0 then redis.call('ZADD', base .. ':t', unpack(retrying)) end
serving__serve(freed)
ready__put_front(front, bits)
wake__some(#front)
aggregation__flush(now, bits)
failure__flush(now, bits)
end
local function release(epoch, plain)
local ids = {}
for i = 1, #plain, 2 do ids[#ids + 1] = plain[i] end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
return ids
end
end
local taken__push
function taken__push(epoch, id, token, reason)
local key = base .. ':h:' .. epoch
local text = redis.call('HGET', key, '\\ttaken') or '0\\n'
local last = tonumber(string.match(text, '^%d+')) + 1
text = last .. string.sub(text, string.find(text, '\\n', 1, true), -1) .. last .. '\\t' .. id .. '\\t' .. token .. '\\t' .. reason .. '\\n'
redis.call('HSET', key, '\\ttaken', text)
wake__tell(epoch, 't')
end
local withdraw__from
function withdraw__from(id, found)
if found.outcome then
redis.call('HDEL', base .. ':o', id)
if found.state ~= 'completed' and found.state ~= 'cancelled' then failures__left({ id }) end
if redis.call('ZREM', base .. ':y:' .. found.state, id) == 1 then return false end
if found.state == 'completed' then
completed__left()
return true
end
redis.call('ZREM', base .. ':f:' .. found.state, id)
elseif found.state == 'delayed' then redis.call('ZREM', base .. ':d', id)
elseif found.state == 'retrying' then redis.call('ZREM', base .. ':t', id)
elseif found.batch then aggregation__withdraw(id, found.batch)
elseif found.unclaimed then aside__drop(found.unclaimed, id)
else return not ready__drop(id) end
return false
end
local cancelling__cancel
do
local function cancel_active(id, found, body, reason, now, bits, drop)
local run = holds__entry(id, found.held)
leave__apply(found.epoch, { { id = id, facts = run.facts, how = 'x', duration = 0, body = body } }, now, bits, drop)
taken__push(found.epoch, id, run.token, reason)
end
function cancelling__cancel(id, found, body, reason, now, bits, drop)
if found.state == 'active' then return cancel_active(id, found, body, reason, now, bits, drop) end
local stored, envelope = redis.call('HGET', base .. ':m', id), redis.call('HGET', base .. ':j', id)
local header, facts = record__header(stored), record__facts(envelope)
if withdraw__from(id, found) then
header.place = ready__new_place()
redis.call('HSET', base .. ':m', id, record__header_text(header))
stored = true
end
if stored then facts = facts .. 'H' .. header.flags end
finish__push({ id = id, letter = 'x', facts = facts, attempt = header.failures + header.stalls, duration = 0, body = body,
name = record__name(envelope) })
end
end
local locate__prepare, locate__find
do
local MAX_LOOKS = 100000
local runs, names = {}, nil
function locate__prepare(ids)
for i = 1, #ids do refuse__unless_name('id', ids[i]) end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
if #ids * #epochs > MAX_LOOKS then
refuse__call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
end
if #ids == 0 then return end
for _, epoch in ipairs(epochs) do
local held = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids))
for i = 1, #ids do
if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
end
end
end
function locate__find(id)
if redis.call('HEXISTS', base .. ':j', id) == 0 then return nil end
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
local at = redis.call('ZSCORE', base .. ':d', id)
if at then return { state = 'delayed', at = at } end
at = redis.call('ZSCORE', base .. ':t', id)
if at then return { state = 'retrying', at = at } end
if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
names = names or redis.call('SMEMBERS', base .. ':un')
for _, name in ipairs(names) do
if redis.call('ZSCORE', base .. ':u:' .. name, id) then return { state = 'waiting', unclaimed = name } end
end
local batch = redis.call('ZSCORE', base .. ':ag', id)
if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', base .. ':ad', batch) or nil } end
return { state = 'waiting' }
end
end
local function cancel(id)
if done[id] then return 'F' end
local found = locate__find(id)
if not found then return 'N' end
if found.outcome then return 'F' end
done[id] = true
cancelling__cancel(id, found, CANCELLED, 'cancelled', now, bits, drop)
if found.state == 'active' then return 'A' end
return 'C'
end
local ids, fates = {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
locate__prepare(ids)
for i = 1, #ids do fates[i] = cancel(ids[i]) end
finish__flush(now, bits, drop)
local text = table.concat(fates)
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), text)
events__flush(bits, now)
return { 'OK', text }
`,
  encode(args) {
    const argv = [nowArg('cancel', args.now), args.laneId, intArg('cancel', 'seq', args.seq)];
    pushRows(argv, 'cancel', 'ids', args.ids, 1);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('cancel', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fates: stringPart('cancel', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('cancel', parts);
    }
  },
};

/** Arguments of `checkpoint`. */
export interface CheckpointArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly epoch: string;
  readonly id: string;
  readonly token: string;
  readonly data: string;
}

/** What `checkpoint` replies. */
export type CheckpointReply =
  | { readonly code: 'OK' }
  | { readonly code: 'LEASE_LOST' };

/**
 * Replace the payload of a running job, if its token is still good: later attempts get this one.
 *
 * Keys: `h:<epoch>`, `j`
 */
export const checkpoint: Script<CheckpointArgs, CheckpointReply> = {
  name: 'checkpoint',
  repeat: 'natural',
  sha1: 'a0383b25d187d2c8f0a10041037304feb859dc0a',
  source: `local base = KEYS[1]
local now_arg, epoch, id, token, data = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local refuse__with, refuse__call, refuse__unless_name
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
refuse__unless_name('id', id)
local refuse__unless_token
function refuse__unless_token(token)
if not string.find(token, '^%w+%.%d+$') then refuse__call('A token is not slot.seq.') end
end
refuse__unless_token(token)
local facts = redis.call('HMGET', base .. ':h:' .. epoch, '\\topen', id)
if not facts[1] or not facts[2] or string.sub(facts[2], 1, #token + 1) ~= token .. '.' then return { 'LEASE_LOST' } end
local record__fact
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
local amend__envelope
function amend__envelope(envelope, name, payload)
local head, own_name, fields, options, rest = string.match(envelope, '^(1[^\\t]*)\\t([^\\t]*)\\t([^\\t]*)\\t([^\\n]*)\\n(.*)$')
if payload then rest = string.sub(rest, 1, tonumber(record__fact(fields, 'f')) or 0) .. payload end
return head .. '\\t' .. (name or own_name) .. '\\t' .. fields .. '\\t' .. options .. '\\n' .. rest
end
redis.call('HSET', base .. ':j', id, amend__envelope(redis.call('HGET', base .. ':j', id), nil, data))
return { 'OK' }
`,
  encode(args) {
    return [nowArg('checkpoint', args.now), args.epoch, args.id, args.token, args.data];
  },
  decode(raw) {
    const parts = replyParts('checkpoint', raw);
    switch (parts[0]) {
      case 'OK':
        return { code: 'OK' };
      case 'LEASE_LOST':
        return { code: 'LEASE_LOST' };
      default:
        throw unknownCode('checkpoint', parts);
    }
  },
};

/** Arguments of `claim`. */
export interface ClaimArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** The job's name. */
  readonly name: string;
}

/** What `claim` replies. */
export type ClaimReply = {
  readonly code: 'OK';
  readonly moved: number;
};

/**
 * Put jobs that waited for a handler of their name back to the front of the queue: sent by a worker that has one. At most
 * 1,000 a call: repeat while it moves so many.
 *
 * Keys: `ev`, `g:<group>`, `gl`, `gn`, `gw`, `i`, `m`, `n`, `pn`, `pp`, `q`, `r`, `rf`, `u:<name>`, `un`, `w:<epoch>`, `x`
 */
export const claim: Script<ClaimArgs, ClaimReply> = {
  name: 'claim',
  repeat: 'natural',
  sha1: '6efa5d5a2ab1f6b0251016b129896d7cd2ba4e8d',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, name = ARGV[1], ARGV[2]
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local aside__take
do
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__take(name, n)
local popped, ids = redis.call('ZPOPMIN', base .. ':u:' .. name, n), {}
for i = 1, #popped, 2 do ids[#ids + 1] = popped[i] end
forget_if_empty(name)
return ids
end
end
local ids, rows = aside__take(name, 1000), {}
if #ids == 0 then return { 'OK', 0 } end
local stored = redis.call('HMGET', base .. ':m', unpack(ids))
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local record__FORMAT, record__fact, record__header, record__row
record__FORMAT = '1'
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
for i = 1, #ids do
rows[i] = record__row(ids[i], stored[i], '')
events__push('w', ids[i], name)
end
local record__has, record__entry
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
local side__parse
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
local groups__names, groups__of, groups__put
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
end
local ready__put_front
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_front(rows, bits) put(rows, 'front', bits) end
end
ready__put_front(rows, bits)
events__flush(bits, now)
local wake__some
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
wake__some(#ids)
return { 'OK', #ids }
`,
  encode(args) {
    return [nowArg('claim', args.now), args.name];
  },
  decode(raw) {
    const parts = replyParts('claim', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          moved: intPart('claim', parts, 1),
        };
      default:
        throw unknownCode('claim', parts);
    }
  },
};

/** Arguments of `close`. */
export interface CloseArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly epoch: string;
}

/** What `close` replies. */
export type CloseReply = {
  readonly code: 'OK';
  readonly left: number;
};

/**
 * Close an epoch: whatever the server holds for it goes back to the front, uncharged. Repeat until `left` is 0.
 *
 * Keys: `L`, `^rm`, `^rn`, `^ru`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `aw`, `d`, `e`, `ev`, `f:<state>`, `fc`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `h:<epoch>`, `hs:<id>`, `i`, `j`, `m`, `mi`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `s:<id>`, `sd`, `sm`, `st:<day>`, `t`, `tc`, `tg:<tag>`, `u:<name>`, `uk`, `un`, `uz`, `w:<epoch>`, `wk`, `wr`, `ws`, `x`, `y:<state>`
 * Events: `w`
 */
export const close: Script<CloseArgs, CloseReply> = {
  name: 'close',
  repeat: 'natural',
  sha1: '7de9369d8eb306e030cae58ea59690ce32c4f179',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, epoch = ARGV[1], ARGV[2]
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
redis.call('HDEL', base .. ':h:' .. epoch, '\\topen')
local meta = redis.call('HMGET', base .. ':q', 'bits', 'drop')
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local holds__entry, holds__sort
function holds__entry(id, value)
local slot, seq, nth, facts = string.match(value, '^([^.]*)%.(%d+)%.(%d*)(.*)$')
return { id = id, token = slot .. '.' .. seq, slot = slot, seq = tonumber(seq), nth = tonumber(nth) or 0, facts = facts }
end
function holds__sort(entries)
table.sort(entries, function(a, b) return a.nth < b.nth end)
end
local record__FORMAT, record__STATES, record__name, record__facts, record__fact, record__has, record__flags, record__header, record__header_text, record__entry, record__row
record__FORMAT = '1'
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
function record__name(envelope)
return string.match(envelope, '^1[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__flags(facts)
return (string.gsub(string.match(facts, 'H(%a*)') or '', 'M', ''))
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local side__parse, side__of, side__has_lines
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
function side__has_lines(flags) return string.find(flags, '[TRG]') ~= nil end
local wake__some, wake__freed
do
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local is_later, freed = false, 0
function wake__freed(n)
if is_later then freed = freed + n else wake__some(n) end
end
end
local groups__names, groups__of, groups__put, groups__forget_if_empty, groups__release
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__release(entries)
local ids, flags, freed, again = {}, {}, {}, {}
for i = 1, #entries do ids[i], flags[i] = entries[i].id, entries[i].facts end
for id, name in pairs(groups__names(ids, flags)) do
freed[name] = freed[name] or {}
table.insert(freed[name], id)
end
for name, members in pairs(freed) do
redis.call('SREM', base .. ':gs:' .. name, unpack(members))
if redis.call('EXISTS', base .. ':g:' .. name) == 1 then again[#again + 1] = name else groups__forget_if_empty(name) end
end
wake__freed(join(again))
end
end
local elsewhere__own_name, elsewhere__run
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
local function place(queue) return head() .. #queue .. ':' .. queue end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
function elsewhere__run(queue, action)
local own = base
if queue ~= '' then base = place(queue) end
action()
base = own
end
end
local lines__uses, lines__strike, lines__leave, lines__first
do
local TOO_MUCH_TEXT = '18014398509481984'
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__strike(name, who) drop(name, who.queue .. '\\t' .. who.id) end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
function lines__first(name, n, are_too_much)
local from, to = are_too_much and TOO_MUCH_TEXT or '-inf', are_too_much and '+inf' or '(' .. TOO_MUCH_TEXT
local members, found = redis.call('ZRANGEBYSCORE', string.match(base, '^.-}') .. ':rw:' .. name, from, to, 'LIMIT', 0, n), {}
for i = 1, #members do
local queue, id = string.match(members[i], '^([^\\t]*)\\t(.*)$')
found[i] = { queue = queue, id = id }
end
return found
end
end
local ready__put_back, ready__put_front, ready__new_place
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
function ready__put_front(rows, bits) put(rows, 'front', bits) end
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
end
local aggregation__identity, aggregation__join, aggregation__read, aggregation__row, aggregation__fire, aggregation__flush
do
local MAX_SIZE = 1000
local joining = {}
function aggregation__identity(name, key) return #name .. ':' .. name .. ':' .. key end
function aggregation__join(e, row)
local grace, delay, most, key = string.match(e.body, '^(%d+),(%d+),(%d+),(%C*)$')
local identity = aggregation__identity(e.name, key)
local group = joining[identity]
if not group then
group = { ids = {}, priority = row.priority }
joining[identity] = group
joining[#joining + 1] = identity
end
group.ids[#group.ids + 1] = e.id
group.priority = math.max(group.priority, row.priority)
group.grace, group.delay = tonumber(grace), tonumber(delay)
group.most = math.max(1, math.min(tonumber(most), MAX_SIZE))
events__push('o', e.id, e.name)
end
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
local function write(number, priority, first, most, identity)
redis.call('HSET', base .. ':af', number, priority .. ',' .. string.format('%.0f', first) .. ',' .. most .. '\\t' .. identity)
end
function aggregation__row(number, priority)
return { id = '\\tb' .. number, header = { place = '0' }, priority = priority }
end
function aggregation__fire(number, bits)
local priority, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':ao', identity)
redis.call('ZREM', base .. ':ad', number)
ready__put_back({ aggregation__row(number, priority) }, bits)
redis.call('HINCRBY', base .. ':q', 'batches', 1)
wake__some(1)
end
local function opened(identity, group, now)
local number = redis.call('HGET', base .. ':ao', identity)
if number then
local priority, first = aggregation__read(number)
return number, math.max(priority, group.priority), first, redis.call('LLEN', base .. ':ab:' .. number)
end
number = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'batch', 1))
redis.call('HSET', base .. ':ao', identity, number)
return number, group.priority, now, 0
end
local function add(identity, group, from, now, bits)
local number, priority, first, size = opened(identity, group, now)
local last = math.min(#group.ids, from + math.max(1, group.most - size) - 1)
local scores = {}
for i = from, last do scores[#scores + 1] = number; scores[#scores + 1] = group.ids[i] end
redis.call('RPUSH', base .. ':ab:' .. number, unpack(group.ids, from, last))
redis.call('ZADD', base .. ':ag', unpack(scores))
write(number, priority, first, group.most, identity)
redis.call('ZADD', base .. ':ad', string.format('%.0f', math.min(now + group.grace, first + group.delay)), number)
if size + last - from + 1 >= group.most then aggregation__fire(number, bits) end
return last + 1
end
function aggregation__flush(now, bits)
for _, identity in ipairs(joining) do
local group, from = joining[identity], 1
while from <= #group.ids do from = add(identity, group, from, now, bits) end
end
joining = {}
end
end
local aside__put
function aside__put(name, id)
redis.call('SADD', base .. ':un', name)
redis.call('ZADD', base .. ':u:' .. name, redis.call('HINCRBY', base .. ':q', 'aside', 1), id)
end
local failure__note, failure__flush
do
local added = {}
local function parts(text, fields)
local length = tonumber(record__fact(fields, 'f'))
if not length then return nil end
local from = string.find(text, '\\n', 1, true) + 1
local stored = string.sub(text, from, from + length - 1)
if #stored == length then return string.match(stored, '^(%C+)\\n(.*)$') end
end
function failure__note(id, facts)
local other, body = parts(redis.call('HGET', base .. ':j', id), facts)
added[#added + 1] = { id = other .. '.' .. ready__new_place(), body = body }
end
function failure__flush(now, bits)
if #added == 0 then return end
local stamp, jobs, rows = record__FORMAT .. string.format('%.0f', now), {}, {}
for i = 1, #added do
local id, envelope = added[i].id, stamp .. added[i].body
jobs[#jobs + 1] = id
jobs[#jobs + 1] = envelope
rows[i] = record__row(id, nil, record__facts(envelope))
events__push('w', id, record__name(envelope))
end
redis.call('HSET', base .. ':j', unpack(jobs))
ready__put_back(rows, bits)
wake__some(#rows)
added = {}
end
end
local completed__append
function completed__append(entries)
if #entries > 0 then redis.call('RPUSH', base .. ':fc', unpack(entries)) end
end
local failures__enter, failures__flush
do
local KINDS = { f = 'Error', t = 'timeout', b = 'broken' }
local entered = {}
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__enter(job, at)
local usual = KINDS[job.letter]
if not usual then return end
local kind = job.kind and job.kind ~= '' and job.kind or usual
local list = gather(entered, job.called .. ':' .. kind)
list[#list + 1] = at
list[#list + 1] = job.id
end
function failures__flush()
for _, group in ipairs(entered) do
local list, rows = entered[group], {}
for i = 2, #list, 2 do rows[i - 1] = list[i]; rows[i] = group end
redis.call('HSET', base .. ':fk', unpack(rows))
redis.call('ZADD', base .. ':fe:' .. group, unpack(list))
redis.call('ZINCRBY', base .. ':fg', #list / 2, group)
end
entered = {}
end
end
local tags__drop
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
local forget__jobs
do
local function forget_sides(id)
local said = side__of(id)
if said.t then tags__drop(id, said.t) end
redis.call('HDEL', base .. ':x', id)
end
local function forget_extras(ids, flags)
local keys = {}
for i = 1, #ids do
if flags[i] ~= '' then
if record__has(flags[i], 'N') then keys[#keys + 1] = base .. ':s:' .. ids[i] end
if record__has(flags[i], 'Y') then keys[#keys + 1] = base .. ':hs:' .. ids[i] end
if side__has_lines(flags[i]) then forget_sides(ids[i]) end
end
end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
end
function forget__jobs(ids, flags)
if #ids == 0 then return end
forget_extras(ids, flags)
redis.call('HDEL', base .. ':j', unpack(ids))
redis.call('HDEL', base .. ':m', unpack(ids))
redis.call('HDEL', base .. ':o', unpack(ids))
redis.call('HDEL', base .. ':e', unpack(ids))
end
end
local stats__LETTERS, stats__count, stats__count_job, stats__day, stats__known_name, stats__note_day, stats__flush
do
local DAY_MS, MINUTE_MS, DAY_MINUTES = 86400000, 60000, 1440
local MAX_NAMES = 1000
local REST_NAME = '*'
stats__LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }
local counted, order = {}, {}
function stats__count(name, letter, n)
if n == 0 then return end
local counts = counted[name]
if not counts then counts = {}; counted[name] = counts; order[#order + 1] = name end
counts[letter] = (counts[letter] or 0) + n
end
function stats__count_job(job, letter)
local name = job.name
if not name or name == '' then name = record__name(redis.call('HGET', base .. ':j', job.id)) end
job.called = name
stats__count(name, letter, 1)
end
function stats__day(at) return math.floor(at / DAY_MS) end
function stats__known_name(name, day)
local last = redis.call('ZSCORE', base .. ':sm', name)
if not last and redis.call('ZCARD', base .. ':sm') >= MAX_NAMES then name = REST_NAME end
if not last or tonumber(last) < day then redis.call('ZADD', base .. ':sm', day, name) end
return name
end
function stats__note_day(day) redis.call('ZADD', base .. ':sd', day, day) end
local function add_to_minute(at, totals)
local minute = math.floor(at / MINUTE_MS)
local field, counts = minute % DAY_MINUTES, {}
local stored = redis.call('HGET', base .. ':mi', field)
local since, rest = string.match(stored or '', '^(%d+)(.*)$')
if since and tonumber(since) > minute then return end
if tonumber(since) ~= minute then rest = '' end
for n in string.gmatch(rest, '%d+') do counts[#counts + 1] = tonumber(n) end
for i, letter in ipairs(stats__LETTERS) do counts[i] = string.format('%.0f', (counts[i] or 0) + (totals[letter] or 0)) end
redis.call('HSET', base .. ':mi', field, string.format('%.0f', minute) .. ',' .. table.concat(counts, ','))
end
function stats__flush(at)
if #order == 0 then return end
local day, totals = stats__day(at), {}
local key = base .. ':st:' .. day
stats__note_day(day)
for _, name in ipairs(order) do
local known = stats__known_name(name, day)
for letter, n in pairs(counted[name]) do
redis.call('HINCRBY', key, known .. '\\t' .. letter, n)
totals[letter] = (totals[letter] or 0) + n
end
end
for letter, n in pairs(totals) do
redis.call('HINCRBY', key, '\\t' .. letter, n)
redis.call('HINCRBY', base .. ':st:' .. 'all', '\\t' .. letter, n)
end
add_to_minute(at, totals)
counted, order = {}, {}
end
end
local unique__key, unique__release
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
local finish__push, finish__flush
do
local AWAITED_MS = 60000
local ended = {}
function finish__push(job) ended[#ended + 1] = job end
local function own_age(job)
local ages = job.facts ~= '' and record__fact(job.facts, 'k')
return ages and tonumber(string.match(ages, job.letter == 'c' and '^(%d+):' or ':(%d+)$')) or nil
end
local function tell_waiters(waiting, id, outcome)
for channel in string.gmatch(string.match(waiting, '\\t(.*)$'), '%S+') do
redis.call('PUBLISH', channel, id .. '\\t' .. outcome)
end
redis.call('HDEL', base .. ':aw', id)
end
local function waiting_for(bits)
if not string.find(bits, 'a', 1, true) then return {} end
local ids = {}
for i = 1, #ended do ids[i] = ended[i].id end
return redis.call('HMGET', base .. ':aw', unpack(ids))
end
local DONE = 'done'
local function home(job, is_awaited, drop, now)
local age = own_age(job)
local state = record__STATES[job.letter]
local dropped = age == 0 or (not age and string.find(drop, job.letter, 1, true))
if is_awaited and (dropped or (age and age < AWAITED_MS)) then age, dropped = AWAITED_MS, false end
if dropped then return nil end
if age then return base .. ':y:' .. state, string.format('%.0f', now + age) end
if is_awaited then return base .. ':y:' .. state, string.format('%.0f', now + AWAITED_MS - 1) .. '.5' end
if job.letter == 'c' then return DONE end
return base .. ':f:' .. state, string.format('%.0f', now)
end
local function add(lists, key, a, b)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
list[#list + 1] = a
list[#list + 1] = b
end
function finish__flush(now, bits, drop)
if #ended == 0 then return end
local gone, gone_with, flags, flagged, texts, sets, done = {}, {}, {}, {}, {}, {}, {}
local waiting = waiting_for(bits)
local at = string.format('%.0f', now)
for i = 1, #ended do
local job = ended[i]
if job.letter ~= 'c' then stats__count_job(job, job.letter) end
local key, score = home(job, waiting[i], drop, now)
if key then
local outcome = job.letter .. at .. ',' .. job.attempt .. ',' .. job.duration .. '\\n' .. job.body
texts[#texts + 1] = job.id
texts[#texts + 1] = outcome
if key == DONE then done[#done + 1] = record__entry(job.id, job.place or '0')
else add(sets, key, score, job.id) end
failures__enter(job, at)
if waiting[i] then tell_waiters(waiting[i], job.id, outcome) end
elseif record__has(job.facts, 'H') then
gone_with[#gone_with + 1] = job.id
flags[#gone_with] = record__flags(job.facts)
else gone[#gone + 1] = job.id end
if key and record__has(job.facts, 'H') then flagged[#flagged + 1] = job.id end
unique__release(job.id, job.facts)
events__push(job.letter, job.id, job.name)
end
if #gone > 0 then redis.call('HDEL', base .. ':j', unpack(gone)) end
forget__jobs(gone_with, flags)
if #flagged > 0 then redis.call('HDEL', base .. ':e', unpack(flagged)) end
if #texts > 0 then redis.call('HSET', base .. ':o', unpack(texts)) end
for i = 1, #sets do redis.call('ZADD', sets[i], unpack(sets[sets[i]])) end
completed__append(done)
failures__flush()
stats__flush(now)
ended = {}
end
end
local history__note, history__flush
do
local MAX_ENTRIES = 100
local MAX_TEXT = 500
local noted = {}
local function append(id, entry)
local key = base .. ':hs:' .. id
if redis.call('RPUSH', key, entry) <= MAX_ENTRIES then return end
local first = redis.call('LPOP', key)
redis.call('LPOP', key)
redis.call('LPUSH', key, first)
end
local function worker_of(epoch)
local info = redis.call('HGET', base .. ':ws', epoch)
return info and string.match(info, '"name":"([^"\\\\%c]+)"') or epoch
end
local function mark(header)
if not record__has(header.flags, 'Y') then header.flags = header.flags .. 'Y' end
end
function history__note(e, row, letter, attempt, body)
mark(row.header)
noted[#noted + 1] = { e = e, letter = letter, attempt = attempt, body = letter == 'c' and '' or body }
end
function history__flush(epoch, now)
if #noted == 0 then return end
local worker, at = worker_of(epoch), string.format('%.0f', now)
for _, note in ipairs(noted) do
local head = table.concat({ note.letter .. at, note.attempt, note.e.duration, worker, note.e.kind or '' }, '\\t')
append(note.e.id, head .. '\\n' .. string.sub(note.body, 1, MAX_TEXT))
end
noted = {}
end
end
local limits__freed
do
local function has(bits) return string.find(bits, 'l', 1, true) ~= nil end
function limits__freed(n, bits)
if n == 0 or not has(bits) then return end
local limit = tonumber(redis.call('HGET', base .. ':q', 'concurrency'))
if not limit then return end
local active = redis.call('HINCRBY', base .. ':q', 'active', -n)
if active < limit and active + n >= limit then wake__freed(1) end
end
end
local resources__facts, resources__fits, resources__promise, resources__release
do
local known = {}
local function facts_of(name)
if known[name] then return known[name] end
local limits = redis.call('HMGET', string.match(base, '^.-}') .. ':rm', name, '\\tdefault')
known[name] = { limit = tonumber(limits[1] or limits[2]) or false, used = tonumber(redis.call('HGET', string.match(base, '^.-}') .. ':ru', name)) or 0 }
return known[name]
end
function resources__facts(name) return facts_of(name) end
function resources__fits(name, amount)
local facts = facts_of(name)
return not facts.limit or facts.used + amount <= facts.limit
end
function resources__promise(name, amount) facts_of(name).used = facts_of(name).used + amount end
function resources__release(entries)
local ids, names, seen = {}, {}, {}
for i = 1, #entries do
if record__has(entries[i].facts, 'R') then ids[#ids + 1] = entries[i].id end
end
local texts = #ids > 0 and redis.call('HMGET', base .. ':x', unpack(ids)) or {}
for i = 1, #ids do
for _, use in ipairs(lines__uses(side__parse(texts[i] or '').r or {})) do
local left = redis.call('HINCRBY', string.match(base, '^.-}') .. ':ru', use.name, -use.amount)
if left <= 0 then redis.call('HDEL', string.match(base, '^.-}') .. ':ru', use.name) end
known[use.name] = nil
if not seen[use.name] then seen[use.name] = true; names[#names + 1] = use.name end
end
end
return names
end
end
local serving__serve
do
local BUDGET = 1000
local PAGE = 100
local left = BUDGET
local promised = {}
local function own_queue() return elsewhere__own_name() or '' end
local function amount_of(who, name)
local said
elsewhere__run(who.queue, function() said = side__of(who.id) end)
for _, use in ipairs(lines__uses(said.r or {})) do
if use.name == name then return use.amount end
end
end
local function choose(name, calls, are_too_much)
local limit = resources__facts(name).limit
for _, who in ipairs(lines__first(name, math.min(PAGE, left), are_too_much)) do
left = left - 1
local amount = amount_of(who, name)
if not amount then lines__strike(name, who)
elseif limit and amount > limit then
if are_too_much then return end
else
if not resources__fits(name, (promised[name] or 0) + amount) then return end
if who.queue ~= own_queue() then resources__promise(name, amount)
else promised[name] = (promised[name] or 0) + amount end
end
if amount then
calls[who.queue] = calls[who.queue] or {}
table.insert(calls[who.queue], who.id)
end
end
end
local function call(queue, ids)
local is_own = queue == own_queue()
elsewhere__run(queue, function()
local rows = {}
for i, id in ipairs(ids) do
lines__leave(id)
rows[i] = record__row(id, redis.call('HGET', base .. ':m', id), '')
end
ready__put_front(rows, redis.call('HGET', base .. ':q', 'bits') or '')
if not is_own then wake__some(#ids) end
end)
if is_own then wake__freed(#ids) end
end
function serving__serve(names)
local calls = {}
for _, name in ipairs(names) do
if left > 0 then choose(name, calls, true) end
if left > 0 then choose(name, calls, false) end
end
for queue, ids in pairs(calls) do call(queue, ids) end
end
end
local leave__apply
do
local MAX_STALLS = 3
local STALLED = '{"name":"JobStalledError","code":"JOB_STALLED","kind":"stalled","message":"The process that ran the job vanished, each time it was tried."}'
local headers, errors, front, delayed, retrying
local stalled = {}
local function save(row) headers[#headers + 1] = row.id; headers[#headers + 1] = record__header_text(row.header) end
local function finish_as(letter, e, row, body)
local h = row.header
local facts = e.facts
local charged = 1
if letter == 'f' or letter == 't' then
h.failures = h.failures + (e.how == 's' and 0 or 1)
charged = 0
end
local attempt = h.failures + h.stalls + charged
if letter ~= 'c' or record__has(h.flags, 'Y') then
history__note(e, row, letter, attempt, body)
save(row)
facts = facts .. 'H' .. h.flags
end
if letter ~= 'c' and letter ~= 'x' and record__has(facts, 'f') then failure__note(e.id, facts) end
finish__push({ id = e.id, letter = letter, facts = facts, attempt = attempt,
duration = e.duration, body = body, name = e.name, place = h.place, kind = e.kind })
end
local function later(e, row, now)
local h = row.header
history__note(e, row, e.how, h.failures + h.stalls + 1, e.body)
if e.how == 'r' then h.failures, h.uncounted = h.failures + 1, 0 else h.uncounted = h.uncounted + 1 end
if e.how == 'r' then stats__count_job(e, 'r') end
save(row)
if e.body ~= '' then errors[#errors + 1] = e.id; errors[#errors + 1] = e.body end
local set = e.how == 'z' and delayed or retrying
set[#set + 1] = string.format('%.0f', now + e.delay)
set[#set + 1] = e.id
events__push(e.how == 'z' and 'd' or 'r', e.id, e.name)
end
local function reclaim(e, row)
local h = row.header
if record__has(e.facts, 'M') then
h.stalls = h.stalls + 1
stats__count_job(e, 's')
local limit = tonumber(record__fact(e.facts, 's')) or MAX_STALLS
if h.stalls >= limit then
stalled[#stalled + 1] = e.id
e.kind = 'stalled'
return finish_as('f', e, row, STALLED)
end
end
if not record__has(h.flags, 'S') then h.flags = h.flags .. 'S' end
if record__has(e.facts, 'M') then history__note(e, row, 's', h.failures + h.stalls, '') end
save(row)
front[#front + 1] = row
events__push('s', e.id, e.name)
end
local function set_aside(e, row)
if row.priority ~= 0 then save(row) end
aside__put(e.name, e.id)
events__push('n', e.id, e.name)
end
local function move(e, row, now)
if e.how == 'r' or e.how == 'u' or e.how == 'z' then later(e, row, now)
elseif e.how == 's' then reclaim(e, row)
elseif e.how == 'g' then front[#front + 1] = row; events__push('w', e.id, e.name)
elseif e.how == 'n' then set_aside(e, row)
elseif e.how == 'm' then return
elseif e.how == 'a' then aggregation__join(e, row)
else finish_as(e.how, e, row, e.body) end
end
function leave__apply(epoch, entries, now, bits, drop)
if #entries == 0 then return end
local ids, odd = {}, {}
for i = 1, #entries do
local e = entries[i]
ids[i] = e.id
if e.how ~= 'c' or record__has(e.facts, 'H') then odd[#odd + 1] = e.id end
end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
limits__freed(#ids, bits)
if string.find(bits, 'o', 1, true) then groups__release(entries) end
local freed = string.find(bits, 'w', 1, true) and resources__release(entries) or {}
headers, errors, front, delayed, retrying = {}, {}, {}, {}, {}
local stored = #odd > 0 and redis.call('HMGET', base .. ':m', unpack(odd)) or {}
local n = 0
for i = 1, #entries do
local e = entries[i]
if e.how ~= 'c' or record__has(e.facts, 'H') then
n = n + 1
move(e, record__row(e.id, stored[n], e.facts), now)
else finish__push({ id = e.id, letter = 'c', facts = e.facts, attempt = 1, duration = e.duration, body = e.body, name = e.name }) end
end
if #headers > 0 then redis.call('HSET', base .. ':m', unpack(headers)) end
history__flush(epoch, now)
stats__flush(now)
finish__flush(now, bits, drop)
if #errors > 0 then redis.call('HSET', base .. ':e', unpack(errors)) end
if #delayed > 0 then redis.call('ZADD', base .. ':d', unpack(delayed)) end
if #retrying > 0 then redis.call('ZADD', base .. ':t', unpack(retrying)) end
serving__serve(freed)
ready__put_front(front, bits)
wake__some(#front)
aggregation__flush(now, bits)
failure__flush(now, bits)
end
local function release(epoch, plain)
local ids = {}
for i = 1, #plain, 2 do ids[#ids + 1] = plain[i] end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
return ids
end
end
local sweep__empty
function sweep__empty(epoch, how, budget, now, bits, drop)
local key = base .. ':h:' .. epoch
local entries, seen, cursor = {}, {}, '0'
repeat
local page = redis.call('HSCAN', key, cursor, 'COUNT', budget)
cursor = page[1]
for i = 1, #page[2], 2 do
local id, value = page[2][i], page[2][i + 1]
if string.byte(id) ~= 9 and #entries < budget and not seen[id] then
seen[id] = true
local run = holds__entry(id, value)
run.how, run.duration, run.body = how, 0, ''
entries[#entries + 1] = run
end
end
until cursor == '0' or #entries >= budget
holds__sort(entries)
redis.call('SREM', base .. ':i', epoch)
leave__apply(epoch, entries, now, bits, drop)
if #entries < budget then
redis.call('DEL', key)
redis.call('ZREM', base .. ':L', epoch)
redis.call('HDEL', base .. ':ws', epoch)
redis.call('HDEL', base .. ':wk', epoch)
end
return #entries
end
local given = sweep__empty(epoch, 'g', 1000, now, meta[1] or '', meta[2] or '')
events__flush(meta[1] or '', now)
return { 'OK', given == 1000 and 1 or 0 }
`,
  encode(args) {
    return [nowArg('close', args.now), args.epoch];
  },
  decode(raw) {
    const parts = replyParts('close', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          left: intPart('close', parts, 1),
        };
      default:
        throw unknownCode('close', parts);
    }
  },
};

/** Arguments of `configure`. */
export interface ConfigureArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /**
   * An empty value takes the field away.
   * Rows, as one flat list: name, value.
   */
  readonly fields: readonly string[];
}

/**
 * What `configure` replies.
 * - `OK`: the queue's meta: name, value, name, value …
 */
export type ConfigureReply = {
  readonly code: 'OK';
  readonly fields: readonly string[];
};

/**
 * Change what all workers of the queue obey: lease (ms), grace (ms that a lease may be late), keep:<state> (count,age in ms; an
 * empty part is no bound), concurrency (how many jobs run at once, over all workers), rate (count,ms: how many start in a time),
 * group:concurrency and group:rate (the same of each group), stats (for how many days they are kept), listening (ms from now for
 * which events are wanted). Without fields it only says what holds. Workers are told of what has changed.
 *
 * Keys: `L`, `ev`, `g:<group>`, `gl`, `gn`, `h:<epoch>`, `i`, `n`, `q`, `rl`, `w:<epoch>`
 * Events: `g`, `i`
 */
export const configure: Script<ConfigureArgs, ConfigureReply> = {
  name: 'configure',
  repeat: 'natural',
  sha1: '5043fb438618f52d401d2915c5941c2dc27365ef',
  source: `local base = KEYS[1]
local now_arg = ARGV[1]
local REST = 2
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 2)
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local KEEP, LIMIT, RATE = '^%d*,%d*$', '^[1-9]%d*$', '^[1-9]%d*,[1-9]%d*$'
local ALLOWED = { lease = LIMIT, grace = '^%d+$', ['keep:completed'] = KEEP, ['keep:failed'] = KEEP, ['keep:timed_out'] = KEEP,
['keep:broken'] = KEEP, ['keep:cancelled'] = KEEP, listening = '^%d+$', concurrency = LIMIT, rate = RATE,
['group:concurrency'] = LIMIT, ['group:rate'] = RATE, stats = '^[1-9]%d?%d?%d?$' }
local NEEDS = { listening = 'e', concurrency = 'l', rate = 'l', ['group:concurrency'] = 'o', ['group:rate'] = 'o' }
local wanted = {}
for i = REST, #ARGV, 2 do
local form, value = ALLOWED[ARGV[i]], ARGV[i + 1]
if not form then refuse__with('INVALID_OPTION', 'There is no setting "' .. ARGV[i] .. '".') end
if value ~= '' and (#value > 32 or not string.find(value, form)) then
refuse__with('INVALID_OPTION', 'The setting "' .. ARGV[i] .. '" cannot be "' .. value .. '".')
end
if value ~= '' and NEEDS[ARGV[i]] then wanted[NEEDS[ARGV[i]]] = true end
end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local features__is_understood, features__enable
do
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1 }
function features__is_understood(letter)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local open = redis.call('HGET', base .. ':h:' .. epoch, '\\topen')
if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
end
return true
end
function features__enable(bits, letter)
if string.find(bits, letter, 1, true) then return bits end
if not features__is_understood(letter) then
refuse__with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
end
bits = bits .. letter
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
end
if wanted.e and not string.find(bits, 'e', 1, true) then
bits = features__enable(bits, 'e')
events__push('g', '')
end
if wanted.l then bits = features__enable(bits, 'l') end
if wanted.o then bits = features__enable(bits, 'o') end
local changed = {}
for i = REST, #ARGV, 2 do
local name, value = ARGV[i], ARGV[i + 1]
local before = redis.call('HGET', base .. ':q', name) or ''
if value ~= '' and name == 'listening' then value = string.format('%.0f', now + value)
elseif value ~= before then changed[#changed + 1] = name end
if value == '' then redis.call('HDEL', base .. ':q', name) else redis.call('HSET', base .. ':q', name, value) end
end
local drop = ''
for _, state in ipairs({ 'completed', 'failed', 'timed_out', 'broken', 'cancelled' }) do
local keep = redis.call('HGET', base .. ':q', 'keep:' .. state) or ''
if string.find(keep, '^0+,') or string.find(keep, ',0+$') then
drop = drop .. (state == 'cancelled' and 'x' or string.sub(state, 1, 1))
end
end
if #ARGV >= REST then redis.call('HSET', base .. ':q', 'drop', drop) end
local holds__ids
function holds__ids(epoch)
local ids = {}
for _, field in ipairs(redis.call('HKEYS', base .. ':h:' .. epoch)) do
if string.byte(field) ~= 9 then ids[#ids + 1] = field end
end
return ids
end
local limits__recount
function limits__recount()
local facts = redis.call('HMGET', base .. ':q', 'concurrency', 'rate')
if facts[1] then
local active = 0
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, -1)) do active = active + #holds__ids(epoch) end
redis.call('HSET', base .. ':q', 'active', active)
else redis.call('HDEL', base .. ':q', 'active') end
if not facts[2] then redis.call('DEL', base .. ':rl') end
return (facts[1] or facts[2]) and true or false
end
if string.find(bits, 'l', 1, true) and not limits__recount() then 
local features__disable
function features__disable(bits, letter)
if not string.find(bits, letter, 1, true) then return bits end
bits = string.gsub(bits, letter, '')
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
bits = features__disable(bits, 'l') end
if #changed > 0 then
local names = table.concat(changed, ',')
events__push('i', '', names)
if string.find(names, 'group:', 1, true) then 
local wake__some, wake__freed
do
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local is_later, freed = false, 0
function wake__freed(n)
if is_later then freed = freed + n else wake__some(n) end
end
end
local groups__regroup
do
local PART = 1000
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__regroup(after)
local names = redis.call('ZRANGEBYLEX', base .. ':gn', after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, PART)
local ready = {}
for i = 1, #names do
if redis.call('EXISTS', base .. ':g:' .. names[i]) == 1 then ready[#ready + 1] = names[i] end
end
wake__freed(join(ready))
if #names == PART then redis.call('HSET', base .. ':q', 'regroup', names[PART]) else redis.call('HDEL', base .. ':q', 'regroup') end
end
end
groups__regroup('') end
local wake__tell_all, wake__tell
function wake__tell_all(what)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do wake__tell(epoch, what) end
end
function wake__tell(epoch, what)
redis.call('PUBLISH', base .. ':w:' .. epoch, what)
end
wake__tell_all('c')
end
events__flush(bits, now)
return { 'OK', redis.call('HGETALL', base .. ':q') }
`,
  encode(args) {
    const argv = [nowArg('configure', args.now)];
    pushRows(argv, 'configure', 'fields', args.fields, 2);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('configure', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fields: stringsPart('configure', parts, 1),
        };
      default:
        throw unknownCode('configure', parts);
    }
  },
};

/** Arguments of `counts`. */
export interface CountsArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
}

/** What `counts` replies. */
export type CountsReply = {
  readonly code: 'OK';
  readonly waiting: number;
  readonly unclaimed: number;
  readonly delayed: number;
  readonly retrying: number;
  readonly active: number;
  readonly finished: readonly string[];
  readonly names: readonly string[];
  readonly aggregating: number;
};

/**
 * How many jobs are in each state, and how many of the waiting have no handler: sizes of collections; no
 * record is read.
 *
 * Keys: `L`, `ag`, `d`, `f:<state>`, `fc`, `gw`, `h:<epoch>`, `pn`, `pp`, `q`, `r`, `rf`, `t`, `u:<name>`, `un`, `wr`, `y:<state>`
 */
export const counts: Script<CountsArgs, CountsReply> = {
  name: 'counts',
  repeat: 'read',
  sha1: '03b04329c4f528eefa9c8f87f9a16f324366e7cd',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg = ARGV[1]
local meta = redis.call('HMGET', base .. ':q', 'ghosts', 'batches')
local waiting = redis.call('LLEN', base .. ':r') + redis.call('LLEN', base .. ':rf') - (tonumber(meta[1]) or 0) - (tonumber(meta[2]) or 0)
+ redis.call('ZCARD', base .. ':pp') + redis.call('ZCARD', base .. ':pn') + redis.call('ZCARD', base .. ':wr')
+ redis.call('ZCARD', base .. ':gw')
local unclaimed, names = 0, {}
for _, name in ipairs(redis.call('SMEMBERS', base .. ':un')) do
local n = redis.call('ZCARD', base .. ':u:' .. name)
unclaimed = unclaimed + n
names[#names + 1] = name
names[#names + 1] = tostring(n)
end
local active = 0
local holds__count
do
local OWN = { '\\topen', '\\ttable', '\\ttaken', '\\tpause', '\\tgrace', '\\tlate', '\\tleased' }
function holds__count(epoch)
local fields = redis.call('HLEN', base .. ':h:' .. epoch)
if fields == 0 then return 0 end
local own = redis.call('HMGET', base .. ':h:' .. epoch, '\\tslots', unpack(OWN))
local slots = own[1] and tonumber(own[1]) + 1 or 0
fields = fields - slots
for i = 2, #OWN + 1 do
if own[i] then fields = fields - 1 end
end
return fields
end
end
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, -1)) do active = active + holds__count(epoch) end
local finished = {}
local completed__count
function completed__count()
return redis.call('LLEN', base .. ':fc') - (tonumber(redis.call('HGET', base .. ':q', 'gone')) or 0)
end
for _, state in ipairs({ 'completed', 'failed', 'timed_out', 'broken', 'cancelled' }) do
local kept = state == 'completed' and completed__count() or redis.call('ZCARD', base .. ':f:' .. state)
finished[#finished + 1] = tostring(kept + redis.call('ZCARD', base .. ':y:' .. state))
end
return { 'OK', waiting + unclaimed, unclaimed, redis.call('ZCARD', base .. ':d'), redis.call('ZCARD', base .. ':t'), active, finished, names,
redis.call('ZCARD', base .. ':ag') }
`,
  encode(args) {
    return [nowArg('counts', args.now)];
  },
  decode(raw) {
    const parts = replyParts('counts', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          waiting: intPart('counts', parts, 1),
          unclaimed: intPart('counts', parts, 2),
          delayed: intPart('counts', parts, 3),
          retrying: intPart('counts', parts, 4),
          active: intPart('counts', parts, 5),
          finished: stringsPart('counts', parts, 6),
          names: stringsPart('counts', parts, 7),
          aggregating: intPart('counts', parts, 8),
        };
      default:
        throw unknownCode('counts', parts);
    }
  },
};

/** Arguments of `dayStats`. */
export interface DayStatsArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** Days since 1970, '' = today; `all` = counts of all days, for all names together. */
  readonly day: string;
  /** 100 at most. */
  readonly names: readonly string[];
}

/**
 * What `dayStats` replies.
 * - `OK`: nine values a name: counts of c f t b x r s, spreads of runs and of waits; null = none; without names, the names. day = today
 */
export type DayStatsReply = {
  readonly code: 'OK';
  readonly day: number;
  readonly rows: readonly (string | null)[];
};

/**
 * What was counted on a day (UTC) for names of jobs, '' for all. Without names: those that were counted on any day.
 *
 * Keys: `q`, `sm`, `st:<day>`
 */
export const dayStats: Script<DayStatsArgs, DayStatsReply> = {
  name: 'day-stats',
  repeat: 'read',
  sha1: 'c2f8e28a7a64f88ecf0b746c6979f49f64a79a90',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, day = ARGV[1], ARGV[2]
local REST = 3
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local stats__day
do
local DAY_MS, MINUTE_MS, DAY_MINUTES = 86400000, 60000, 1440
function stats__day(at) return math.floor(at / DAY_MS) end
end
local today = stats__day(now)
if day ~= 'all' and not string.find(day, '^%d?%d?%d?%d?%d?%d?$') then refuse__call('The day is no number of days since 1970.') end
if #ARGV - REST + 1 > 100 then refuse__call('More than 100 names in one call.') end
if #ARGV < REST then return { 'OK', today, redis.call('ZRANGE', base .. ':sm', 0, -1) } end
local rows = {}
local stats__LETTERS, stats__read
stats__LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }
function stats__read(day, name)
local fields = {}
for i, letter in ipairs(stats__LETTERS) do fields[i] = name .. '\\t' .. letter end
fields[#fields + 1] = name .. '\\tR'
fields[#fields + 1] = name .. '\\tW'
return redis.call('HMGET', base .. ':st:' .. day, unpack(fields))
end
for i = REST, #ARGV do
for _, value in ipairs(stats__read(day == '' and today or day, ARGV[i])) do rows[#rows + 1] = value end
end
return { 'OK', today, rows }
`,
  encode(args) {
    const argv = [nowArg('day-stats', args.now), args.day];
    pushRows(argv, 'day-stats', 'names', args.names, 1);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('day-stats', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          day: intPart('day-stats', parts, 1),
          rows: nullableStringsPart('day-stats', parts, 2),
        };
      default:
        throw unknownCode('day-stats', parts);
    }
  },
};

/** Arguments of `declare`. */
export interface DeclareArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** 1 = the queue lives under virtual time (tests). */
  readonly virtual: number;
}

/** What `declare` replies. */
export type DeclareReply = {
  readonly code: 'OK';
  readonly format: number;
  readonly virtual: number;
  readonly bits: string;
};

/**
 * Make sure that the queue's meta exists, and say what it is. `virtual` counts only when the queue is new.
 *
 * Keys: `q`
 */
export const declare: Script<DeclareArgs, DeclareReply> = {
  name: 'declare',
  repeat: 'natural',
  sha1: '0c81c7a0d7541c4ebdfc83f3edc6eefd59bb4a41',
  source: `local base = KEYS[1]
local now_arg, virtual = ARGV[1], tonumber(ARGV[2])
local refuse__with, refuse__call, refuse__unless_int
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('virtual', virtual, 0, 1)
redis.call('HSETNX', base .. ':q', 'virtual', redis.call('EXISTS', base .. ':q') == 0 and virtual or 0)
redis.call('HSETNX', base .. ':q', 'format', '1')
local facts = redis.call('HMGET', base .. ':q', 'format', 'virtual', 'bits')
return { 'OK', facts[1], facts[2], facts[3] or '' }
`,
  encode(args) {
    return [nowArg('declare', args.now), intArg('declare', 'virtual', args.virtual)];
  },
  decode(raw) {
    const parts = replyParts('declare', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          format: intPart('declare', parts, 1),
          virtual: intPart('declare', parts, 2),
          bits: stringPart('declare', parts, 3),
        };
      default:
        throw unknownCode('declare', parts);
    }
  },
};

/** Arguments of `discard`. */
export interface DiscardArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  /** Group or state. */
  readonly what: string;
  /** The group; failed, timed_out, broken or cancelled. */
  readonly value: string;
  /** 0 = now; what the first reply said in all further calls. */
  readonly untilMs: number;
  /** '' = from the oldest on, else what the last reply said. */
  readonly cursor: string;
  /** 0 only counts; 500 at most. */
  readonly limit: number;
}

/**
 * What `discard` replies.
 * - `OK`: cursor '' = that was all; at = `until_ms` of this call; left = how many there are still
 */
export type DiscardReply =
  | {
      readonly code: 'OK';
      readonly done: number;
      readonly passed: number;
      readonly cursor: string;
      readonly at: number;
      readonly left: number;
    }
  | { readonly code: 'OLD' };

/**
 * Forget the finished jobs of a group of failures, or of a state, for good, as `remove` does: the oldest first, so many a
 * call. Those that ended later than `until_ms` stay.
 *
 * Keys: `^rn`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `d`, `e`, `f:<state>`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `hs:<id>`, `ids`, `j`, `l`, `lz`, `m`, `o`, `pn`, `pp`, `q`, `s:<id>`, `t`, `tc`, `tg:<tag>`, `u:<name>`, `uk`, `un`, `uz`, `wr`, `x`, `y:<state>`
 */
export const discard: Script<DiscardArgs, DiscardReply> = {
  name: 'discard',
  repeat: 'lane',
  sha1: 'd3aeee0481e7357e127a5ecdfa77392cde26f44f',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, lane_id, seq, what, value, until_ms, cursor, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7], tonumber(ARGV[8])
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if not again then
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(redis.call('HGET', base .. ':q', 'bits') or '')
local record__STATES
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
local refuse__unless_int, refuse__unless_name
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local listing__refuse_cursor, listing__rank_after
function listing__refuse_cursor()
refuse__with('INVALID_OPTION', 'The cursor is none of this list. Go on with that of its last page, or begin without one.')
end
function listing__rank_after(key, cursor, reverse)
if cursor == '' then return 0 end
local score, id = string.match(cursor, '^(%d+%.?%d*)/(.*)$')
if not score then listing__refuse_cursor() end
local rank = reverse and redis.call('ZREVRANK', key, id) or (not reverse and redis.call('ZRANK', key, id))
if rank then return rank + 1 end
if reverse then return redis.call('ZCOUNT', key, '(' .. score, '+inf') end
return redis.call('ZCOUNT', key, '-inf', '(' .. score)
end
local bulk__check, bulk__each
do
local MAX_BYTES = 1048576
local STATES = { failed = true, timed_out = true, broken = true, cancelled = true }
function bulk__check(what, value, limit)
refuse__unless_int('limit', limit, 0, 500)
if what == 'group' then return refuse__unless_name('group', value) end
if what ~= 'state' or not STATES[value] then
refuse__call('Jobs are chosen by group, or by state failed, timed_out, broken or cancelled.')
end
end
local function ended_by(outcome, most)
return outcome and tonumber(string.match(outcome, '^%a(%d+)')) <= most
end
function bulk__each(what, value, cursor, limit, most, act)
local done, passed, bytes = 0, 0, 0
local own = string.match(cursor, '^own:(.*)$')
local key = what == 'group' and base .. ':fe:' .. value or (own and (base .. ':y:') or (base .. ':f:')) .. value
local prefix = own and 'own:' or ''
local from = listing__rank_after(key, own or cursor, false)
local page = redis.call('ZRANGE', key, from, from + limit - 1, 'WITHSCORES')
for i = 1, #page, 2 do
local id, outcome = page[i], redis.call('HGET', base .. ':o', page[i])
if not own and tonumber(page[i + 1]) > most then page = {}; break end
cursor = prefix .. page[i + 1] .. '/' .. id
bytes = bytes + redis.call('HSTRLEN', base .. ':j', id) + #outcome
local found = ended_by(outcome, most) and { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome }
if found and act(id, found) then done = done + 1 else passed = passed + 1 end
if bytes > MAX_BYTES then return cursor, done, passed end
end
if #page == 2 * limit then return cursor, done, passed end
return what == 'state' and not own and 'own:' or '', done, passed
end
end
bulk__check(what, value, limit)
refuse__unless_int('until_ms', until_ms, 0, 9007199254740991)
local most = until_ms == 0 and now or until_ms
local record__FORMAT, record__facts, record__fact, record__has, record__header
record__FORMAT = '1'
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
local completed__left
function completed__left() redis.call('HINCRBY', base .. ':q', 'gone', 1) end
local side__parse, side__of, side__has_lines
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
function side__has_lines(flags) return string.find(flags, '[TRG]') ~= nil end
local tags__drop
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
local forget__jobs
do
local function forget_sides(id)
local said = side__of(id)
if said.t then tags__drop(id, said.t) end
redis.call('HDEL', base .. ':x', id)
end
local function forget_extras(ids, flags)
local keys = {}
for i = 1, #ids do
if flags[i] ~= '' then
if record__has(flags[i], 'N') then keys[#keys + 1] = base .. ':s:' .. ids[i] end
if record__has(flags[i], 'Y') then keys[#keys + 1] = base .. ':hs:' .. ids[i] end
if side__has_lines(flags[i]) then forget_sides(ids[i]) end
end
end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
end
function forget__jobs(ids, flags)
if #ids == 0 then return end
forget_extras(ids, flags)
redis.call('HDEL', base .. ':j', unpack(ids))
redis.call('HDEL', base .. ':m', unpack(ids))
redis.call('HDEL', base .. ':o', unpack(ids))
redis.call('HDEL', base .. ':e', unpack(ids))
end
end
local unique__key, unique__release
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
local groups__forget_if_empty, groups__drop
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
local elsewhere__own_name
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
end
local lines__uses, lines__leave
do
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
end
local ready__drop
function ready__drop(id)
if lines__leave(id) or groups__drop(id) then return true end
if redis.call('ZREM', base .. ':pp', id) + redis.call('ZREM', base .. ':pn', id) > 0 then return true end
redis.call('HINCRBY', base .. ':q', 'ghosts', 1)
return false
end
local aggregation__read, aggregation__withdraw
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
function aggregation__withdraw(id, number)
redis.call('ZREM', base .. ':ag', id)
redis.call('LREM', base .. ':ab:' .. number, 1, id)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return end
local _, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':af', number)
if redis.call('ZREM', base .. ':ad', number) == 1 then redis.call('HDEL', base .. ':ao', identity)
else
redis.call('HINCRBY', base .. ':q', 'batches', -1)
ready__drop('\\tb' .. number)
end
end
local aside__drop
do
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__drop(name, id)
redis.call('ZREM', base .. ':u:' .. name, id)
forget_if_empty(name)
end
end
local failures__left
do
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local withdraw__from
function withdraw__from(id, found)
if found.outcome then
redis.call('HDEL', base .. ':o', id)
if found.state ~= 'completed' and found.state ~= 'cancelled' then failures__left({ id }) end
if redis.call('ZREM', base .. ':y:' .. found.state, id) == 1 then return false end
if found.state == 'completed' then
completed__left()
return true
end
redis.call('ZREM', base .. ':f:' .. found.state, id)
elseif found.state == 'delayed' then redis.call('ZREM', base .. ':d', id)
elseif found.state == 'retrying' then redis.call('ZREM', base .. ':t', id)
elseif found.batch then aggregation__withdraw(id, found.batch)
elseif found.unclaimed then aside__drop(found.unclaimed, id)
else return not ready__drop(id) end
return false
end
local erase__job
function erase__job(id, found)
withdraw__from(id, found)
if not found.outcome then unique__release(id, record__facts(redis.call('HGET', base .. ':j', id))) end
forget__jobs({ id }, { record__header(redis.call('HGET', base .. ':m', id)).flags })
redis.call('ZREM', base .. ':ids', id)
end
local function act(id, found) erase__job(id, found); return true end
local next_cursor, done, passed = '', 0, 0
if limit > 0 then next_cursor, done, passed = bulk__each(what, value, cursor, limit, most, act) end
local bulk__count
function bulk__count(what, value, most)
local upto = string.format('%.0f', most)
if what == 'group' then return redis.call('ZCOUNT', base .. ':fe:' .. value, '-inf', upto) end
return redis.call('ZCOUNT', base .. ':f:' .. value, '-inf', upto) + redis.call('ZCARD', base .. ':y:' .. value)
end
answer = table.concat({ done, passed, string.format('%.0f', most), bulk__count(what, value, most), next_cursor }, '\\t')
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), answer)
end
local done, passed, at, left, next_cursor = string.match(answer, '^(%d+)\\t(%d+)\\t(%d+)\\t(%d+)\\t(.*)$')
return { 'OK', done, passed, next_cursor, at, left }
`,
  encode(args) {
    return [
      nowArg('discard', args.now),
      args.laneId,
      intArg('discard', 'seq', args.seq),
      args.what,
      args.value,
      intArg('discard', 'untilMs', args.untilMs),
      args.cursor,
      intArg('discard', 'limit', args.limit),
    ];
  },
  decode(raw) {
    const parts = replyParts('discard', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          done: intPart('discard', parts, 1),
          passed: intPart('discard', parts, 2),
          cursor: stringPart('discard', parts, 3),
          at: intPart('discard', parts, 4),
          left: intPart('discard', parts, 5),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('discard', parts);
    }
  },
};

/** Arguments of `drain`. */
export interface DrainArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  /** Waiting, delayed or retrying. */
  readonly state: string;
  /** 1 to 500. */
  readonly limit: number;
}

/** What `drain` replies. */
export type DrainReply =
  | {
      readonly code: 'OK';
      readonly done: number;
      readonly more: number;
    }
  | { readonly code: 'OLD' };

/**
 * Forget jobs that wait, for good, as `remove` does: of those that are ready the next ones first, so many a call.
 *
 * Keys: `^rn`, `^rw:<resource>`, `d`, `e`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `hs:<id>`, `ids`, `j`, `l`, `lz`, `m`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `s:<id>`, `t`, `tc`, `tg:<tag>`, `uk`, `uz`, `wr`, `x`
 */
export const drain: Script<DrainArgs, DrainReply> = {
  name: 'drain',
  repeat: 'lane',
  sha1: '7723f5c3973e4e1f9f311cd8013ff7bcc6e71001',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, lane_id, seq, state, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', string.match(answer, '^%d+'), string.match(answer, '%d+$') } end
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('limit', limit, 1, 500)
local SETS = { delayed = (base .. ':d'), retrying = (base .. ':t') }
if state ~= 'waiting' and not SETS[state] then refuse__call('What waits is waiting, delayed or retrying.') end
local side__parse, side__of
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
local groups__forget_if_empty, groups__drop, groups__first
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
function groups__first(n) return redis.call('ZRANGE', base .. ':gw', 0, n - 1) end
local elsewhere__own_name
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
end
local lines__uses, lines__leave, lines__waiting
do
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
function lines__waiting(n) return redis.call('ZRANGE', base .. ':wr', 0, n - 1) end
end
local ready__drain
do
local function pop_set(key, n, ids, places)
local popped = redis.call('ZPOPMIN', key, n)
for i = 1, #popped, 2 do
ids[#ids + 1] = popped[i]
places[#ids] = false
end
end
local function pop_list(key, n, ids, places)
local popped = redis.call('LPOP', key, n)
if not popped then return end
for i = 1, #popped do
local text, at = popped[i], string.find(popped[i], '\\t', 1, true)
ids[#ids + 1] = at and string.sub(text, 1, at - 1) or text
places[#ids] = at and string.sub(text, at + 1) or '0'
end
end
local function take(n, bits, ids, places)
n = #ids + n
local ordered = string.find(bits, 'p', 1, true)
if ordered then pop_set(base .. ':pp', n - #ids, ids, places) end
if #ids < n and string.find(bits, 'g', 1, true) then pop_list(base .. ':rf', n - #ids, ids, places) end
if #ids < n then pop_list(base .. ':r', n - #ids, ids, places) end
if #ids < n and ordered then pop_set(base .. ':pn', n - #ids, ids, places) end
end
function ready__drain(n, bits)
local ids, places = {}, {}
take(n, bits, ids, places)
for _, id in ipairs(#ids < n and groups__first(n - #ids) or {}) do
groups__drop(id)
ids[#ids + 1] = id
places[#ids] = false
end
for _, id in ipairs(#ids < n and lines__waiting(n - #ids) or {}) do
lines__leave(id)
ids[#ids + 1] = id
places[#ids] = false
end
return ids, places
end
end
local function take()
if state == 'waiting' then return ready__drain(limit, bits) end
local popped, ids, places = redis.call('ZPOPMIN', SETS[state], limit), {}, {}
for i = 1, #popped, 2 do
ids[#ids + 1] = popped[i]
places[#ids] = false
end
return ids, places
end
local ids, places = take()
local gone, flags, ghosts = {}, {}, 0
local stored = #ids > 0 and redis.call('HMGET', base .. ':m', unpack(ids)) or {}
local record__FORMAT, record__facts, record__fact, record__header, record__place
record__FORMAT = '1'
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__place(header)
return header and string.match(header, '^%w%d+,%d+,%d+,(%d+)') or '0'
end
local unique__key, unique__release
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
for i = 1, #ids do
local is_ghost = places[i] and (redis.call('HSTRLEN', base .. ':j', ids[i]) == 0 or places[i] ~= record__place(stored[i]))
if is_ghost then ghosts = ghosts + 1
else
unique__release(ids[i], record__facts(redis.call('HGET', base .. ':j', ids[i])))
gone[#gone + 1] = ids[i]
flags[#gone] = record__header(stored[i]).flags
end
end
if ghosts > 0 then redis.call('HINCRBY', base .. ':q', 'ghosts', -ghosts) end
local record__has
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
local side__has_lines
function side__has_lines(flags) return string.find(flags, '[TRG]') ~= nil end
local tags__drop
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
local forget__jobs
do
local function forget_sides(id)
local said = side__of(id)
if said.t then tags__drop(id, said.t) end
redis.call('HDEL', base .. ':x', id)
end
local function forget_extras(ids, flags)
local keys = {}
for i = 1, #ids do
if flags[i] ~= '' then
if record__has(flags[i], 'N') then keys[#keys + 1] = base .. ':s:' .. ids[i] end
if record__has(flags[i], 'Y') then keys[#keys + 1] = base .. ':hs:' .. ids[i] end
if side__has_lines(flags[i]) then forget_sides(ids[i]) end
end
end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
end
function forget__jobs(ids, flags)
if #ids == 0 then return end
forget_extras(ids, flags)
redis.call('HDEL', base .. ':j', unpack(ids))
redis.call('HDEL', base .. ':m', unpack(ids))
redis.call('HDEL', base .. ':o', unpack(ids))
redis.call('HDEL', base .. ':e', unpack(ids))
end
end
forget__jobs(gone, flags)
if #gone > 0 then redis.call('ZREM', base .. ':ids', unpack(gone)) end
local more = #ids == limit and 1 or 0
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), #gone .. ',' .. more)
return { 'OK', #gone, more }
`,
  encode(args) {
    return [
      nowArg('drain', args.now),
      args.laneId,
      intArg('drain', 'seq', args.seq),
      args.state,
      intArg('drain', 'limit', args.limit),
    ];
  },
  decode(raw) {
    const parts = replyParts('drain', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          done: intPart('drain', parts, 1),
          more: intPart('drain', parts, 2),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('drain', parts);
    }
  },
};

/** Arguments of `dueSchedules`. */
export interface DueSchedulesArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** So many are passed over, so that workers which look at once need not take the same. */
  readonly skip: number;
  /** 1 to 100. */
  readonly limit: number;
}

/**
 * What `dueSchedules` replies.
 * - `OK`: as of `get-schedules`
 */
export type DueSchedulesReply = {
  readonly code: 'OK';
  readonly now: number;
  readonly rows: readonly string[];
};

/**
 * Schedules whose time has come, the most overdue first, and the time.
 *
 * Keys: `q`, `sc`, `sn`, `sp`
 */
export const dueSchedules: Script<DueSchedulesArgs, DueSchedulesReply> = {
  name: 'due-schedules',
  repeat: 'read',
  sha1: '8beea71389af134c79956c2265e9d9a508934d1a',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, skip, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('skip', skip, 0, 9007199254740991)
refuse__unless_int('limit', limit, 1, 100)
local rows, at = {}, string.format('%.0f', now)
local schedules__find, schedules__push
do
local RECORD = '^1(%d+),(%d+),(%d+)\\t(%w+)\\t([^\\n]*)\\n(.*)$'
function schedules__find(id)
local text = redis.call('HGET', base .. ':sc', id)
if not text then return nil end
local revision, count, last, hash, job, definition = string.match(text, RECORD)
local found = { text = text, revision = tonumber(revision), count = tonumber(count), last = last, hash = hash, job = job,
definition = definition, state = 'over', at = 0 }
local at = redis.call('ZSCORE', base .. ':sn', id)
if at then found.state = 'running'
else
at = redis.call('ZSCORE', base .. ':sp', id)
if at then found.state = 'paused' end
end
found.at = tonumber(at or 0)
return found
end
function schedules__push(rows, id)
local found = schedules__find(id)
if not found then return end
for _, value in ipairs({ id, found.state, string.format('%.0f', found.at), found.text }) do rows[#rows + 1] = value end
end
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', base .. ':sn', '-inf', at, 'LIMIT', skip, limit)) do schedules__push(rows, id) end
return { 'OK', at, rows }
`,
  encode(args) {
    return [
      nowArg('due-schedules', args.now),
      intArg('due-schedules', 'skip', args.skip),
      intArg('due-schedules', 'limit', args.limit),
    ];
  },
  decode(raw) {
    const parts = replyParts('due-schedules', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          now: intPart('due-schedules', parts, 1),
          rows: stringsPart('due-schedules', parts, 2),
        };
      default:
        throw unknownCode('due-schedules', parts);
    }
  },
};

/** Arguments of `exchange`. */
export interface ExchangeArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly epoch: string;
  /** Letters and digits. */
  readonly slot: string;
  readonly seq: number;
  /** How many jobs to lease at most; more than 1,000 counts as 1,000. */
  readonly want: number;
  /** How many records to read at a time (bounds the bytes of a call). */
  readonly chunk: number;
  /** 0 no, 1 park if the queue runs dry, 2 the same and it is parked now. */
  readonly park: number;
  /** The last number of `taken` that the worker has seen. */
  readonly received: number;
  /** Rows, as one flat list: id, code. */
  readonly ends: readonly string[];
}

/**
 * What `exchange` replies.
 * - `OK`: due = ms until the next delayed job, -1 none (only when dry: nothing more is ready)
 */
export type ExchangeReply =
  | {
      readonly code: 'OK';
      readonly refused: string;
      readonly jobs: readonly string[];
      readonly headers: readonly string[];
      readonly bits: string;
      readonly pause: number;
      readonly taken: string;
      readonly dry: number;
      readonly due: number;
    }
  | { readonly code: 'EPOCH_GONE' }
  | { readonly code: 'OLD' };

/**
 * Hand in the ends of attempts and lease new jobs, in one call. `slot` has one call outstanding; `seq` rises by one; the same
 * call sent again gets the same answer. An end is a pair id, code: see `ends`. The token is slot.seq of the call that leased the
 * job.
 *
 * Keys: `L`, `^rm`, `^rn`, `^ru`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `aw`, `d`, `e`, `ev`, `f:<state>`, `fc`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gd`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `gz`, `h:<epoch>`, `hs:<id>`, `i`, `ids`, `j`, `m`, `mi`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `rl`, `s:<id>`, `sd`, `sm`, `sn`, `st:<day>`, `t`, `tc`, `tg:<tag>`, `u:<name>`, `uk`, `un`, `uz`, `w:<epoch>`, `wr`, `ws`, `x`, `y:<state>`
 * Events: `a`, `c`, `r`, `d`, `f`, `t`, `b`, `x`, `w`, `n`, `m`, `o`
 */
export const exchange: Script<ExchangeArgs, ExchangeReply> = {
  name: 'exchange',
  repeat: 'slot',
  sha1: 'afe2dea495d813cb22e730a55b19df54d669353c',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, epoch, slot, seq, want, chunk, park, received = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local REST = 9
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local INNER = { open = true, taken = true, pause = true, grace = true, late = true, slots = true, table = true, leased = true }
if INNER[slot] or not string.find(slot, '^%w+$') then refuse__call('The slot is not a word of letters and digits.') end
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('seq', seq, 1, 9007199254740991)
refuse__unless_int('want', want, 0, 9007199254740991)
refuse__unless_int('chunk', chunk, 1, 9007199254740991)
refuse__unless_int('park', park, 0, 2)
refuse__unless_int('received', received, 0, 9007199254740991)
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 2)
want, chunk = math.min(want, 1000), math.min(chunk, 1000)
local key = base .. ':h:' .. epoch
local fields = { '\\topen', '\\t' .. slot, '\\ttaken', '\\tgrace', '\\tleased' }
for i = REST, #ARGV, 2 do fields[#fields + 1] = ARGV[i] end
local held = redis.call('HMGET', key, unpack(fields))
if not held[1] then return { 'EPOCH_GONE' } end
local meta = redis.call('HMGET', base .. ':q', 'bits', 'pause', 'drop')
local bits, pause, drop = meta[1] or '', tonumber(meta[2]) or 0, meta[3] or ''
local last, refused = string.match(held[2] or '0,', '^(%d+),(.*)$')
last = tonumber(last)
if seq < last then return { 'OLD' } end
local units__extra, units__tell
do
local function of(facts) return string.match(facts, '^a(%d+)') end
function units__extra(facts)
local extra, last = 0, nil
for i = 1, #facts do
local number = of(facts[i])
if number and number == last then extra = extra + 1 end
last = number
end
return extra
end
function units__tell(facts, headers)
local from, last = 1, nil
for i = 1, #facts + 1 do
local number = facts[i] and of(facts[i])
if number ~= last then
if last then headers[#headers + 1] = from .. '-' .. (i - 1); headers[#headers + 1] = last end
from, last = i, number
end
end
end
end
local taken__pending
function taken__pending(epoch, text, received)
if not text then return '' end
local from = string.find(text, '\\n', 1, true) + 1
if from > #text then return '' end
local kept = {}
for line, number in string.gmatch(string.sub(text, from), '((%d+)\\t[^\\n]*\\n)') do
if tonumber(number) > received then kept[#kept + 1] = line end
end
local rest = table.concat(kept)
if #rest < #text - from + 1 then
redis.call('HSET', base .. ':h:' .. epoch, '\\ttaken', string.sub(text, 1, from - 1) .. rest)
end
return rest
end
if seq == last then
local holds__entry, holds__sort
function holds__entry(id, value)
local slot, seq, nth, facts = string.match(value, '^([^.]*)%.(%d+)%.(%d*)(.*)$')
return { id = id, token = slot .. '.' .. seq, slot = slot, seq = tonumber(seq), nth = tonumber(nth) or 0, facts = facts }
end
function holds__sort(entries)
table.sort(entries, function(a, b) return a.nth < b.nth end)
end
local lease__again
function lease__again(epoch, slot, seq)
local token = slot .. '.' .. string.format('%.0f', seq) .. '.'
local held, found = redis.call('HGETALL', base .. ':h:' .. epoch), {}
for i = 1, #held, 2 do
if string.byte(held[i]) ~= 9 and string.sub(held[i + 1], 1, #token) == token then
found[#found + 1] = holds__entry(held[i], held[i + 1])
end
end
local jobs, headers, ids, facts = {}, {}, {}, {}
if #found == 0 then return jobs, headers end
holds__sort(found)
for i = 1, #found do ids[i], facts[i] = found[i].id, found[i].facts end
local envelopes = redis.call('HMGET', base .. ':j', unpack(ids))
local stored = redis.call('HMGET', base .. ':m', unpack(ids))
for i = 1, #ids do
jobs[#jobs + 1] = ids[i]
jobs[#jobs + 1] = envelopes[i]
if stored[i] then headers[#headers + 1] = tostring(i); headers[#headers + 1] = stored[i] end
end
units__tell(facts, headers)
return jobs, headers
end
local jobs, headers = lease__again(epoch, slot, seq)
return { 'OK', refused, jobs, headers, bits, pause, taken__pending(epoch, held[3], received), 0, -1 }
end
local entries, onwards, lost, plain, bad, done, known, gathers = {}, {}, {}, {}, {}, {}, {}, false
local ends__read, ends__read_plain
function ends__read(code)
local token, duration, tab, body = string.match(code, '^(%w+%.%d+)\\t(%d+)(\\t?)(.*)$')
if token and (tab ~= '' or body == '') then return token, { how = 'c', duration = duration, body = body } end
local how, ms, kind, delay, name
token, how, ms, kind, delay, name, body =
string.match(code, '^(%w+%.%d+)\\t([crzuftbxgnqma])(%d+)(,?[^%c]*)\\t(%d*)\\t([^%c]*)\\t(.*)$')
if not token or #delay > 15 or #kind > 257 or string.find(kind, '^[^,]') or ((how == 'n' or how == 'a') and name == '')
or (how == 'a' and not string.find(body, '^%d+,%d+,%d+,%C*$')) then
refuse__call('An end of an attempt cannot be read.')
end
return token, { how = how, duration = ms, kind = string.sub(kind, 2), delay = tonumber(delay) or 0, name = name, body = body }
end
function ends__read_plain(code)
local token, duration = string.match(code, '^(%w+%.%d+)\\t(%d+)$')
return token and { mark = token .. '.', length = #token + 1, tail = duration .. '\\n' } or false
end
for i = REST, #ARGV, 2 do
local n = (i - REST) / 2 + 1
local id, code, value = ARGV[i], ARGV[i + 1], held[5 + n]
local short = known[code]
if short == nil then short = ends__read_plain(code); known[code] = short end
if short and value and #value == short.length + 13 and string.sub(value, 1, short.length) == short.mark and not done[id] then
done[id], plain[#plain + 1], plain[#plain + 2] = true, id, short.tail
else
local token, entry = ends__read(code)
if value and not done[id] and string.sub(value, 1, #token + 1) == token .. '.' then
done[id] = true
entry.id, entry.facts = id, string.match(value, '^%d*(.*)$', #token + 2)
local list = (entry.how == 'q' or entry.how == 'm') and onwards or entries
list[#list + 1] = entry
gathers = gathers or entry.how == 'a'
else
bad[#bad + 1] = n
if entry.how == 'q' then lost[#lost + 1] = entry end
end
end
end
refused = table.concat(bad, ',')
local features__is_understood, features__enable
do
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1 }
function features__is_understood(letter)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local open = redis.call('HGET', base .. ':h:' .. epoch, '\\topen')
if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
end
return true
end
function features__enable(bits, letter)
if string.find(bits, letter, 1, true) then return bits end
if not features__is_understood(letter) then
refuse__with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
end
bits = bits .. letter
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
end
if gathers then bits = features__enable(bits, 'b') end
local is_heard = string.find(bits, '[ae]') ~= nil
local is_limited = string.find(bits, 'l', 1, true) ~= nil
local wake__some, wake__later, wake__freed, wake__rest
do
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local is_later, freed = false, 0
function wake__later() is_later = true end
function wake__freed(n)
if is_later then freed = freed + n else wake__some(n) end
end
function wake__rest(taken) wake__some(freed - taken) end
end
if string.find(bits, '[low]') then wake__later() end
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local record__FORMAT, record__STATES, record__is_body, record__agrees, record__name, record__facts, record__fact, record__has, record__flags, record__header, record__header_text, record__entry, record__row
record__FORMAT = '1'
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
function record__is_body(body)
return string.find(body, '^[pkxsuvf]*\\t[^%c]+\\t[%d:,pkxsuvf%-]*\\t[^\\n]*\\n') ~= nil
end
function record__agrees(body)
local flags, fields = string.match(body, '^(%a*)\\t[^\\t]*\\t([^\\t]*)\\t')
return flags == string.gsub(fields, '%A', '')
end
function record__name(envelope)
return string.match(envelope, '^1[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__flags(facts)
return (string.gsub(string.match(facts, 'H(%a*)') or '', 'M', ''))
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local side__parse, side__read, side__kept, side__of, side__has_lines, side__features
do
local LINES = { t = { flag = 'T', least = 1, most = 32 }, u = { least = 4, most = 5 },
g = { flag = 'G', least = 1, most = 1, bit = 'o' }, r = { flag = 'R', least = 2, most = 32, bit = 'w' } }
local ORDER = { 't', 'g', 'r' }
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
local function check_uses(values)
local seen = {}
for i = 1, #values, 2 do
local amount = values[i + 1]
if seen[values[i]] or not amount or #amount > 9 or not string.find(amount, '^[1-9]%d*$') then
refuse__call('The line "r" of a job is not resources with amounts.')
end
seen[values[i]] = true
end
end
function side__read(text)
local said = side__parse(text)
for letter, values in pairs(said) do
local form = LINES[letter]
if not form then refuse__call('There is no line "' .. letter .. '" that a job can have.') end
if #values < form.least or #values > form.most then
refuse__call('The line "' .. letter .. '" of a job has ' .. #values .. ' values.')
end
if form.flag then
for i = 1, #values do refuse__unless_name('value of a line', values[i]) end
end
if letter == 'r' then check_uses(values) end
end
return said
end
function side__kept(said)
local lines, flags = {}, ''
for _, letter in ipairs(ORDER) do
local values = said[letter]
if values and #values > 0 then
lines[#lines + 1] = letter .. '\\t' .. table.concat(values, '\\t')
flags = flags .. LINES[letter].flag
end
end
return table.concat(lines, '\\n'), flags
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
function side__has_lines(flags) return string.find(flags, '[TRG]') ~= nil end
function side__features(said)
local letters = ''
for letter in pairs(said) do letters = letters .. (LINES[letter].bit or '') end
return letters
end
end
local groups__names, groups__of, groups__put, groups__forget_if_empty, groups__release, groups__resume
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__release(entries)
local ids, flags, freed, again = {}, {}, {}, {}
for i = 1, #entries do ids[i], flags[i] = entries[i].id, entries[i].facts end
for id, name in pairs(groups__names(ids, flags)) do
freed[name] = freed[name] or {}
table.insert(freed[name], id)
end
for name, members in pairs(freed) do
redis.call('SREM', base .. ':gs:' .. name, unpack(members))
if redis.call('EXISTS', base .. ':g:' .. name) == 1 then again[#again + 1] = name else groups__forget_if_empty(name) end
end
wake__freed(join(again))
end
function groups__resume(key, now, budget)
local names, ready = redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now), 'LIMIT', 0, budget), {}
if #names == 0 then return end
redis.call('ZREM', key, unpack(names))
for i = 1, #names do
if redis.call('EXISTS', base .. ':g:' .. names[i]) == 1 then ready[#ready + 1] = names[i] end
end
join(ready)
end
end
local features__are_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
local elsewhere__own_name, elsewhere__problem, elsewhere__run
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
local function place(queue) return head() .. #queue .. ':' .. queue end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
function elsewhere__problem(queue)
if not head() then
return 'The queue "' .. queue .. '" lies in another slot. Declare both queues with the same slot.'
end
local there = redis.call('HMGET', place(queue) .. ':q', 'format', 'virtual', 'bits')
if not there[1] or there[2] ~= redis.call('HGET', base .. ':q', 'virtual') then
return 'The queue "' .. queue .. '" was not declared in this slot, or lives by another kind of time.'
end
if not features__are_known(there[3] or '') then
return 'The queue "' .. queue .. '" uses features (' .. there[3] .. ') that this release does not know.'
end
end
function elsewhere__run(queue, action)
local own = base
if queue ~= '' then base = place(queue) end
action()
base = own
end
end
local lines__uses, lines__score, lines__is_behind, lines__join, lines__strike, lines__leave, lines__first
do
local TURN = 4398046511104
local TOO_MUCH = 18014398509481984
local TOO_MUCH_TEXT = '18014398509481984'
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
function lines__score(priority, values)
local turn = #values % 2 == 1 and tonumber(values[#values]) or TURN / 2 - 1
return (1000 - priority) * TURN + TURN / 2 + turn
end
function lines__is_behind(name, score)
local head = redis.call('ZRANGE', string.match(base, '^.-}') .. ':rw:' .. name, 0, 0, 'WITHSCORES')
return head[2] ~= nil and tonumber(head[2]) < score
end
function lines__join(name, id, priority, said, amount, limit)
if #said.r % 2 == 0 then
said.r[#said.r + 1] = string.format('%.0f', redis.call('HINCRBY', string.match(base, '^.-}') .. ':rm', '\\tturn', 1))
redis.call('HSET', base .. ':x', id, (side__kept(said)))
end
local score = lines__score(priority, said.r)
redis.call('ZADD', base .. ':wr', string.format('%.0f', score), id)
if limit and amount > limit then score = TOO_MUCH + 4 * amount end
redis.call('ZADD', string.match(base, '^.-}') .. ':rw:' .. name, string.format('%.0f', score), member(id))
redis.call('SADD', string.match(base, '^.-}') .. ':rn', name)
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__strike(name, who) drop(name, who.queue .. '\\t' .. who.id) end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
function lines__first(name, n, are_too_much)
local from, to = are_too_much and TOO_MUCH_TEXT or '-inf', are_too_much and '+inf' or '(' .. TOO_MUCH_TEXT
local members, found = redis.call('ZRANGEBYSCORE', string.match(base, '^.-}') .. ':rw:' .. name, from, to, 'LIMIT', 0, n), {}
for i = 1, #members do
local queue, id = string.match(members[i], '^([^\\t]*)\\t(.*)$')
found[i] = { queue = queue, id = id }
end
return found
end
end
local window__look, window__add
do
local PAGE = 64
local PARTS = 1000
local function read(entry)
local at, count = string.match(entry, '^(%d+),(%d+)$')
return tonumber(at), tonumber(count)
end
local function entries_of(key, per, now)
while true do
local entries, past = redis.call('LRANGE', key, 0, PAGE - 1), 0
for i = 1, #entries do
if read(entries[i]) + per > now then break end
past = i
end
if past > 1 then redis.call('LPOP', key, past - 1) end
if past < PAGE then return { unpack(entries, math.max(past, 1)) } end
end
end
local function is_ahead(last, now) return last ~= nil and read(last) > now end
function window__look(key, most, per, now)
local last = redis.call('LINDEX', key, -1)
if not last then return most, 0 end
if is_ahead(last, now) then redis.call('DEL', key) return most, 0 end
local entries = entries_of(key, per, now)
local _, first = read(entries[1])
local _, count = read(last)
if count - first < most then return most - (count - first), 0 end
local wait = 1
for i = 2, #entries do
local at, before = read(entries[i])
wait = at + per - now
if count - before < most then break end
end
return 0, wait
end
function window__add(key, n, per, now)
local last = redis.call('LINDEX', key, -1)
local at, count = 0, 0
if last then at, count = read(last) else redis.call('RPUSH', key, '0,0') end
local entry = string.format('%.0f,%.0f', now, count + n)
local part = math.ceil(per / PARTS)
if math.floor(at / part) == math.floor(now / part) then redis.call('LSET', key, -1, entry)
else redis.call('RPUSH', key, entry) end
end
end
local ready__put_back, ready__put_front, ready__new_place
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
function ready__put_front(rows, bits) put(rows, 'front', bits) end
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
end
local due__next
function due__next()
local first = 0
for _, key in ipairs({ (base .. ':d'), (base .. ':t') }) do
local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
if head[2] and (first == 0 or tonumber(head[2]) < first) then first = tonumber(head[2]) end
end
return first
end
local completed__append
function completed__append(entries)
if #entries > 0 then redis.call('RPUSH', base .. ':fc', unpack(entries)) end
end
local failures__enter, failures__flush, failures__left
do
local KINDS = { f = 'Error', t = 'timeout', b = 'broken' }
local entered = {}
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__enter(job, at)
local usual = KINDS[job.letter]
if not usual then return end
local kind = job.kind and job.kind ~= '' and job.kind or usual
local list = gather(entered, job.called .. ':' .. kind)
list[#list + 1] = at
list[#list + 1] = job.id
end
function failures__flush()
for _, group in ipairs(entered) do
local list, rows = entered[group], {}
for i = 2, #list, 2 do rows[i - 1] = list[i]; rows[i] = group end
redis.call('HSET', base .. ':fk', unpack(rows))
redis.call('ZADD', base .. ':fe:' .. group, unpack(list))
redis.call('ZINCRBY', base .. ':fg', #list / 2, group)
end
entered = {}
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local tags__drop
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
local forget__jobs
do
local function forget_sides(id)
local said = side__of(id)
if said.t then tags__drop(id, said.t) end
redis.call('HDEL', base .. ':x', id)
end
local function forget_extras(ids, flags)
local keys = {}
for i = 1, #ids do
if flags[i] ~= '' then
if record__has(flags[i], 'N') then keys[#keys + 1] = base .. ':s:' .. ids[i] end
if record__has(flags[i], 'Y') then keys[#keys + 1] = base .. ':hs:' .. ids[i] end
if side__has_lines(flags[i]) then forget_sides(ids[i]) end
end
end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
end
function forget__jobs(ids, flags)
if #ids == 0 then return end
forget_extras(ids, flags)
redis.call('HDEL', base .. ':j', unpack(ids))
redis.call('HDEL', base .. ':m', unpack(ids))
redis.call('HDEL', base .. ':o', unpack(ids))
redis.call('HDEL', base .. ':e', unpack(ids))
end
end
local stats__LETTERS, stats__count, stats__count_job, stats__day, stats__known_name, stats__note_day, stats__flush
do
local DAY_MS, MINUTE_MS, DAY_MINUTES = 86400000, 60000, 1440
local MAX_NAMES = 1000
local REST_NAME = '*'
stats__LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }
local counted, order = {}, {}
function stats__count(name, letter, n)
if n == 0 then return end
local counts = counted[name]
if not counts then counts = {}; counted[name] = counts; order[#order + 1] = name end
counts[letter] = (counts[letter] or 0) + n
end
function stats__count_job(job, letter)
local name = job.name
if not name or name == '' then name = record__name(redis.call('HGET', base .. ':j', job.id)) end
job.called = name
stats__count(name, letter, 1)
end
function stats__day(at) return math.floor(at / DAY_MS) end
function stats__known_name(name, day)
local last = redis.call('ZSCORE', base .. ':sm', name)
if not last and redis.call('ZCARD', base .. ':sm') >= MAX_NAMES then name = REST_NAME end
if not last or tonumber(last) < day then redis.call('ZADD', base .. ':sm', day, name) end
return name
end
function stats__note_day(day) redis.call('ZADD', base .. ':sd', day, day) end
local function add_to_minute(at, totals)
local minute = math.floor(at / MINUTE_MS)
local field, counts = minute % DAY_MINUTES, {}
local stored = redis.call('HGET', base .. ':mi', field)
local since, rest = string.match(stored or '', '^(%d+)(.*)$')
if since and tonumber(since) > minute then return end
if tonumber(since) ~= minute then rest = '' end
for n in string.gmatch(rest, '%d+') do counts[#counts + 1] = tonumber(n) end
for i, letter in ipairs(stats__LETTERS) do counts[i] = string.format('%.0f', (counts[i] or 0) + (totals[letter] or 0)) end
redis.call('HSET', base .. ':mi', field, string.format('%.0f', minute) .. ',' .. table.concat(counts, ','))
end
function stats__flush(at)
if #order == 0 then return end
local day, totals = stats__day(at), {}
local key = base .. ':st:' .. day
stats__note_day(day)
for _, name in ipairs(order) do
local known = stats__known_name(name, day)
for letter, n in pairs(counted[name]) do
redis.call('HINCRBY', key, known .. '\\t' .. letter, n)
totals[letter] = (totals[letter] or 0) + n
end
end
for letter, n in pairs(totals) do
redis.call('HINCRBY', key, '\\t' .. letter, n)
redis.call('HINCRBY', base .. ':st:' .. 'all', '\\t' .. letter, n)
end
add_to_minute(at, totals)
counted, order = {}, {}
end
end
local unique__key, unique__release
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
local finish__push, finish__flush, finish__completed, finish__plain
do
local AWAITED_MS = 60000
local ended = {}
function finish__push(job) ended[#ended + 1] = job end
local function own_age(job)
local ages = job.facts ~= '' and record__fact(job.facts, 'k')
return ages and tonumber(string.match(ages, job.letter == 'c' and '^(%d+):' or ':(%d+)$')) or nil
end
local function tell_waiters(waiting, id, outcome)
for channel in string.gmatch(string.match(waiting, '\\t(.*)$'), '%S+') do
redis.call('PUBLISH', channel, id .. '\\t' .. outcome)
end
redis.call('HDEL', base .. ':aw', id)
end
local function waiting_for(bits)
if not string.find(bits, 'a', 1, true) then return {} end
local ids = {}
for i = 1, #ended do ids[i] = ended[i].id end
return redis.call('HMGET', base .. ':aw', unpack(ids))
end
local DONE = 'done'
local function home(job, is_awaited, drop, now)
local age = own_age(job)
local state = record__STATES[job.letter]
local dropped = age == 0 or (not age and string.find(drop, job.letter, 1, true))
if is_awaited and (dropped or (age and age < AWAITED_MS)) then age, dropped = AWAITED_MS, false end
if dropped then return nil end
if age then return base .. ':y:' .. state, string.format('%.0f', now + age) end
if is_awaited then return base .. ':y:' .. state, string.format('%.0f', now + AWAITED_MS - 1) .. '.5' end
if job.letter == 'c' then return DONE end
return base .. ':f:' .. state, string.format('%.0f', now)
end
local function add(lists, key, a, b)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
list[#list + 1] = a
list[#list + 1] = b
end
function finish__flush(now, bits, drop)
if #ended == 0 then return end
local gone, gone_with, flags, flagged, texts, sets, done = {}, {}, {}, {}, {}, {}, {}
local waiting = waiting_for(bits)
local at = string.format('%.0f', now)
for i = 1, #ended do
local job = ended[i]
if job.letter ~= 'c' then stats__count_job(job, job.letter) end
local key, score = home(job, waiting[i], drop, now)
if key then
local outcome = job.letter .. at .. ',' .. job.attempt .. ',' .. job.duration .. '\\n' .. job.body
texts[#texts + 1] = job.id
texts[#texts + 1] = outcome
if key == DONE then done[#done + 1] = record__entry(job.id, job.place or '0')
else add(sets, key, score, job.id) end
failures__enter(job, at)
if waiting[i] then tell_waiters(waiting[i], job.id, outcome) end
elseif record__has(job.facts, 'H') then
gone_with[#gone_with + 1] = job.id
flags[#gone_with] = record__flags(job.facts)
else gone[#gone + 1] = job.id end
if key and record__has(job.facts, 'H') then flagged[#flagged + 1] = job.id end
unique__release(job.id, job.facts)
events__push(job.letter, job.id, job.name)
end
if #gone > 0 then redis.call('HDEL', base .. ':j', unpack(gone)) end
forget__jobs(gone_with, flags)
if #flagged > 0 then redis.call('HDEL', base .. ':e', unpack(flagged)) end
if #texts > 0 then redis.call('HSET', base .. ':o', unpack(texts)) end
for i = 1, #sets do redis.call('ZADD', sets[i], unpack(sets[sets[i]])) end
completed__append(done)
failures__flush()
stats__flush(now)
ended = {}
end
function finish__completed(plain, now, bits, drop)
for i = 1, #plain, 2 do
local duration, body = string.match(plain[i + 1], '^(%d+)\\n(.*)$')
finish__push({ id = plain[i], letter = 'c', facts = '', attempt = 1, duration = duration, body = body })
end
finish__flush(now, bits, drop)
end
function finish__plain(ids, plain, now, drop)
if string.find(drop, 'c', 1, true) then return redis.call('HDEL', base .. ':j', unpack(ids)) end
local at = string.format('%.0f', now)
local head = 'c' .. at .. ',1,'
for i = 2, #plain, 2 do plain[i] = head .. plain[i] end
redis.call('HSET', base .. ':o', unpack(plain))
completed__append(ids)
end
end
local aside__put
function aside__put(name, id)
redis.call('SADD', base .. ':un', name)
redis.call('ZADD', base .. ':u:' .. name, redis.call('HINCRBY', base .. ':q', 'aside', 1), id)
end
local resources__facts, resources__fits, resources__promise, resources__take, resources__release
do
local known = {}
local function facts_of(name)
if known[name] then return known[name] end
local limits = redis.call('HMGET', string.match(base, '^.-}') .. ':rm', name, '\\tdefault')
known[name] = { limit = tonumber(limits[1] or limits[2]) or false, used = tonumber(redis.call('HGET', string.match(base, '^.-}') .. ':ru', name)) or 0 }
return known[name]
end
function resources__facts(name) return facts_of(name) end
function resources__fits(name, amount)
local facts = facts_of(name)
return not facts.limit or facts.used + amount <= facts.limit
end
function resources__promise(name, amount) facts_of(name).used = facts_of(name).used + amount end
local function obstacle(uses, score)
for _, use in ipairs(uses) do
if not resources__fits(use.name, use.amount) or lines__is_behind(use.name, score) then return use end
end
end
function resources__take(id, header, envelope_facts)
local said, row = side__of(id), record__row(id, header, envelope_facts)
local uses = lines__uses(said.r)
local wanting = obstacle(uses, lines__score(row.priority, said.r))
if wanting then
if row.priority ~= 0 then redis.call('HSET', base .. ':m', id, record__header_text(row.header)) end
lines__join(wanting.name, id, row.priority, said, wanting.amount, facts_of(wanting.name).limit)
return false
end
for _, use in ipairs(uses) do
resources__promise(use.name, use.amount)
redis.call('HINCRBY', string.match(base, '^.-}') .. ':ru', use.name, use.amount)
end
return true
end
function resources__release(entries)
local ids, names, seen = {}, {}, {}
for i = 1, #entries do
if record__has(entries[i].facts, 'R') then ids[#ids + 1] = entries[i].id end
end
local texts = #ids > 0 and redis.call('HMGET', base .. ':x', unpack(ids)) or {}
for i = 1, #ids do
for _, use in ipairs(lines__uses(side__parse(texts[i] or '').r or {})) do
local left = redis.call('HINCRBY', string.match(base, '^.-}') .. ':ru', use.name, -use.amount)
if left <= 0 then redis.call('HDEL', string.match(base, '^.-}') .. ':ru', use.name) end
known[use.name] = nil
if not seen[use.name] then seen[use.name] = true; names[#names + 1] = use.name end
end
end
return names
end
end
local aggregation__identity, aggregation__join, aggregation__read, aggregation__row, aggregation__fire, aggregation__flush
do
local MAX_SIZE = 1000
local joining = {}
function aggregation__identity(name, key) return #name .. ':' .. name .. ':' .. key end
function aggregation__join(e, row)
local grace, delay, most, key = string.match(e.body, '^(%d+),(%d+),(%d+),(%C*)$')
local identity = aggregation__identity(e.name, key)
local group = joining[identity]
if not group then
group = { ids = {}, priority = row.priority }
joining[identity] = group
joining[#joining + 1] = identity
end
group.ids[#group.ids + 1] = e.id
group.priority = math.max(group.priority, row.priority)
group.grace, group.delay = tonumber(grace), tonumber(delay)
group.most = math.max(1, math.min(tonumber(most), MAX_SIZE))
events__push('o', e.id, e.name)
end
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
local function write(number, priority, first, most, identity)
redis.call('HSET', base .. ':af', number, priority .. ',' .. string.format('%.0f', first) .. ',' .. most .. '\\t' .. identity)
end
function aggregation__row(number, priority)
return { id = '\\tb' .. number, header = { place = '0' }, priority = priority }
end
function aggregation__fire(number, bits)
local priority, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':ao', identity)
redis.call('ZREM', base .. ':ad', number)
ready__put_back({ aggregation__row(number, priority) }, bits)
redis.call('HINCRBY', base .. ':q', 'batches', 1)
wake__some(1)
end
local function opened(identity, group, now)
local number = redis.call('HGET', base .. ':ao', identity)
if number then
local priority, first = aggregation__read(number)
return number, math.max(priority, group.priority), first, redis.call('LLEN', base .. ':ab:' .. number)
end
number = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'batch', 1))
redis.call('HSET', base .. ':ao', identity, number)
return number, group.priority, now, 0
end
local function add(identity, group, from, now, bits)
local number, priority, first, size = opened(identity, group, now)
local last = math.min(#group.ids, from + math.max(1, group.most - size) - 1)
local scores = {}
for i = from, last do scores[#scores + 1] = number; scores[#scores + 1] = group.ids[i] end
redis.call('RPUSH', base .. ':ab:' .. number, unpack(group.ids, from, last))
redis.call('ZADD', base .. ':ag', unpack(scores))
write(number, priority, first, group.most, identity)
redis.call('ZADD', base .. ':ad', string.format('%.0f', math.min(now + group.grace, first + group.delay)), number)
if size + last - from + 1 >= group.most then aggregation__fire(number, bits) end
return last + 1
end
function aggregation__flush(now, bits)
for _, identity in ipairs(joining) do
local group, from = joining[identity], 1
while from <= #group.ids do from = add(identity, group, from, now, bits) end
end
joining = {}
end
end
local failure__check, failure__note, failure__flush
do
local added = {}
local function parts(text, fields)
local length = tonumber(record__fact(fields, 'f'))
if not length then return nil end
local from = string.find(text, '\\n', 1, true) + 1
local stored = string.sub(text, from, from + length - 1)
if #stored == length then return string.match(stored, '^(%C+)\\n(.*)$') end
end
function failure__check(body)
local fields = string.match(body, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t')
if not record__has(fields, 'f') then return false end
local id, other = parts(body, fields)
if not id or not record__is_body(other) or not record__agrees(other) or string.find(other, '^%a*[fuv]') then
refuse__call('The job in store for a failure cannot be read.')
end
local priority = record__fact(string.match(other, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t'), 'p')
if priority then refuse__unless_int('The priority', tonumber(priority), -1000, 1000) end
return priority ~= nil
end
function failure__note(id, facts)
local other, body = parts(redis.call('HGET', base .. ':j', id), facts)
added[#added + 1] = { id = other .. '.' .. ready__new_place(), body = body }
end
function failure__flush(now, bits)
if #added == 0 then return end
local stamp, jobs, rows = record__FORMAT .. string.format('%.0f', now), {}, {}
for i = 1, #added do
local id, envelope = added[i].id, stamp .. added[i].body
jobs[#jobs + 1] = id
jobs[#jobs + 1] = envelope
rows[i] = record__row(id, nil, record__facts(envelope))
events__push('w', id, record__name(envelope))
end
redis.call('HSET', base .. ':j', unpack(jobs))
ready__put_back(rows, bits)
wake__some(#rows)
added = {}
end
end
local history__note, history__flush
do
local MAX_ENTRIES = 100
local MAX_TEXT = 500
local noted = {}
local function append(id, entry)
local key = base .. ':hs:' .. id
if redis.call('RPUSH', key, entry) <= MAX_ENTRIES then return end
local first = redis.call('LPOP', key)
redis.call('LPOP', key)
redis.call('LPUSH', key, first)
end
local function worker_of(epoch)
local info = redis.call('HGET', base .. ':ws', epoch)
return info and string.match(info, '"name":"([^"\\\\%c]+)"') or epoch
end
local function mark(header)
if not record__has(header.flags, 'Y') then header.flags = header.flags .. 'Y' end
end
function history__note(e, row, letter, attempt, body)
mark(row.header)
noted[#noted + 1] = { e = e, letter = letter, attempt = attempt, body = letter == 'c' and '' or body }
end
function history__flush(epoch, now)
if #noted == 0 then return end
local worker, at = worker_of(epoch), string.format('%.0f', now)
for _, note in ipairs(noted) do
local head = table.concat({ note.letter .. at, note.attempt, note.e.duration, worker, note.e.kind or '' }, '\\t')
append(note.e.id, head .. '\\n' .. string.sub(note.body, 1, MAX_TEXT))
end
noted = {}
end
end
local limits__room, limits__took, limits__sooner, limits__freed
do
local most, rate, per
local function has(bits) return string.find(bits, 'l', 1, true) ~= nil end
function limits__room(want, bits, now)
if not has(bits) then return want end
local facts = redis.call('HMGET', base .. ':q', 'concurrency', 'active', 'rate')
most = tonumber(facts[1])
rate, per = string.match(facts[3] or '', '^(%d+),(%d+)$')
rate, per = tonumber(rate), tonumber(per)
if most then want = math.min(want, math.max(0, most - (tonumber(facts[2]) or 0))) end
if rate then want = math.min(want, (window__look(base .. ':rl', rate, per, now))) end
return want
end
function limits__took(n, now)
if n == 0 then return end
if most then redis.call('HINCRBY', base .. ':q', 'active', n) end
if rate then window__add(base .. ':rl', n, per, now) end
end
function limits__sooner(wait, now)
if not rate then return wait end
local allowed, open = window__look(base .. ':rl', rate, per, now)
if allowed > 0 then return wait end
return wait < 0 and open or math.min(wait, open)
end
function limits__freed(n, bits)
if n == 0 or not has(bits) then return end
local limit = tonumber(redis.call('HGET', base .. ':q', 'concurrency'))
if not limit then return end
local active = redis.call('HINCRBY', base .. ':q', 'active', -n)
if active < limit and active + n >= limit then wake__freed(1) end
end
end
local serving__serve
do
local BUDGET = 1000
local PAGE = 100
local left = BUDGET
local promised = {}
local function own_queue() return elsewhere__own_name() or '' end
local function amount_of(who, name)
local said
elsewhere__run(who.queue, function() said = side__of(who.id) end)
for _, use in ipairs(lines__uses(said.r or {})) do
if use.name == name then return use.amount end
end
end
local function choose(name, calls, are_too_much)
local limit = resources__facts(name).limit
for _, who in ipairs(lines__first(name, math.min(PAGE, left), are_too_much)) do
left = left - 1
local amount = amount_of(who, name)
if not amount then lines__strike(name, who)
elseif limit and amount > limit then
if are_too_much then return end
else
if not resources__fits(name, (promised[name] or 0) + amount) then return end
if who.queue ~= own_queue() then resources__promise(name, amount)
else promised[name] = (promised[name] or 0) + amount end
end
if amount then
calls[who.queue] = calls[who.queue] or {}
table.insert(calls[who.queue], who.id)
end
end
end
local function call(queue, ids)
local is_own = queue == own_queue()
elsewhere__run(queue, function()
local rows = {}
for i, id in ipairs(ids) do
lines__leave(id)
rows[i] = record__row(id, redis.call('HGET', base .. ':m', id), '')
end
ready__put_front(rows, redis.call('HGET', base .. ':q', 'bits') or '')
if not is_own then wake__some(#ids) end
end)
if is_own then wake__freed(#ids) end
end
function serving__serve(names)
local calls = {}
for _, name in ipairs(names) do
if left > 0 then choose(name, calls, true) end
if left > 0 then choose(name, calls, false) end
end
for queue, ids in pairs(calls) do call(queue, ids) end
end
end
local leave__apply, leave__completed, leave__plain
do
local MAX_STALLS = 3
local STALLED = '{"name":"JobStalledError","code":"JOB_STALLED","kind":"stalled","message":"The process that ran the job vanished, each time it was tried."}'
local headers, errors, front, delayed, retrying
local stalled = {}
local function save(row) headers[#headers + 1] = row.id; headers[#headers + 1] = record__header_text(row.header) end
local function finish_as(letter, e, row, body)
local h = row.header
local facts = e.facts
local charged = 1
if letter == 'f' or letter == 't' then
h.failures = h.failures + (e.how == 's' and 0 or 1)
charged = 0
end
local attempt = h.failures + h.stalls + charged
if letter ~= 'c' or record__has(h.flags, 'Y') then
history__note(e, row, letter, attempt, body)
save(row)
facts = facts .. 'H' .. h.flags
end
if letter ~= 'c' and letter ~= 'x' and record__has(facts, 'f') then failure__note(e.id, facts) end
finish__push({ id = e.id, letter = letter, facts = facts, attempt = attempt,
duration = e.duration, body = body, name = e.name, place = h.place, kind = e.kind })
end
local function later(e, row, now)
local h = row.header
history__note(e, row, e.how, h.failures + h.stalls + 1, e.body)
if e.how == 'r' then h.failures, h.uncounted = h.failures + 1, 0 else h.uncounted = h.uncounted + 1 end
if e.how == 'r' then stats__count_job(e, 'r') end
save(row)
if e.body ~= '' then errors[#errors + 1] = e.id; errors[#errors + 1] = e.body end
local set = e.how == 'z' and delayed or retrying
set[#set + 1] = string.format('%.0f', now + e.delay)
set[#set + 1] = e.id
events__push(e.how == 'z' and 'd' or 'r', e.id, e.name)
end
local function reclaim(e, row)
local h = row.header
if record__has(e.facts, 'M') then
h.stalls = h.stalls + 1
stats__count_job(e, 's')
local limit = tonumber(record__fact(e.facts, 's')) or MAX_STALLS
if h.stalls >= limit then
stalled[#stalled + 1] = e.id
e.kind = 'stalled'
return finish_as('f', e, row, STALLED)
end
end
if not record__has(h.flags, 'S') then h.flags = h.flags .. 'S' end
if record__has(e.facts, 'M') then history__note(e, row, 's', h.failures + h.stalls, '') end
save(row)
front[#front + 1] = row
events__push('s', e.id, e.name)
end
local function set_aside(e, row)
if row.priority ~= 0 then save(row) end
aside__put(e.name, e.id)
events__push('n', e.id, e.name)
end
local function move(e, row, now)
if e.how == 'r' or e.how == 'u' or e.how == 'z' then later(e, row, now)
elseif e.how == 's' then reclaim(e, row)
elseif e.how == 'g' then front[#front + 1] = row; events__push('w', e.id, e.name)
elseif e.how == 'n' then set_aside(e, row)
elseif e.how == 'm' then return
elseif e.how == 'a' then aggregation__join(e, row)
else finish_as(e.how, e, row, e.body) end
end
function leave__apply(epoch, entries, now, bits, drop)
if #entries == 0 then return end
local ids, odd = {}, {}
for i = 1, #entries do
local e = entries[i]
ids[i] = e.id
if e.how ~= 'c' or record__has(e.facts, 'H') then odd[#odd + 1] = e.id end
end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
limits__freed(#ids, bits)
if string.find(bits, 'o', 1, true) then groups__release(entries) end
local freed = string.find(bits, 'w', 1, true) and resources__release(entries) or {}
headers, errors, front, delayed, retrying = {}, {}, {}, {}, {}
local stored = #odd > 0 and redis.call('HMGET', base .. ':m', unpack(odd)) or {}
local n = 0
for i = 1, #entries do
local e = entries[i]
if e.how ~= 'c' or record__has(e.facts, 'H') then
n = n + 1
move(e, record__row(e.id, stored[n], e.facts), now)
else finish__push({ id = e.id, letter = 'c', facts = e.facts, attempt = 1, duration = e.duration, body = e.body, name = e.name }) end
end
if #headers > 0 then redis.call('HSET', base .. ':m', unpack(headers)) end
history__flush(epoch, now)
stats__flush(now)
finish__flush(now, bits, drop)
if #errors > 0 then redis.call('HSET', base .. ':e', unpack(errors)) end
if #delayed > 0 then redis.call('ZADD', base .. ':d', unpack(delayed)) end
if #retrying > 0 then redis.call('ZADD', base .. ':t', unpack(retrying)) end
serving__serve(freed)
ready__put_front(front, bits)
wake__some(#front)
aggregation__flush(now, bits)
failure__flush(now, bits)
end
local function release(epoch, plain)
local ids = {}
for i = 1, #plain, 2 do ids[#ids + 1] = plain[i] end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
return ids
end
function leave__completed(epoch, plain, now, bits, drop)
limits__freed(#release(epoch, plain), bits)
finish__completed(plain, now, bits, drop)
end
function leave__plain(epoch, plain, now, drop)
finish__plain(release(epoch, plain), plain, now, drop)
end
end
if #entries + #onwards > 0 then
if #onwards > 0 then 
local record__PLAIN_BODY
record__PLAIN_BODY = '^\\t[^%c]+\\t\\t[^\\n]*\\n'
local groups__drop
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
local features__enable_all
function features__enable_all(bits, letters)
for letter in string.gmatch(letters, '.') do bits = features__enable(bits, letter) end
return bits
end
local ready__append, ready__drop
function ready__append(entries)
if #entries > 0 then redis.call('RPUSH', base .. ':r', unpack(entries)) end
end
function ready__drop(id)
if lines__leave(id) or groups__drop(id) then return true end
if redis.call('ZREM', base .. ':pp', id) + redis.call('ZREM', base .. ':pn', id) > 0 then return true end
redis.call('HINCRBY', base .. ':q', 'ghosts', 1)
return false
end
local due__delay
function due__delay(rows)
local first = due__next()
redis.call('ZADD', base .. ':d', unpack(rows))
if first == 0 or due__next() < first then wake__some(1) end
end
local completed__left
function completed__left() redis.call('HINCRBY', base .. ':q', 'gone', 1) end
local tags__add
function tags__add(id, names, now)
for i = 1, #names do
if redis.call('ZADD', base .. ':tg:' .. names[i], 'NX', string.format('%.0f', now), id) == 1 then
redis.call('ZINCRBY', base .. ':tc', 1, names[i])
end
end
end
local unique__check, unique__holder, unique__hold
function unique__check(values, body)
local key, letter, ms, policy = unpack(values or { '0', '', '0', 'k' })
if not string.find(key, '^%d+$') or #key > 40 or not string.find(letter, '^[uv]?$') or not string.find(ms, '^%d*$') or #ms > 15
or (letter == '' and ms == '') or not string.find(policy, '^[kjr]$') or (values and values[5] and values[5] ~= 'x') then
refuse__call('The line "u" of a job cannot be read.')
end
local fields = string.match(body, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t')
for _, field in ipairs({ 'u', 'v' }) do
if record__fact(fields, field) ~= (field == letter and key or nil) then
refuse__call('The fields of a job and its line "u" do not agree.')
end
end
end
function unique__holder(key, now)
local entry = redis.call('HGET', base .. ':uk', key)
if not entry then return nil end
local id, expiry = string.match(entry, '^(.*)\\t(%d*)$')
if expiry ~= '' and tonumber(expiry) <= now then return nil end
return id
end
function unique__hold(key, id, ms, now)
local expiry = ms ~= '' and string.format('%.0f', now + ms) or ''
redis.call('HSET', base .. ':uk', key, id .. '\\t' .. expiry)
if expiry ~= '' then redis.call('ZADD', base .. ':uz', expiry, key) else redis.call('ZREM', base .. ':uz', key) end
end
local aside__drop
do
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__drop(name, id)
redis.call('ZREM', base .. ':u:' .. name, id)
forget_if_empty(name)
end
end
local aggregation__withdraw
function aggregation__withdraw(id, number)
redis.call('ZREM', base .. ':ag', id)
redis.call('LREM', base .. ':ab:' .. number, 1, id)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return end
local _, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':af', number)
if redis.call('ZREM', base .. ':ad', number) == 1 then redis.call('HDEL', base .. ':ao', identity)
else
redis.call('HINCRBY', base .. ':q', 'batches', -1)
ready__drop('\\tb' .. number)
end
end
local amend__envelope
function amend__envelope(envelope, name, payload)
local head, own_name, fields, options, rest = string.match(envelope, '^(1[^\\t]*)\\t([^\\t]*)\\t([^\\t]*)\\t([^\\n]*)\\n(.*)$')
if payload then rest = string.sub(rest, 1, tonumber(record__fact(fields, 'f')) or 0) .. payload end
return head .. '\\t' .. (name or own_name) .. '\\t' .. fields .. '\\t' .. options .. '\\n' .. rest
end
local intake__read, intake__check, intake__push, intake__clear, intake__flush
do
local envelopes, list, ordered, delayed, headers, sides = {}, {}, {}, {}, {}, {}
local PLAIN = { d = '^%d+$', a = '^%d+$', p = '^%-?%d+$' }
local GIVEN = { d = PLAIN.d, a = PLAIN.a, p = PLAIN.p, c = '^[kjr]$', m = '^%d+$', x = '^$' }
local function parse(text, allowed)
local how = {}
for piece in string.gmatch(text, '[^,]+') do
local letter, value = string.sub(piece, 1, 1), string.sub(piece, 2)
if not allowed[letter] or #value > 15 or not string.find(value, allowed[letter]) then
refuse__call('The instruction "' .. piece .. '" of a job is none.')
end
how[letter] = value
end
if how.p then refuse__unless_int('The priority', tonumber(how.p), -1000, 1000) end
if how.c and not how.m then refuse__call('A given id without m<ms>.') end
how.is_plain = not (how.d or how.a or how.p)
return how
end
local parsed = {}
local NONE = { is_plain = true }
function intake__read(text, is_given)
local at = string.find(text, '%c')
if not at and text ~= '' then return text, NONE, '' end
if not at or at == 1 or string.byte(text, at) ~= 9 then refuse__call('An id is empty or has a control character.') end
local last = is_given and string.find(text, '\\n', at, true) or #text + 1
local how = string.sub(text, at + 1, last - 1)
parsed[how] = parsed[how] or parse(how, is_given and GIVEN or PLAIN)
return string.sub(text, 1, at - 1), parsed[how], string.sub(text, last + 1)
end
local function agree(body, how)
local priority = record__fact(string.match(body, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t'), 'p')
return record__agrees(body) and (tonumber(priority) or 0) == (tonumber(how.p) or 0)
end
function intake__check(body, how, said)
if how.is_plain and not said and string.find(body, record__PLAIN_BODY) then return false end
if not record__is_body(body) then refuse__call('The body of a job is not flags, name, fields, options and payload.') end
if not agree(body, how) then refuse__call('The flags, fields and instructions of a job do not agree.') end
unique__check(said and said.u, body)
return failure__check(body) or how.p ~= nil
end
local function store(id, envelope)
envelopes[#envelopes + 1] = id
envelopes[#envelopes + 1] = envelope
end
local tagged = {}
local function keep(id, said)
local text, flags = side__kept(said)
if flags == '' then return flags end
sides[#sides + 1] = id
sides[#sides + 1] = text
if said.t then tagged[id] = said.t end
return flags
end
function intake__push(id, envelope, how, place, now, said)
store(id, envelope)
local flags = said and keep(id, said) or ''
if how.is_plain and place == '0' and flags == '' then
list[#list + 1] = id
return
end
local header = record__header(nil)
local at = how.a and tonumber(how.a) or now + (how.d or 0)
local priority = tonumber(how.p) or 0
header.place, header.flags = place, flags
if at > now then
delayed[#delayed + 1] = string.format('%.0f', at)
delayed[#delayed + 1] = id
if priority ~= 0 then header.priority = how.p end
elseif priority ~= 0 or record__has(flags, 'G') then ordered[#ordered + 1] = { id = id, header = header, priority = priority }
else list[#list + 1] = record__entry(id, place) end
if place ~= '0' or header.priority ~= '' or flags ~= '' then
headers[#headers + 1] = id
headers[#headers + 1] = record__header_text(header)
end
end
local function tell(bits)
if not string.find(bits, 'e', 1, true) then return end
local later = {}
for i = 2, #delayed, 2 do later[delayed[i]] = true end
for i = 1, #envelopes, 2 do
events__push(later[envelopes[i]] and 'd' or 'w', envelopes[i], record__name(envelopes[i + 1]))
end
end
function intake__clear() envelopes, list, ordered, delayed, headers, sides, tagged = {}, {}, {}, {}, {}, {}, {} end
function intake__flush(bits, now)
if #envelopes > 0 then
redis.call('HSET', base .. ':j', unpack(envelopes))
if #headers > 0 then redis.call('HSET', base .. ':m', unpack(headers)) end
if #sides > 0 then redis.call('HSET', base .. ':x', unpack(sides)) end
for id, names in pairs(tagged) do tags__add(id, names, now) end
ready__append(list)
ready__put_back(ordered, bits)
if #delayed > 0 then due__delay(delayed) end
tell(bits)
end
events__flush(bits, now)
wake__some(#list + #ordered)
end
end
local withdraw__from
function withdraw__from(id, found)
if found.outcome then
redis.call('HDEL', base .. ':o', id)
if found.state ~= 'completed' and found.state ~= 'cancelled' then failures__left({ id }) end
if redis.call('ZREM', base .. ':y:' .. found.state, id) == 1 then return false end
if found.state == 'completed' then
completed__left()
return true
end
redis.call('ZREM', base .. ':f:' .. found.state, id)
elseif found.state == 'delayed' then redis.call('ZREM', base .. ':d', id)
elseif found.state == 'retrying' then redis.call('ZREM', base .. ':t', id)
elseif found.batch then aggregation__withdraw(id, found.batch)
elseif found.unclaimed then aside__drop(found.unclaimed, id)
else return not ready__drop(id) end
return false
end
local moving__look, moving__obstacle, moving__take, moving__put
do
function moving__look(id, how)
local envelope, header = redis.call('HGET', base .. ':j', id), record__header(redis.call('HGET', base .. ':m', id))
local facts = record__facts(envelope)
local priority = how.p or (header.priority ~= '' and header.priority) or record__fact(facts, 'p') or '0'
return { id = id, how = how, envelope = envelope, facts = facts, flags = header.flags, priority = tonumber(priority),
said = side__has_lines(header.flags) and side__of(id) or {}, waiting = redis.call('HGET', base .. ':aw', id) }
end
function moving__obstacle(parcel, is_own, now)
if not is_own and redis.call('HEXISTS', base .. ':j', parcel.id) == 1 then return 'T' end
local key = unique__key(parcel.facts)
local holder = key and unique__holder(key, now)
if holder and (not is_own or holder ~= parcel.id) then return 'D' end
end
function moving__take(parcel, found)
local id = parcel.id
if found then withdraw__from(id, found) end
unique__release(id, parcel.facts)
parcel.remembered = redis.call('ZSCORE', base .. ':ids', id)
redis.call('ZREM', base .. ':ids', id)
redis.call('HDEL', base .. ':aw', id)
forget__jobs({ id }, { parcel.flags })
end
local function store(parcel, now)
local id, row = parcel.id, record__row(parcel.id, nil, '')
local text, flags = side__kept(parcel.said)
row.header.flags = flags .. (record__fact(parcel.facts, 'x') and 'X' or '')
row.header.place = ready__new_place()
row.priority = parcel.priority
row.header.priority = row.priority ~= 0 and tostring(row.priority) or (record__fact(parcel.facts, 'p') and '0' or '')
redis.call('HSET', base .. ':j', id, parcel.envelope)
redis.call('HSET', base .. ':m', id, record__header_text(row.header))
if text ~= '' then redis.call('HSET', base .. ':x', id, text) end
if parcel.said.t then tags__add(id, parcel.said.t, now) end
local key = unique__key(parcel.facts)
if key then unique__hold(key, id, '', now) end
if parcel.remembered then redis.call('ZADD', base .. ':ids', parcel.remembered, id) end
if parcel.waiting then redis.call('HSET', base .. ':aw', id, parcel.waiting) end
return row
end
function moving__put(parcel, now, bits)
local how, row = parcel.how, store(parcel, now)
local at = how.a and tonumber(how.a) or now + (how.d or 0)
local name = record__name(parcel.envelope)
if at > now then
due__delay({ string.format('%.0f', at), parcel.id })
events__push('d', parcel.id, name)
else
ready__put_back({ row }, bits)
wake__some(1)
events__push('w', parcel.id, name)
end
end
end
local onward__apply
do
local NO_QUEUE = '{"name":"CrossSlotError","code":"CROSS_SLOT","message":"The job was to go on in a queue that was not declared in the slot of its own."}'
local TAKEN = '{"name":"JobConflictError","code":"JOB_CONFLICT","message":"The job was to go on in a queue where its id or its unique key is taken."}'
local offered = {}
local function read_next(e)
if string.byte(e.body) == 64 then return end
local head, bytes, queue, rest = string.match(e.body, '^(%d+),(%d+)\\t([^%c]*)\\n(.*)$')
head, bytes = tonumber(head), tonumber(bytes)
if not head or #rest < head + bytes then refuse__call('The job that follows another one cannot be read.') end
local id, how, lines = intake__read(string.sub(rest, 1, head), true)
local said = lines ~= '' and side__read(lines) or nil
if how.c or (said and said.u) then refuse__call('A job that follows another one has a given id or a unique key.') end
local body = string.sub(rest, head + 1, head + bytes)
local is_prioritised = intake__check(body, how, said)
e.queue, e.body = queue, string.sub(rest, head + bytes + 1)
e.next = { id = id, how = how, said = said, body = body, is_prioritised = is_prioritised, queue = queue }
offered[id] = e.next
end
local function find_next(e)
if e.next then return end
e.next = offered[string.sub(e.body, 2)]
if not e.next then refuse__call('The job that follows several is brought by no end of the call.') end
e.queue, e.body = e.next.queue, ''
end
local function read_move(e)
local queue, how, name, has_data, data = string.match(e.body, '^([^%c]*)\\t([^%c]*)\\t([^%c]*)\\t([01])\\n(.*)$')
if not queue then refuse__call('Where a job is to move cannot be read.') end
local _, instructions = intake__read(e.id .. '\\t' .. how)
e.queue, e.body = queue, ''
e.move = { how = instructions, name = name ~= '' and name or nil, data = has_data == '1' and data or nil }
end
local function fail(e, kind, body) e.how, e.kind, e.body, e.next, e.move = 'f', kind, body, nil, nil end
local function bits_here() return redis.call('HGET', base .. ':q', 'bits') or '' end
local function add(queue, entries, now)
elsewhere__run(queue, function()
local bits, stamp = bits_here(), record__FORMAT .. string.format('%.0f', now)
for _, e in ipairs(entries) do
if e.next.is_prioritised then bits = features__enable(bits, 'p') end
if e.next.said then bits = features__enable_all(bits, side__features(e.next.said)) end
if not e.next.is_added then intake__push(e.next.id, stamp .. e.next.body, e.next.how, '0', now, e.next.said) end
e.next.is_added = true
end
intake__flush(bits, now)
intake__clear()
end)
end
local function move(epoch, e, now, bits, drop)
local parcel, obstacle, there = moving__look(e.id, e.move.how), nil, ''
elsewhere__run(e.queue, function() obstacle, there = moving__obstacle(parcel, e.queue == '', now), bits_here() end)
local change = e.move
if obstacle then fail(e, 'JOB_CONFLICT', TAKEN) end
leave__apply(epoch, { e }, now, bits, drop)
if obstacle then return end
parcel.envelope = amend__envelope(parcel.envelope, change.name, change.data)
moving__take(parcel)
if e.queue ~= '' then events__push('m', e.id, record__name(parcel.envelope)) end
events__flush(bits, now)
elsewhere__run(e.queue, function()
if parcel.priority ~= 0 then there = features__enable(there, 'p') end
if parcel.waiting then there = features__enable(there, 'a') end
there = features__enable_all(there, side__features(parcel.said))
moving__put(parcel, now, there)
events__flush(there, now)
end)
end
function onward__apply(epoch, entries, lost, now, bits, drop)
for _, e in ipairs(lost) do read_next(e) end
for _, e in ipairs(entries) do
if e.how == 'q' then read_next(e) else read_move(e) end
end
for _, e in ipairs(entries) do
if e.how == 'q' then find_next(e) end
end
local ended, queues, following = {}, {}, {}
for _, e in ipairs(entries) do
if e.queue == elsewhere__own_name() then e.queue = '' end
if e.queue ~= '' and elsewhere__problem(e.queue) then fail(e, 'CROSS_SLOT', NO_QUEUE) end
if e.next then
e.how = 'c'
if not following[e.queue] then following[e.queue] = {}; queues[#queues + 1] = e.queue end
table.insert(following[e.queue], e)
end
if not e.move then ended[#ended + 1] = e end
end
leave__apply(epoch, ended, now, bits, drop)
events__flush(bits, now)
for _, queue in ipairs(queues) do add(queue, following[queue], now) end
for _, e in ipairs(entries) do
if e.move then move(epoch, e, now, bits, drop) end
end
end
end
onward__apply(epoch, onwards, lost, now, bits, drop) end
leave__apply(epoch, entries, now, bits, drop)
end
if held[4] then redis.call('HDEL', key, '\\tgrace') end
if #plain > 0 then
if is_heard or is_limited then leave__completed(epoch, plain, now, bits, drop) else leave__plain(epoch, plain, now, drop) end
end
local wanted = (pause % 2 == 0 and features__are_known(bits)) and want or 0
wanted = limits__room(wanted, bits, now)
local in_turns = wanted > 0 and string.find(bits, 'o', 1, true)
local groups__settings
function groups__settings(name, defaults)
local concurrency, rate, paused = string.match(redis.call('HGET', base .. ':gc', name) or ';;', '^([^;]*);([^;]*);(p?)$')
local most, per = string.match(rate ~= '' and rate or defaults[2] or '', '^(%d+),(%d+)$')
return tonumber(concurrency ~= '' and concurrency or defaults[1] or nil), tonumber(most), tonumber(per), paused == 'p'
end
local turns__begin, turns__take, turns__settle
do
local FREE = false
local MORE = 16
local MOST = 1000
local time, defaults, free_turn
local line, head, is_whole = {}, 1, true
local known, may, group_of, seen = {}, {}, {}, {}
function turns__begin(want, now)
local meta = redis.call('HMGET', base .. ':q', 'group:concurrency', 'group:rate', 'free')
time, defaults, free_turn = now, { meta[1], meta[2] }, tonumber(meta[3]) or 0
groups__resume(base .. ':gd', now, MOST)
local n = math.min(want, MOST) + MORE
local members, is_free_in = redis.call('ZRANGE', base .. ':gl', 0, n - 1, 'WITHSCORES'), false
is_whole = #members < 2 * n
for i = 1, #members, 2 do
if not is_free_in and tonumber(members[i + 1]) > free_turn then line[#line + 1] = FREE; is_free_in = true end
line[#line + 1] = members[i]
end
if not is_free_in then line[#line + 1] = FREE end
end
local function settings(name)
known[name] = known[name] or { groups__settings(name, defaults) }
return unpack(known[name], 1, 4)
end
local function allowance(name)
local concurrency, most, per, is_paused = settings(name)
local n, wait = is_paused and 0 or MOST, nil
if n > 0 and concurrency then n = math.min(n, math.max(0, concurrency - redis.call('SCARD', base .. ':gs:' .. name))) end
if n > 0 and most then
local allowed, open = window__look(base .. ':gr:' .. name, most, per, time)
if allowed == 0 then wait = open end
n = math.min(n, allowed)
end
return n, wait
end
local function pop(name, n, ids, places)
may[name] = may[name] or allowance(name)
n = math.min(n, may[name])
local popped = n > 0 and redis.call('ZPOPMIN', base .. ':g:' .. name, n) or {}
for i = 1, #popped, 2 do
ids[#ids + 1] = popped[i]
places[#ids] = false
group_of[popped[i]] = name
end
may[name] = may[name] - #popped / 2
seen[name] = true
end
function turns__take(n, take_free)
local ids, places = {}, {}
while #ids < n and head <= #line do
local name, before = line[head], #ids
local asked = head == #line and is_whole and n - #ids or 1
head = head + 1
if name == FREE then take_free(asked, ids, places) else pop(name, asked, ids, places) end
if #ids > before then line[#line + 1] = name; seen[name] = true end
end
return ids, places, #ids < n and not is_whole
end
local function hold(ids, facts)
local held, members, flags = {}, {}, {}
for i = 1, #ids do
if not group_of[ids[i]] and record__has(facts[i], 'G') then
members[#members + 1] = ids[i]
flags[#members] = facts[i]
end
end
for id, name in pairs(#members > 0 and groups__names(members, flags) or {}) do group_of[id] = name; redis.call('ZADD', base .. ':gn', 0, name) end
for i = 1, #ids do
local name = group_of[ids[i]]
if name then
held[name] = held[name] or {}
table.insert(held[name], ids[i])
end
end
for name, members in pairs(held) do
redis.call('SADD', base .. ':gs:' .. name, unpack(members))
local _, most, per = settings(name)
if most then
window__add(base .. ':gr:' .. name, #members, per, time)
redis.call('ZADD', base .. ':gz', string.format('%.0f', time + per), name)
end
end
end
function turns__settle(ids, facts)
local gone, order, members, out = {}, {}, {}, {}
for id in pairs(group_of) do gone[#gone + 1] = id end
if #gone > 0 then redis.call('ZREM', base .. ':gw', unpack(gone)) end
hold(ids, facts)
for i = head, #line do
if seen[line[i]] then order[#order + 1] = line[i]; seen[line[i]] = nil end
end
for name in pairs(seen) do if name ~= FREE then order[#order + 1] = name end end
local turn = #order > 0 and redis.call('HINCRBY', base .. ':q', 'ring', #order) - #order
for i, name in ipairs(order) do
local n, wait = MOST, nil
if name ~= FREE then n, wait = allowance(name) end
if name == FREE then redis.call('HSET', base .. ':q', 'free', turn + i)
elseif redis.call('EXISTS', base .. ':g:' .. name) == 0 then
out[#out + 1] = name
groups__forget_if_empty(name)
elseif n > 0 then
members[#members + 1] = string.format('%.0f', turn + i)
members[#members + 1] = name
else
out[#out + 1] = name
if wait then redis.call('ZADD', base .. ':gd', string.format('%.0f', time + wait), name) end
end
end
if #members > 0 then redis.call('ZADD', base .. ':gl', unpack(members)) end
if #out > 0 then redis.call('ZREM', base .. ':gl', unpack(out)) end
end
end
if in_turns then turns__begin(wanted, now) end
local lease__batch
function lease__batch()
return { ids = {}, envelopes = {}, headers = {}, facts = {}, odd = {}, dry = false, bytes = 0, looked = 0, units = {}, members = 0,
extra = 0 }
end
local batch = lease__batch()
local record__place
function record__place(header)
return header and string.match(header, '^%w%d+,%d+,%d+,(%d+)') or '0'
end
local ready__take
do
local function pop_set(key, n, ids, places)
local popped = redis.call('ZPOPMIN', key, n)
for i = 1, #popped, 2 do
ids[#ids + 1] = popped[i]
places[#ids] = false
end
end
local function pop_list(key, n, ids, places)
local popped = redis.call('LPOP', key, n)
if not popped then return end
for i = 1, #popped do
local text, at = popped[i], string.find(popped[i], '\\t', 1, true)
ids[#ids + 1] = at and string.sub(text, 1, at - 1) or text
places[#ids] = at and string.sub(text, at + 1) or '0'
end
end
local function take(n, bits, ids, places)
n = #ids + n
local ordered = string.find(bits, 'p', 1, true)
if ordered then pop_set(base .. ':pp', n - #ids, ids, places) end
if #ids < n and string.find(bits, 'g', 1, true) then pop_list(base .. ':rf', n - #ids, ids, places) end
if #ids < n then pop_list(base .. ':r', n - #ids, ids, places) end
if #ids < n and ordered then pop_set(base .. ':pn', n - #ids, ids, places) end
end
function ready__take(n, bits)
if string.find(bits, 'o', 1, true) then
return turns__take(n, function(some, ids, places) take(some, bits, ids, places) end)
end
local ids, places = {}, {}
take(n, bits, ids, places)
return ids, places
end
end
local lease__fill
do
local MAX_BYTES = 4194304
local MAX_LOOKED = 1000
local function is_plain(envelope, header)
return not header and string.byte(envelope, 15) == 9 and string.byte(envelope) == 49
end
function lease__fill(batch, want, chunk, bits)
local n, ghosts, units_taken = #batch.ids, 0, batch.units
local most = want + batch.extra
while not batch.dry and n + #units_taken < most and batch.bytes < MAX_BYTES and batch.looked < MAX_LOOKED + want do
local asked = math.min(most - n - #units_taken, chunk)
local ids, places, more = ready__take(asked, bits)
batch.dry = #ids < asked and not more
if #ids == 0 then break end
batch.looked = batch.looked + #ids
local envelopes = redis.call('HMGET', base .. ':j', unpack(ids))
local stored = redis.call('HMGET', base .. ':m', unpack(ids))
for i = 1, #ids do
local envelope, header, place = envelopes[i], stored[i], places[i]
if not envelope or (place and place ~= record__place(header)) then
local unit = string.match(ids[i] .. '\\t' .. (place or ''), '^\\t+b(%d+)\\t?$')
if unit then units_taken[#units_taken + 1] = unit
elseif place then ghosts = ghosts + 1 end
else
n = n + 1
batch.bytes = batch.bytes + #envelope
batch.ids[n], batch.envelopes[n], batch.headers[n], batch.facts[n] = ids[i], envelope, header, ''
if not is_plain(envelope, header) then batch.odd[#batch.odd + 1] = n end
end
end
end
if ghosts > 0 then redis.call('HINCRBY', base .. ':q', 'ghosts', -ghosts) end
end
end
lease__fill(batch, wanted, chunk, bits)
if #batch.odd > 0 or #batch.units > 0 then
local record__is_known, record__created_at
do
local ENVELOPE = '^1%d%d%d%d%d%d%d%d%d%d%d%d%d[pkxsuvf]*\\t[^%c]+\\t[%d:,pkxsuvf%-]*\\t'
local HEADER = '^1%d+,%d+,%d+,%d+,[SNXTRYG]*,%-?%d*$'
function record__is_known(envelope, header)
return string.find(envelope, ENVELOPE) ~= nil and (not header or string.find(header, HEADER) ~= nil)
end
function record__created_at(envelope)
return tonumber(string.sub(envelope, 2, 14))
end
end
local aside__LATER_FORMAT
aside__LATER_FORMAT = '\\tformat'
local aggregation__hand_over
function aggregation__hand_over(number, ids)
redis.call('ZREM', base .. ':ag', unpack(ids))
redis.call('LTRIM', base .. ':ab:' .. number, #ids, -1)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return true end
redis.call('HDEL', base .. ':af', number)
redis.call('HINCRBY', base .. ':q', 'batches', -1)
return false
end
local units__expand, units__mark
do
local MAX_MEMBERS = 1000
local MAX_BYTES = 4194304
local function read(batch, number, chunk)
local ids, taken = redis.call('LRANGE', base .. ':ab:' .. number, 0, MAX_MEMBERS - 1), {}
while #taken < #ids and batch.bytes < MAX_BYTES do
local part = {}
for i = #taken + 1, math.min(#taken + chunk, #ids) do part[#part + 1] = ids[i] end
local envelopes = redis.call('HMGET', base .. ':j', unpack(part))
local stored = redis.call('HMGET', base .. ':m', unpack(part))
for i = 1, #part do
local n = #batch.ids + 1
taken[#taken + 1] = part[i]
batch.bytes = batch.bytes + #envelopes[i]
batch.ids[n], batch.envelopes[n], batch.headers[n], batch.facts[n] = part[i], envelopes[i], stored[i], 'a' .. number
batch.odd[#batch.odd + 1] = n
end
end
return taken
end
function units__expand(batch, chunk, bits)
local back = {}
for _, number in ipairs(batch.units) do
local priority = aggregation__read(number)
if not priority then redis.call('HINCRBY', base .. ':q', 'ghosts', -1)
elseif batch.members > 0 and batch.members + redis.call('LLEN', base .. ':ab:' .. number) > MAX_MEMBERS or batch.bytes >= MAX_BYTES then
back[#back + 1] = aggregation__row(number, priority)
else
local taken = read(batch, number, chunk)
batch.members, batch.extra = batch.members + #taken, batch.extra + #taken - 1
if aggregation__hand_over(number, taken) then back[#back + 1] = aggregation__row(number, priority) end
end
end
batch.units = {}
if #back > 0 then
ready__put_front(back, bits)
batch.bytes, batch.dry = MAX_BYTES, false
end
end
function units__mark(member, facts)
if facts == '' or string.byte(facts) == 72 then return member .. facts end
return member .. ',' .. facts
end
end
local lease__settle
do
local EXPIRED = '{"name":"JobExpiredError","code":"JOB_EXPIRED","kind":"expired","message":"The job was not started within its expiresInMs."}'
local function is_expired(envelope, facts, now)
local ms = facts ~= '' and not record__has(facts, 'X') and tonumber(record__fact(facts, 'x'))
return ms and record__created_at(envelope) + ms <= now
end
local function expire(id, envelope, stored, facts)
local header = record__header(stored)
finish__push({ id = id, letter = 'x', facts = facts, attempt = header.failures + header.stalls, duration = 0, body = EXPIRED,
name = record__name(envelope) })
end
local function leave_to_newer(id)
aside__put(aside__LATER_FORMAT, id)
events__push('n', id)
end
local function to_run(id, envelope, header, now)
if not record__is_known(envelope, header) then return leave_to_newer(id) end
local facts = record__facts(envelope)
if header then facts = facts .. 'H' .. record__header(header).flags end
if is_expired(envelope, facts, now) then return expire(id, envelope, header, facts) end
if record__has(facts, 'R') and not resources__take(id, header, facts) then return nil end
return facts
end
local function sort_out(batch, now)
local odd, gone = batch.odd, {}
batch.odd = {}
for _, i in ipairs(odd) do
local facts = to_run(batch.ids[i], batch.envelopes[i], batch.headers[i], now)
if facts then batch.facts[i] = batch.facts[i] == '' and facts or units__mark(batch.facts[i], facts) else gone[i] = true end
end
local n, from = 0, #batch.ids
for i = 1, from do
if not gone[i] then
n = n + 1
batch.ids[n], batch.envelopes[n] = batch.ids[i], batch.envelopes[i]
batch.headers[n], batch.facts[n] = batch.headers[i], batch.facts[i]
end
end
for i = n + 1, from do batch.ids[i], batch.envelopes[i], batch.headers[i], batch.facts[i] = nil, nil, nil, nil end
if batch.extra > 0 then batch.extra = units__extra(batch.facts) end
end
function lease__settle(batch, want, chunk, bits, now)
while #batch.odd > 0 or #batch.units > 0 do
if #batch.units > 0 then units__expand(batch, chunk, bits) end
sort_out(batch, now)
lease__fill(batch, want, chunk, bits)
end
end
end
lease__settle(batch, wanted, chunk, bits, now)
finish__flush(now, bits, drop)
end
if not held[2] then redis.call('HINCRBY', key, '\\tslots', 1) end
local lease__hold
function lease__hold(batch, epoch, slot, seq, refused, leased)
local settled = string.format('%.0f', seq)
local token = slot .. '.' .. settled .. '.'
local jobs, headers, values = {}, {}, { '\\t' .. slot, settled .. ',' .. refused }
for i, id in ipairs(batch.ids) do
values[#values + 1] = id
values[#values + 1] = token .. (leased + i - 1) .. batch.facts[i]
jobs[#jobs + 1] = id
jobs[#jobs + 1] = batch.envelopes[i]
if batch.headers[i] then headers[#headers + 1] = tostring(i); headers[#headers + 1] = batch.headers[i] end
end
if batch.members > 0 then units__tell(batch.facts, headers) end
if #jobs > 0 then values[#values + 1] = '\\tleased'; values[#values + 1] = string.format('%.0f', leased + #batch.ids) end
redis.call('HSET', base .. ':h:' .. epoch, unpack(values))
return jobs, headers
end
local jobs, headers = lease__hold(batch, epoch, slot, seq, refused, tonumber(held[5] or '1000000000000'))
if is_limited then limits__took(#batch.ids, now) end
if in_turns then turns__settle(batch.ids, batch.facts) end
redis.call('ZADD', base .. ':L', 'XX', string.format('%.0f', now + string.match(held[1], '^%d+,(%d+)')), epoch)
if is_heard then
for i = 1, #batch.ids do events__push('a', batch.ids[i], record__name(batch.envelopes[i])) end
events__flush(bits, now)
end
local dry, next_due = batch.dry, -1
if dry or (wanted < want and #batch.ids >= wanted) then
local due__wait
function due__wait(now, bits)
local first = due__next()
if string.find(bits, 's', 1, true) then
local coming = redis.call('ZRANGEBYSCORE', base .. ':sn', '(' .. string.format('%.0f', now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local at = tonumber(coming[2])
if at and (first == 0 or at < first) then first = at end
end
if string.find(bits, 'b', 1, true) then
local head = redis.call('ZRANGE', base .. ':ad', 0, 0, 'WITHSCORES')
local at = tonumber(head[2])
if at and (first == 0 or at < first) then first = at end
end
return first == 0 and -1 or math.max(first - now, 0)
end
dry, next_due = true, due__wait(now, bits)
if is_limited then next_due = limits__sooner(next_due, now) end
if in_turns then 
local turns__sooner
function turns__sooner(wait, now)
local first = redis.call('ZRANGE', base .. ':gd', 0, 0, 'WITHSCORES')
if not first[2] then return wait end
local open = math.max(first[2] - now, 1)
return wait < 0 and open or math.min(wait, open)
end
next_due = turns__sooner(next_due, now) end
if park > 0 then redis.call('SADD', base .. ':i', epoch) end
elseif park > 0 then
if park == 2 then redis.call('SREM', base .. ':i', epoch) end
wake__some(1)
end
wake__rest(#batch.ids)
return { 'OK', refused, jobs, headers, bits, pause, taken__pending(epoch, held[3], received), dry and 1 or 0, next_due }
`,
  encode(args) {
    const argv = [
      nowArg('exchange', args.now),
      args.epoch,
      args.slot,
      intArg('exchange', 'seq', args.seq),
      intArg('exchange', 'want', args.want),
      intArg('exchange', 'chunk', args.chunk),
      intArg('exchange', 'park', args.park),
      intArg('exchange', 'received', args.received),
    ];
    pushRows(argv, 'exchange', 'ends', args.ends, 2);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('exchange', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          refused: stringPart('exchange', parts, 1),
          jobs: stringsPart('exchange', parts, 2),
          headers: stringsPart('exchange', parts, 3),
          bits: stringPart('exchange', parts, 4),
          pause: intPart('exchange', parts, 5),
          taken: stringPart('exchange', parts, 6),
          dry: intPart('exchange', parts, 7),
          due: intPart('exchange', parts, 8),
        };
      case 'EPOCH_GONE':
        return { code: 'EPOCH_GONE' };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('exchange', parts);
    }
  },
};

/** Arguments of `expire`. */
export interface ExpireArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  readonly ids: readonly string[];
}

/**
 * What `expire` replies.
 * - `OK`: a letter per id: E its run was taken away and it waits, L was not active, N no such job
 */
export type ExpireReply =
  | {
      readonly code: 'OK';
      readonly fates: string;
    }
  | { readonly code: 'OLD' };

/**
 * Take running jobs from their workers now, as if their leases had ended: they wait at the front, uncharged, and what their runs
 * come to is refused.
 *
 * Keys: `L`, `^rm`, `^rn`, `^ru`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `aw`, `d`, `e`, `ev`, `f:<state>`, `fc`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `h:<epoch>`, `hs:<id>`, `i`, `j`, `l`, `lz`, `m`, `mi`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `s:<id>`, `sd`, `sm`, `st:<day>`, `t`, `tc`, `tg:<tag>`, `u:<name>`, `uk`, `un`, `uz`, `w:<epoch>`, `wr`, `ws`, `x`, `y:<state>`
 * Events: `w`
 */
export const expire: Script<ExpireArgs, ExpireReply> = {
  name: 'expire',
  repeat: 'lane',
  sha1: '8a67b03b5a33c46a0434c4193e91e74456823481',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, lane_id, seq = ARGV[1], ARGV[2], tonumber(ARGV[3])
local REST = 4
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local meta = redis.call('HMGET', base .. ':q', 'bits', 'drop')
local bits, drop = meta[1] or '', meta[2] or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 1)
local ids, fates, done = {}, {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local record__STATES
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
local locate__prepare, locate__find
do
local MAX_LOOKS = 100000
local runs, names = {}, nil
function locate__prepare(ids)
for i = 1, #ids do refuse__unless_name('id', ids[i]) end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
if #ids * #epochs > MAX_LOOKS then
refuse__call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
end
if #ids == 0 then return end
for _, epoch in ipairs(epochs) do
local held = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids))
for i = 1, #ids do
if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
end
end
end
function locate__find(id)
if redis.call('HEXISTS', base .. ':j', id) == 0 then return nil end
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
local at = redis.call('ZSCORE', base .. ':d', id)
if at then return { state = 'delayed', at = at } end
at = redis.call('ZSCORE', base .. ':t', id)
if at then return { state = 'retrying', at = at } end
if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
names = names or redis.call('SMEMBERS', base .. ':un')
for _, name in ipairs(names) do
if redis.call('ZSCORE', base .. ':u:' .. name, id) then return { state = 'waiting', unclaimed = name } end
end
local batch = redis.call('ZSCORE', base .. ':ag', id)
if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', base .. ':ad', batch) or nil } end
return { state = 'waiting' }
end
end
locate__prepare(ids)
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local holds__entry
function holds__entry(id, value)
local slot, seq, nth, facts = string.match(value, '^([^.]*)%.(%d+)%.(%d*)(.*)$')
return { id = id, token = slot .. '.' .. seq, slot = slot, seq = tonumber(seq), nth = tonumber(nth) or 0, facts = facts }
end
local record__FORMAT, record__name, record__facts, record__fact, record__has, record__flags, record__header, record__header_text, record__entry, record__row
record__FORMAT = '1'
function record__name(envelope)
return string.match(envelope, '^1[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__flags(facts)
return (string.gsub(string.match(facts, 'H(%a*)') or '', 'M', ''))
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local side__parse, side__of, side__has_lines
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
function side__has_lines(flags) return string.find(flags, '[TRG]') ~= nil end
local wake__some, wake__freed, wake__tell
do
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local is_later, freed = false, 0
function wake__freed(n)
if is_later then freed = freed + n else wake__some(n) end
end
function wake__tell(epoch, what)
redis.call('PUBLISH', base .. ':w:' .. epoch, what)
end
end
local groups__names, groups__of, groups__put, groups__forget_if_empty, groups__release
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__release(entries)
local ids, flags, freed, again = {}, {}, {}, {}
for i = 1, #entries do ids[i], flags[i] = entries[i].id, entries[i].facts end
for id, name in pairs(groups__names(ids, flags)) do
freed[name] = freed[name] or {}
table.insert(freed[name], id)
end
for name, members in pairs(freed) do
redis.call('SREM', base .. ':gs:' .. name, unpack(members))
if redis.call('EXISTS', base .. ':g:' .. name) == 1 then again[#again + 1] = name else groups__forget_if_empty(name) end
end
wake__freed(join(again))
end
end
local elsewhere__own_name, elsewhere__run
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
local function place(queue) return head() .. #queue .. ':' .. queue end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
function elsewhere__run(queue, action)
local own = base
if queue ~= '' then base = place(queue) end
action()
base = own
end
end
local lines__uses, lines__strike, lines__leave, lines__first
do
local TOO_MUCH_TEXT = '18014398509481984'
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__strike(name, who) drop(name, who.queue .. '\\t' .. who.id) end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
function lines__first(name, n, are_too_much)
local from, to = are_too_much and TOO_MUCH_TEXT or '-inf', are_too_much and '+inf' or '(' .. TOO_MUCH_TEXT
local members, found = redis.call('ZRANGEBYSCORE', string.match(base, '^.-}') .. ':rw:' .. name, from, to, 'LIMIT', 0, n), {}
for i = 1, #members do
local queue, id = string.match(members[i], '^([^\\t]*)\\t(.*)$')
found[i] = { queue = queue, id = id }
end
return found
end
end
local ready__put_back, ready__put_front, ready__new_place
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
function ready__put_front(rows, bits) put(rows, 'front', bits) end
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
end
local aggregation__identity, aggregation__join, aggregation__read, aggregation__row, aggregation__fire, aggregation__flush
do
local MAX_SIZE = 1000
local joining = {}
function aggregation__identity(name, key) return #name .. ':' .. name .. ':' .. key end
function aggregation__join(e, row)
local grace, delay, most, key = string.match(e.body, '^(%d+),(%d+),(%d+),(%C*)$')
local identity = aggregation__identity(e.name, key)
local group = joining[identity]
if not group then
group = { ids = {}, priority = row.priority }
joining[identity] = group
joining[#joining + 1] = identity
end
group.ids[#group.ids + 1] = e.id
group.priority = math.max(group.priority, row.priority)
group.grace, group.delay = tonumber(grace), tonumber(delay)
group.most = math.max(1, math.min(tonumber(most), MAX_SIZE))
events__push('o', e.id, e.name)
end
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
local function write(number, priority, first, most, identity)
redis.call('HSET', base .. ':af', number, priority .. ',' .. string.format('%.0f', first) .. ',' .. most .. '\\t' .. identity)
end
function aggregation__row(number, priority)
return { id = '\\tb' .. number, header = { place = '0' }, priority = priority }
end
function aggregation__fire(number, bits)
local priority, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':ao', identity)
redis.call('ZREM', base .. ':ad', number)
ready__put_back({ aggregation__row(number, priority) }, bits)
redis.call('HINCRBY', base .. ':q', 'batches', 1)
wake__some(1)
end
local function opened(identity, group, now)
local number = redis.call('HGET', base .. ':ao', identity)
if number then
local priority, first = aggregation__read(number)
return number, math.max(priority, group.priority), first, redis.call('LLEN', base .. ':ab:' .. number)
end
number = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'batch', 1))
redis.call('HSET', base .. ':ao', identity, number)
return number, group.priority, now, 0
end
local function add(identity, group, from, now, bits)
local number, priority, first, size = opened(identity, group, now)
local last = math.min(#group.ids, from + math.max(1, group.most - size) - 1)
local scores = {}
for i = from, last do scores[#scores + 1] = number; scores[#scores + 1] = group.ids[i] end
redis.call('RPUSH', base .. ':ab:' .. number, unpack(group.ids, from, last))
redis.call('ZADD', base .. ':ag', unpack(scores))
write(number, priority, first, group.most, identity)
redis.call('ZADD', base .. ':ad', string.format('%.0f', math.min(now + group.grace, first + group.delay)), number)
if size + last - from + 1 >= group.most then aggregation__fire(number, bits) end
return last + 1
end
function aggregation__flush(now, bits)
for _, identity in ipairs(joining) do
local group, from = joining[identity], 1
while from <= #group.ids do from = add(identity, group, from, now, bits) end
end
joining = {}
end
end
local aside__put
function aside__put(name, id)
redis.call('SADD', base .. ':un', name)
redis.call('ZADD', base .. ':u:' .. name, redis.call('HINCRBY', base .. ':q', 'aside', 1), id)
end
local failure__note, failure__flush
do
local added = {}
local function parts(text, fields)
local length = tonumber(record__fact(fields, 'f'))
if not length then return nil end
local from = string.find(text, '\\n', 1, true) + 1
local stored = string.sub(text, from, from + length - 1)
if #stored == length then return string.match(stored, '^(%C+)\\n(.*)$') end
end
function failure__note(id, facts)
local other, body = parts(redis.call('HGET', base .. ':j', id), facts)
added[#added + 1] = { id = other .. '.' .. ready__new_place(), body = body }
end
function failure__flush(now, bits)
if #added == 0 then return end
local stamp, jobs, rows = record__FORMAT .. string.format('%.0f', now), {}, {}
for i = 1, #added do
local id, envelope = added[i].id, stamp .. added[i].body
jobs[#jobs + 1] = id
jobs[#jobs + 1] = envelope
rows[i] = record__row(id, nil, record__facts(envelope))
events__push('w', id, record__name(envelope))
end
redis.call('HSET', base .. ':j', unpack(jobs))
ready__put_back(rows, bits)
wake__some(#rows)
added = {}
end
end
local completed__append
function completed__append(entries)
if #entries > 0 then redis.call('RPUSH', base .. ':fc', unpack(entries)) end
end
local failures__enter, failures__flush
do
local KINDS = { f = 'Error', t = 'timeout', b = 'broken' }
local entered = {}
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__enter(job, at)
local usual = KINDS[job.letter]
if not usual then return end
local kind = job.kind and job.kind ~= '' and job.kind or usual
local list = gather(entered, job.called .. ':' .. kind)
list[#list + 1] = at
list[#list + 1] = job.id
end
function failures__flush()
for _, group in ipairs(entered) do
local list, rows = entered[group], {}
for i = 2, #list, 2 do rows[i - 1] = list[i]; rows[i] = group end
redis.call('HSET', base .. ':fk', unpack(rows))
redis.call('ZADD', base .. ':fe:' .. group, unpack(list))
redis.call('ZINCRBY', base .. ':fg', #list / 2, group)
end
entered = {}
end
end
local tags__drop
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
local forget__jobs
do
local function forget_sides(id)
local said = side__of(id)
if said.t then tags__drop(id, said.t) end
redis.call('HDEL', base .. ':x', id)
end
local function forget_extras(ids, flags)
local keys = {}
for i = 1, #ids do
if flags[i] ~= '' then
if record__has(flags[i], 'N') then keys[#keys + 1] = base .. ':s:' .. ids[i] end
if record__has(flags[i], 'Y') then keys[#keys + 1] = base .. ':hs:' .. ids[i] end
if side__has_lines(flags[i]) then forget_sides(ids[i]) end
end
end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
end
function forget__jobs(ids, flags)
if #ids == 0 then return end
forget_extras(ids, flags)
redis.call('HDEL', base .. ':j', unpack(ids))
redis.call('HDEL', base .. ':m', unpack(ids))
redis.call('HDEL', base .. ':o', unpack(ids))
redis.call('HDEL', base .. ':e', unpack(ids))
end
end
local stats__LETTERS, stats__count, stats__count_job, stats__day, stats__known_name, stats__note_day, stats__flush
do
local DAY_MS, MINUTE_MS, DAY_MINUTES = 86400000, 60000, 1440
local MAX_NAMES = 1000
local REST_NAME = '*'
stats__LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }
local counted, order = {}, {}
function stats__count(name, letter, n)
if n == 0 then return end
local counts = counted[name]
if not counts then counts = {}; counted[name] = counts; order[#order + 1] = name end
counts[letter] = (counts[letter] or 0) + n
end
function stats__count_job(job, letter)
local name = job.name
if not name or name == '' then name = record__name(redis.call('HGET', base .. ':j', job.id)) end
job.called = name
stats__count(name, letter, 1)
end
function stats__day(at) return math.floor(at / DAY_MS) end
function stats__known_name(name, day)
local last = redis.call('ZSCORE', base .. ':sm', name)
if not last and redis.call('ZCARD', base .. ':sm') >= MAX_NAMES then name = REST_NAME end
if not last or tonumber(last) < day then redis.call('ZADD', base .. ':sm', day, name) end
return name
end
function stats__note_day(day) redis.call('ZADD', base .. ':sd', day, day) end
local function add_to_minute(at, totals)
local minute = math.floor(at / MINUTE_MS)
local field, counts = minute % DAY_MINUTES, {}
local stored = redis.call('HGET', base .. ':mi', field)
local since, rest = string.match(stored or '', '^(%d+)(.*)$')
if since and tonumber(since) > minute then return end
if tonumber(since) ~= minute then rest = '' end
for n in string.gmatch(rest, '%d+') do counts[#counts + 1] = tonumber(n) end
for i, letter in ipairs(stats__LETTERS) do counts[i] = string.format('%.0f', (counts[i] or 0) + (totals[letter] or 0)) end
redis.call('HSET', base .. ':mi', field, string.format('%.0f', minute) .. ',' .. table.concat(counts, ','))
end
function stats__flush(at)
if #order == 0 then return end
local day, totals = stats__day(at), {}
local key = base .. ':st:' .. day
stats__note_day(day)
for _, name in ipairs(order) do
local known = stats__known_name(name, day)
for letter, n in pairs(counted[name]) do
redis.call('HINCRBY', key, known .. '\\t' .. letter, n)
totals[letter] = (totals[letter] or 0) + n
end
end
for letter, n in pairs(totals) do
redis.call('HINCRBY', key, '\\t' .. letter, n)
redis.call('HINCRBY', base .. ':st:' .. 'all', '\\t' .. letter, n)
end
add_to_minute(at, totals)
counted, order = {}, {}
end
end
local unique__key, unique__release
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
local finish__push, finish__flush
do
local AWAITED_MS = 60000
local ended = {}
function finish__push(job) ended[#ended + 1] = job end
local function own_age(job)
local ages = job.facts ~= '' and record__fact(job.facts, 'k')
return ages and tonumber(string.match(ages, job.letter == 'c' and '^(%d+):' or ':(%d+)$')) or nil
end
local function tell_waiters(waiting, id, outcome)
for channel in string.gmatch(string.match(waiting, '\\t(.*)$'), '%S+') do
redis.call('PUBLISH', channel, id .. '\\t' .. outcome)
end
redis.call('HDEL', base .. ':aw', id)
end
local function waiting_for(bits)
if not string.find(bits, 'a', 1, true) then return {} end
local ids = {}
for i = 1, #ended do ids[i] = ended[i].id end
return redis.call('HMGET', base .. ':aw', unpack(ids))
end
local DONE = 'done'
local function home(job, is_awaited, drop, now)
local age = own_age(job)
local state = record__STATES[job.letter]
local dropped = age == 0 or (not age and string.find(drop, job.letter, 1, true))
if is_awaited and (dropped or (age and age < AWAITED_MS)) then age, dropped = AWAITED_MS, false end
if dropped then return nil end
if age then return base .. ':y:' .. state, string.format('%.0f', now + age) end
if is_awaited then return base .. ':y:' .. state, string.format('%.0f', now + AWAITED_MS - 1) .. '.5' end
if job.letter == 'c' then return DONE end
return base .. ':f:' .. state, string.format('%.0f', now)
end
local function add(lists, key, a, b)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
list[#list + 1] = a
list[#list + 1] = b
end
function finish__flush(now, bits, drop)
if #ended == 0 then return end
local gone, gone_with, flags, flagged, texts, sets, done = {}, {}, {}, {}, {}, {}, {}
local waiting = waiting_for(bits)
local at = string.format('%.0f', now)
for i = 1, #ended do
local job = ended[i]
if job.letter ~= 'c' then stats__count_job(job, job.letter) end
local key, score = home(job, waiting[i], drop, now)
if key then
local outcome = job.letter .. at .. ',' .. job.attempt .. ',' .. job.duration .. '\\n' .. job.body
texts[#texts + 1] = job.id
texts[#texts + 1] = outcome
if key == DONE then done[#done + 1] = record__entry(job.id, job.place or '0')
else add(sets, key, score, job.id) end
failures__enter(job, at)
if waiting[i] then tell_waiters(waiting[i], job.id, outcome) end
elseif record__has(job.facts, 'H') then
gone_with[#gone_with + 1] = job.id
flags[#gone_with] = record__flags(job.facts)
else gone[#gone + 1] = job.id end
if key and record__has(job.facts, 'H') then flagged[#flagged + 1] = job.id end
unique__release(job.id, job.facts)
events__push(job.letter, job.id, job.name)
end
if #gone > 0 then redis.call('HDEL', base .. ':j', unpack(gone)) end
forget__jobs(gone_with, flags)
if #flagged > 0 then redis.call('HDEL', base .. ':e', unpack(flagged)) end
if #texts > 0 then redis.call('HSET', base .. ':o', unpack(texts)) end
for i = 1, #sets do redis.call('ZADD', sets[i], unpack(sets[sets[i]])) end
completed__append(done)
failures__flush()
stats__flush(now)
ended = {}
end
end
local history__note, history__flush
do
local MAX_ENTRIES = 100
local MAX_TEXT = 500
local noted = {}
local function append(id, entry)
local key = base .. ':hs:' .. id
if redis.call('RPUSH', key, entry) <= MAX_ENTRIES then return end
local first = redis.call('LPOP', key)
redis.call('LPOP', key)
redis.call('LPUSH', key, first)
end
local function worker_of(epoch)
local info = redis.call('HGET', base .. ':ws', epoch)
return info and string.match(info, '"name":"([^"\\\\%c]+)"') or epoch
end
local function mark(header)
if not record__has(header.flags, 'Y') then header.flags = header.flags .. 'Y' end
end
function history__note(e, row, letter, attempt, body)
mark(row.header)
noted[#noted + 1] = { e = e, letter = letter, attempt = attempt, body = letter == 'c' and '' or body }
end
function history__flush(epoch, now)
if #noted == 0 then return end
local worker, at = worker_of(epoch), string.format('%.0f', now)
for _, note in ipairs(noted) do
local head = table.concat({ note.letter .. at, note.attempt, note.e.duration, worker, note.e.kind or '' }, '\\t')
append(note.e.id, head .. '\\n' .. string.sub(note.body, 1, MAX_TEXT))
end
noted = {}
end
end
local limits__freed
do
local function has(bits) return string.find(bits, 'l', 1, true) ~= nil end
function limits__freed(n, bits)
if n == 0 or not has(bits) then return end
local limit = tonumber(redis.call('HGET', base .. ':q', 'concurrency'))
if not limit then return end
local active = redis.call('HINCRBY', base .. ':q', 'active', -n)
if active < limit and active + n >= limit then wake__freed(1) end
end
end
local resources__facts, resources__fits, resources__promise, resources__release
do
local known = {}
local function facts_of(name)
if known[name] then return known[name] end
local limits = redis.call('HMGET', string.match(base, '^.-}') .. ':rm', name, '\\tdefault')
known[name] = { limit = tonumber(limits[1] or limits[2]) or false, used = tonumber(redis.call('HGET', string.match(base, '^.-}') .. ':ru', name)) or 0 }
return known[name]
end
function resources__facts(name) return facts_of(name) end
function resources__fits(name, amount)
local facts = facts_of(name)
return not facts.limit or facts.used + amount <= facts.limit
end
function resources__promise(name, amount) facts_of(name).used = facts_of(name).used + amount end
function resources__release(entries)
local ids, names, seen = {}, {}, {}
for i = 1, #entries do
if record__has(entries[i].facts, 'R') then ids[#ids + 1] = entries[i].id end
end
local texts = #ids > 0 and redis.call('HMGET', base .. ':x', unpack(ids)) or {}
for i = 1, #ids do
for _, use in ipairs(lines__uses(side__parse(texts[i] or '').r or {})) do
local left = redis.call('HINCRBY', string.match(base, '^.-}') .. ':ru', use.name, -use.amount)
if left <= 0 then redis.call('HDEL', string.match(base, '^.-}') .. ':ru', use.name) end
known[use.name] = nil
if not seen[use.name] then seen[use.name] = true; names[#names + 1] = use.name end
end
end
return names
end
end
local serving__serve
do
local BUDGET = 1000
local PAGE = 100
local left = BUDGET
local promised = {}
local function own_queue() return elsewhere__own_name() or '' end
local function amount_of(who, name)
local said
elsewhere__run(who.queue, function() said = side__of(who.id) end)
for _, use in ipairs(lines__uses(said.r or {})) do
if use.name == name then return use.amount end
end
end
local function choose(name, calls, are_too_much)
local limit = resources__facts(name).limit
for _, who in ipairs(lines__first(name, math.min(PAGE, left), are_too_much)) do
left = left - 1
local amount = amount_of(who, name)
if not amount then lines__strike(name, who)
elseif limit and amount > limit then
if are_too_much then return end
else
if not resources__fits(name, (promised[name] or 0) + amount) then return end
if who.queue ~= own_queue() then resources__promise(name, amount)
else promised[name] = (promised[name] or 0) + amount end
end
if amount then
calls[who.queue] = calls[who.queue] or {}
table.insert(calls[who.queue], who.id)
end
end
end
local function call(queue, ids)
local is_own = queue == own_queue()
elsewhere__run(queue, function()
local rows = {}
for i, id in ipairs(ids) do
lines__leave(id)
rows[i] = record__row(id, redis.call('HGET', base .. ':m', id), '')
end
ready__put_front(rows, redis.call('HGET', base .. ':q', 'bits') or '')
if not is_own then wake__some(#ids) end
end)
if is_own then wake__freed(#ids) end
end
function serving__serve(names)
local calls = {}
for _, name in ipairs(names) do
if left > 0 then choose(name, calls, true) end
if left > 0 then choose(name, calls, false) end
end
for queue, ids in pairs(calls) do call(queue, ids) end
end
end
local leave__apply
do
local MAX_STALLS = 3
local STALLED = '{"name":"JobStalledError","code":"JOB_STALLED","kind":"stalled","message":"The process that ran the job vanished, each time it was tried."}'
local headers, errors, front, delayed, retrying
local stalled = {}
local function save(row) headers[#headers + 1] = row.id; headers[#headers + 1] = record__header_text(row.header) end
local function finish_as(letter, e, row, body)
local h = row.header
local facts = e.facts
local charged = 1
if letter == 'f' or letter == 't' then
h.failures = h.failures + (e.how == 's' and 0 or 1)
charged = 0
end
local attempt = h.failures + h.stalls + charged
if letter ~= 'c' or record__has(h.flags, 'Y') then
history__note(e, row, letter, attempt, body)
save(row)
facts = facts .. 'H' .. h.flags
end
if letter ~= 'c' and letter ~= 'x' and record__has(facts, 'f') then failure__note(e.id, facts) end
finish__push({ id = e.id, letter = letter, facts = facts, attempt = attempt,
duration = e.duration, body = body, name = e.name, place = h.place, kind = e.kind })
end
local function later(e, row, now)
local h = row.header
history__note(e, row, e.how, h.failures + h.stalls + 1, e.body)
if e.how == 'r' then h.failures, h.uncounted = h.failures + 1, 0 else h.uncounted = h.uncounted + 1 end
if e.how == 'r' then stats__count_job(e, 'r') end
save(row)
if e.body ~= '' then errors[#errors + 1] = e.id; errors[#errors + 1] = e.body end
local set = e.how == 'z' and delayed or retrying
set[#set + 1] = string.format('%.0f', now + e.delay)
set[#set + 1] = e.id
events__push(e.how == 'z' and 'd' or 'r', e.id, e.name)
end
local function reclaim(e, row)
local h = row.header
if record__has(e.facts, 'M') then
h.stalls = h.stalls + 1
stats__count_job(e, 's')
local limit = tonumber(record__fact(e.facts, 's')) or MAX_STALLS
if h.stalls >= limit then
stalled[#stalled + 1] = e.id
e.kind = 'stalled'
return finish_as('f', e, row, STALLED)
end
end
if not record__has(h.flags, 'S') then h.flags = h.flags .. 'S' end
if record__has(e.facts, 'M') then history__note(e, row, 's', h.failures + h.stalls, '') end
save(row)
front[#front + 1] = row
events__push('s', e.id, e.name)
end
local function set_aside(e, row)
if row.priority ~= 0 then save(row) end
aside__put(e.name, e.id)
events__push('n', e.id, e.name)
end
local function move(e, row, now)
if e.how == 'r' or e.how == 'u' or e.how == 'z' then later(e, row, now)
elseif e.how == 's' then reclaim(e, row)
elseif e.how == 'g' then front[#front + 1] = row; events__push('w', e.id, e.name)
elseif e.how == 'n' then set_aside(e, row)
elseif e.how == 'm' then return
elseif e.how == 'a' then aggregation__join(e, row)
else finish_as(e.how, e, row, e.body) end
end
function leave__apply(epoch, entries, now, bits, drop)
if #entries == 0 then return end
local ids, odd = {}, {}
for i = 1, #entries do
local e = entries[i]
ids[i] = e.id
if e.how ~= 'c' or record__has(e.facts, 'H') then odd[#odd + 1] = e.id end
end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
limits__freed(#ids, bits)
if string.find(bits, 'o', 1, true) then groups__release(entries) end
local freed = string.find(bits, 'w', 1, true) and resources__release(entries) or {}
headers, errors, front, delayed, retrying = {}, {}, {}, {}, {}
local stored = #odd > 0 and redis.call('HMGET', base .. ':m', unpack(odd)) or {}
local n = 0
for i = 1, #entries do
local e = entries[i]
if e.how ~= 'c' or record__has(e.facts, 'H') then
n = n + 1
move(e, record__row(e.id, stored[n], e.facts), now)
else finish__push({ id = e.id, letter = 'c', facts = e.facts, attempt = 1, duration = e.duration, body = e.body, name = e.name }) end
end
if #headers > 0 then redis.call('HSET', base .. ':m', unpack(headers)) end
history__flush(epoch, now)
stats__flush(now)
finish__flush(now, bits, drop)
if #errors > 0 then redis.call('HSET', base .. ':e', unpack(errors)) end
if #delayed > 0 then redis.call('ZADD', base .. ':d', unpack(delayed)) end
if #retrying > 0 then redis.call('ZADD', base .. ':t', unpack(retrying)) end
serving__serve(freed)
ready__put_front(front, bits)
wake__some(#front)
aggregation__flush(now, bits)
failure__flush(now, bits)
end
local function release(epoch, plain)
local ids = {}
for i = 1, #plain, 2 do ids[#ids + 1] = plain[i] end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
return ids
end
end
local taken__push
function taken__push(epoch, id, token, reason)
local key = base .. ':h:' .. epoch
local text = redis.call('HGET', key, '\\ttaken') or '0\\n'
local last = tonumber(string.match(text, '^%d+')) + 1
text = last .. string.sub(text, string.find(text, '\\n', 1, true), -1) .. last .. '\\t' .. id .. '\\t' .. token .. '\\t' .. reason .. '\\n'
redis.call('HSET', key, '\\ttaken', text)
wake__tell(epoch, 't')
end
for i, id in ipairs(ids) do
local found = locate__find(id)
if not found then fates[i] = 'N'
elseif not found.held or done[id] then fates[i] = 'L'
else
local run = holds__entry(id, found.held)
leave__apply(found.epoch, { { id = id, facts = run.facts, how = 'g', duration = 0, body = '' } }, now, bits, drop)
taken__push(found.epoch, id, run.token, 'expired')
done[id] = true
fates[i] = 'E'
end
end
local text = table.concat(fates)
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), text)
events__flush(bits, now)
return { 'OK', text }
`,
  encode(args) {
    const argv = [nowArg('expire', args.now), args.laneId, intArg('expire', 'seq', args.seq)];
    pushRows(argv, 'expire', 'ids', args.ids, 1);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('expire', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fates: stringPart('expire', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('expire', parts);
    }
  },
};

/** Arguments of `failures`. */
export interface FailuresArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** '' = the groups. */
  readonly group: string;
  /** '' = from the start, else what the last page said. */
  readonly cursor: string;
  /** 1 to 1,000. */
  readonly limit: number;
  /** 1 = newest end first (of one group). */
  readonly reverse: number;
}

/**
 * What `failures` replies.
 * - `OK`: of each group five values: its name, how many jobs, the first end, the last end, and the job of that; of one group ids. cursor '' = no more
 */
export type FailuresReply = {
  readonly code: 'OK';
  readonly rows: readonly string[];
  readonly cursor: string;
};

/**
 * What failed for good, by what went wrong: the groups with most jobs first, or the jobs of one group, oldest end first.
 *
 * Keys: `fe:<group>`, `fg`
 */
export const failures: Script<FailuresArgs, FailuresReply> = {
  name: 'failures',
  repeat: 'read',
  sha1: 'f94b9aefe3f6902241452f8ce4e8313e9d0072a7',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, group, cursor, limit, reverse = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local refuse__with, refuse__call, refuse__unless_int
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('limit', limit, 1, 1000)
local rows = {}
local listing__refuse_cursor
function listing__refuse_cursor()
refuse__with('INVALID_OPTION', 'The cursor is none of this list. Go on with that of its last page, or begin without one.')
end
if group ~= '' then 
local listing__rank_after, listing__sorted
function listing__rank_after(key, cursor, reverse)
if cursor == '' then return 0 end
local score, id = string.match(cursor, '^(%d+%.?%d*)/(.*)$')
if not score then listing__refuse_cursor() end
local rank = reverse and redis.call('ZREVRANK', key, id) or (not reverse and redis.call('ZRANK', key, id))
if rank then return rank + 1 end
if reverse then return redis.call('ZCOUNT', key, '(' .. score, '+inf') end
return redis.call('ZCOUNT', key, '-inf', '(' .. score)
end
function listing__sorted(key, cursor, limit, reverse, ids)
local from = listing__rank_after(key, cursor, reverse)
local found = reverse and redis.call('ZREVRANGE', key, from, from + limit - 1, 'WITHSCORES')
or redis.call('ZRANGE', key, from, from + limit - 1, 'WITHSCORES')
for i = 1, #found, 2 do ids[#ids + 1] = found[i] end
if #found < 2 * limit then return '' end
return found[#found] .. '/' .. found[#found - 1]
end
return { 'OK', rows, listing__sorted(base .. ':fe:' .. group, cursor, limit, reverse == 1, rows) } end
if not string.find(cursor, '^%d*$') then listing__refuse_cursor() end
local from = tonumber(cursor) or 0
local found = redis.call('ZREVRANGE', base .. ':fg', from, from + limit - 1, 'WITHSCORES')
for i = 1, #found, 2 do
local key = base .. ':fe:' .. found[i]
local first, last = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES'), redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
for _, value in ipairs({ found[i], found[i + 1], first[2], last[2], last[1] }) do rows[#rows + 1] = value end
end
return { 'OK', rows, #found == 2 * limit and tostring(from + limit) or '' }
`,
  encode(args) {
    return [
      nowArg('failures', args.now),
      args.group,
      args.cursor,
      intArg('failures', 'limit', args.limit),
      intArg('failures', 'reverse', args.reverse),
    ];
  },
  decode(raw) {
    const parts = replyParts('failures', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          rows: stringsPart('failures', parts, 1),
          cursor: stringPart('failures', parts, 2),
        };
      default:
        throw unknownCode('failures', parts);
    }
  },
};

/** Arguments of `fireBatches`. */
export interface FireBatchesArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** The job's name. */
  readonly name: string;
  /** 1 = the batch of `key`, 0 = all of the name. */
  readonly keyed: number;
  readonly key: string;
  /** 0 begins. */
  readonly cursor: string;
}

/**
 * What `fireBatches` replies.
 * - `OK`: 0 at the end, else call again with it
 */
export type FireBatchesReply = {
  readonly code: 'OK';
  readonly fired: number;
  readonly cursor: string;
};

/**
 * Let open batches run now: the one of a name and key, or all of a name, a part of them at a time.
 *
 * Keys: `ad`, `af`, `ao`, `g:<group>`, `gl`, `gn`, `gw`, `i`, `pn`, `pp`, `q`, `r`, `rf`, `w:<epoch>`, `x`
 */
export const fireBatches: Script<FireBatchesArgs, FireBatchesReply> = {
  name: 'fire-batches',
  repeat: 'natural',
  sha1: '14067e1f5e26f5852b7e5e222ef150f7e54315a4',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, name, keyed, key, cursor = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
clock__now(now_arg)
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
refuse__unless_name('name', name)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('keyed', keyed, 0, 1)
if not string.find(cursor, '^%d+$') then refuse__call('A cursor is a number.') end
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local record__has, record__entry
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
local side__parse
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
local wake__some
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local groups__names, groups__of, groups__put
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
end
local ready__put_back
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
end
local aggregation__identity, aggregation__read, aggregation__row, aggregation__fire
function aggregation__identity(name, key) return #name .. ':' .. name .. ':' .. key end
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
function aggregation__row(number, priority)
return { id = '\\tb' .. number, header = { place = '0' }, priority = priority }
end
function aggregation__fire(number, bits)
local priority, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':ao', identity)
redis.call('ZREM', base .. ':ad', number)
ready__put_back({ aggregation__row(number, priority) }, bits)
redis.call('HINCRBY', base .. ':q', 'batches', 1)
wake__some(1)
end
if keyed == 1 then
local number = redis.call('HGET', base .. ':ao', aggregation__identity(name, key))
if number then aggregation__fire(number, bits) end
return { 'OK', number and 1 or 0, '0' }
end
local page = redis.call('HSCAN', base .. ':ao', cursor, 'COUNT', 500)
local prefix, fired = aggregation__identity(name, ''), 0
for i = 1, #page[2], 2 do
if string.sub(page[2][i], 1, #prefix) == prefix then
fired = fired + 1
aggregation__fire(page[2][i + 1], bits)
end
end
return { 'OK', fired, page[1] }
`,
  encode(args) {
    return [
      nowArg('fire-batches', args.now),
      args.name,
      intArg('fire-batches', 'keyed', args.keyed),
      args.key,
      args.cursor,
    ];
  },
  decode(raw) {
    const parts = replyParts('fire-batches', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fired: intPart('fire-batches', parts, 1),
          cursor: stringPart('fire-batches', parts, 2),
        };
      default:
        throw unknownCode('fire-batches', parts);
    }
  },
};

/** Arguments of `fire`. */
export interface FireArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly id: string;
  /** Its next time, as the caller has read it. */
  readonly at: number;
  /** Of the definition by which the rest was worked out. */
  readonly hash: string;
  /** When it fires next; 0 = it does not. */
  readonly nextAt: number;
  /** How many more jobs it may add at all; 0 = no bound. */
  readonly left: number;
  /** 1 = none while the last job that it added has not ended. */
  readonly alone: number;
  /**
   * The times that are met; how: as in `add-checked`, with ck,m<ms>, and lines behind it.
   * Rows, as one flat list: at, how, body.
   */
  readonly rows: readonly string[];
}

/**
 * What `fire` replies.
 * - `OK`: how many jobs were added
 * - `LOST`: it fires at another time, by another definition, or not at all
 */
export type FireReply =
  | {
      readonly code: 'OK';
      readonly fired: number;
    }
  | { readonly code: 'LOST' }
  | {
      readonly code: 'UPGRADE';
      readonly bits: string;
    };

/**
 * Add the jobs of a schedule whose time has come, and set its next time: if nobody has done so before. The id of each job is
 * made of the schedule's and its time, so that none is added twice even then.
 *
 * Keys: `L`, `^rm`, `^rn`, `^ru`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `aw`, `d`, `e`, `ev`, `f:<state>`, `fc`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `h:<epoch>`, `hs:<id>`, `i`, `ids`, `j`, `m`, `mi`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `s:<id>`, `sc`, `sd`, `sh:<id>`, `si`, `sm`, `sn`, `sp`, `st:<day>`, `t`, `tc`, `tg:<tag>`, `u:<name>`, `uk`, `un`, `uz`, `w:<epoch>`, `wr`, `ws`, `x`, `y:<state>`
 * Events: `h`, `l`, `w`, `x`
 */
export const fire: Script<FireArgs, FireReply> = {
  name: 'fire',
  repeat: 'natural',
  sha1: '18e7cd38d41263a8dc33daf59e51d2f08a931fad',
  source: `local base = KEYS[1]
local now_arg, id, at, hash, next_at, left, alone = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local REST = 8
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local facts = redis.call('HMGET', base .. ':q', 'bits', 'ghosts', 'gone')
local bits = facts[1] or ''
local features__are_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
if not features__are_known(bits) then return { 'UPGRADE', bits } end
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('next_at', next_at, 0, 253402300799999)
refuse__unless_int('left', left, 0, 9007199254740991)
refuse__unless_int('alone', alone, 0, 1)
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 3)
local schedules__find
do
local RECORD = '^1(%d+),(%d+),(%d+)\\t(%w+)\\t([^\\n]*)\\n(.*)$'
function schedules__find(id)
local text = redis.call('HGET', base .. ':sc', id)
if not text then return nil end
local revision, count, last, hash, job, definition = string.match(text, RECORD)
local found = { text = text, revision = tonumber(revision), count = tonumber(count), last = last, hash = hash, job = job,
definition = definition, state = 'over', at = 0 }
local at = redis.call('ZSCORE', base .. ':sn', id)
if at then found.state = 'running'
else
at = redis.call('ZSCORE', base .. ':sp', id)
if at then found.state = 'paused' end
end
found.at = tonumber(at or 0)
return found
end
end
local found = schedules__find(id)
if not found or found.state ~= 'running' or found.at ~= at or found.hash ~= hash or at > now then return { 'LOST' } end
local is_live = alone == 1 and redis.call('HEXISTS', base .. ':j', found.job) == 1 and redis.call('HEXISTS', base .. ':o', found.job) == 0
local times, last = {}, at - 1
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local features__is_understood, features__enable, features__enable_all
do
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1 }
function features__is_understood(letter)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local open = redis.call('HGET', base .. ':h:' .. epoch, '\\topen')
if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
end
return true
end
function features__enable(bits, letter)
if string.find(bits, letter, 1, true) then return bits end
if not features__is_understood(letter) then
refuse__with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
end
bits = bits .. letter
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
function features__enable_all(bits, letters)
for letter in string.gmatch(letters, '.') do bits = features__enable(bits, letter) end
return bits
end
end
local record__FORMAT, record__PLAIN_BODY, record__STATES, record__is_body, record__agrees, record__name, record__facts, record__fact, record__has, record__flags, record__header, record__header_text, record__entry, record__row
record__FORMAT = '1'
record__PLAIN_BODY = '^\\t[^%c]+\\t\\t[^\\n]*\\n'
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
function record__is_body(body)
return string.find(body, '^[pkxsuvf]*\\t[^%c]+\\t[%d:,pkxsuvf%-]*\\t[^\\n]*\\n') ~= nil
end
function record__agrees(body)
local flags, fields = string.match(body, '^(%a*)\\t[^\\t]*\\t([^\\t]*)\\t')
return flags == string.gsub(fields, '%A', '')
end
function record__name(envelope)
return string.match(envelope, '^1[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__flags(facts)
return (string.gsub(string.match(facts, 'H(%a*)') or '', 'M', ''))
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local side__parse, side__read, side__kept, side__of, side__has_lines, side__features
do
local LINES = { t = { flag = 'T', least = 1, most = 32 }, u = { least = 4, most = 5 },
g = { flag = 'G', least = 1, most = 1, bit = 'o' }, r = { flag = 'R', least = 2, most = 32, bit = 'w' } }
local ORDER = { 't', 'g', 'r' }
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
local function check_uses(values)
local seen = {}
for i = 1, #values, 2 do
local amount = values[i + 1]
if seen[values[i]] or not amount or #amount > 9 or not string.find(amount, '^[1-9]%d*$') then
refuse__call('The line "r" of a job is not resources with amounts.')
end
seen[values[i]] = true
end
end
function side__read(text)
local said = side__parse(text)
for letter, values in pairs(said) do
local form = LINES[letter]
if not form then refuse__call('There is no line "' .. letter .. '" that a job can have.') end
if #values < form.least or #values > form.most then
refuse__call('The line "' .. letter .. '" of a job has ' .. #values .. ' values.')
end
if form.flag then
for i = 1, #values do refuse__unless_name('value of a line', values[i]) end
end
if letter == 'r' then check_uses(values) end
end
return said
end
function side__kept(said)
local lines, flags = {}, ''
for _, letter in ipairs(ORDER) do
local values = said[letter]
if values and #values > 0 then
lines[#lines + 1] = letter .. '\\t' .. table.concat(values, '\\t')
flags = flags .. LINES[letter].flag
end
end
return table.concat(lines, '\\n'), flags
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
function side__has_lines(flags) return string.find(flags, '[TRG]') ~= nil end
function side__features(said)
local letters = ''
for letter in pairs(said) do letters = letters .. (LINES[letter].bit or '') end
return letters
end
end
local tags__add, tags__drop
function tags__add(id, names, now)
for i = 1, #names do
if redis.call('ZADD', base .. ':tg:' .. names[i], 'NX', string.format('%.0f', now), id) == 1 then
redis.call('ZINCRBY', base .. ':tc', 1, names[i])
end
end
end
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
local forget__jobs
do
local function forget_sides(id)
local said = side__of(id)
if said.t then tags__drop(id, said.t) end
redis.call('HDEL', base .. ':x', id)
end
local function forget_extras(ids, flags)
local keys = {}
for i = 1, #ids do
if flags[i] ~= '' then
if record__has(flags[i], 'N') then keys[#keys + 1] = base .. ':s:' .. ids[i] end
if record__has(flags[i], 'Y') then keys[#keys + 1] = base .. ':hs:' .. ids[i] end
if side__has_lines(flags[i]) then forget_sides(ids[i]) end
end
end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
end
function forget__jobs(ids, flags)
if #ids == 0 then return end
forget_extras(ids, flags)
redis.call('HDEL', base .. ':j', unpack(ids))
redis.call('HDEL', base .. ':m', unpack(ids))
redis.call('HDEL', base .. ':o', unpack(ids))
redis.call('HDEL', base .. ':e', unpack(ids))
end
end
local holds__entry
function holds__entry(id, value)
local slot, seq, nth, facts = string.match(value, '^([^.]*)%.(%d+)%.(%d*)(.*)$')
return { id = id, token = slot .. '.' .. seq, slot = slot, seq = tonumber(seq), nth = tonumber(nth) or 0, facts = facts }
end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local wake__some, wake__freed, wake__tell
do
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local is_later, freed = false, 0
function wake__freed(n)
if is_later then freed = freed + n else wake__some(n) end
end
function wake__tell(epoch, what)
redis.call('PUBLISH', base .. ':w:' .. epoch, what)
end
end
local groups__names, groups__of, groups__put, groups__forget_if_empty, groups__drop, groups__release
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
function groups__release(entries)
local ids, flags, freed, again = {}, {}, {}, {}
for i = 1, #entries do ids[i], flags[i] = entries[i].id, entries[i].facts end
for id, name in pairs(groups__names(ids, flags)) do
freed[name] = freed[name] or {}
table.insert(freed[name], id)
end
for name, members in pairs(freed) do
redis.call('SREM', base .. ':gs:' .. name, unpack(members))
if redis.call('EXISTS', base .. ':g:' .. name) == 1 then again[#again + 1] = name else groups__forget_if_empty(name) end
end
wake__freed(join(again))
end
end
local elsewhere__own_name, elsewhere__run
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
local function place(queue) return head() .. #queue .. ':' .. queue end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
function elsewhere__run(queue, action)
local own = base
if queue ~= '' then base = place(queue) end
action()
base = own
end
end
local lines__uses, lines__strike, lines__leave, lines__first
do
local TOO_MUCH_TEXT = '18014398509481984'
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__strike(name, who) drop(name, who.queue .. '\\t' .. who.id) end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
function lines__first(name, n, are_too_much)
local from, to = are_too_much and TOO_MUCH_TEXT or '-inf', are_too_much and '+inf' or '(' .. TOO_MUCH_TEXT
local members, found = redis.call('ZRANGEBYSCORE', string.match(base, '^.-}') .. ':rw:' .. name, from, to, 'LIMIT', 0, n), {}
for i = 1, #members do
local queue, id = string.match(members[i], '^([^\\t]*)\\t(.*)$')
found[i] = { queue = queue, id = id }
end
return found
end
end
local ready__append, ready__put_back, ready__put_front, ready__drop, ready__new_place
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__append(entries)
if #entries > 0 then redis.call('RPUSH', base .. ':r', unpack(entries)) end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
function ready__put_front(rows, bits) put(rows, 'front', bits) end
function ready__drop(id)
if lines__leave(id) or groups__drop(id) then return true end
if redis.call('ZREM', base .. ':pp', id) + redis.call('ZREM', base .. ':pn', id) > 0 then return true end
redis.call('HINCRBY', base .. ':q', 'ghosts', 1)
return false
end
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
end
local aggregation__identity, aggregation__join, aggregation__read, aggregation__row, aggregation__fire, aggregation__flush, aggregation__withdraw
do
local MAX_SIZE = 1000
local joining = {}
function aggregation__identity(name, key) return #name .. ':' .. name .. ':' .. key end
function aggregation__join(e, row)
local grace, delay, most, key = string.match(e.body, '^(%d+),(%d+),(%d+),(%C*)$')
local identity = aggregation__identity(e.name, key)
local group = joining[identity]
if not group then
group = { ids = {}, priority = row.priority }
joining[identity] = group
joining[#joining + 1] = identity
end
group.ids[#group.ids + 1] = e.id
group.priority = math.max(group.priority, row.priority)
group.grace, group.delay = tonumber(grace), tonumber(delay)
group.most = math.max(1, math.min(tonumber(most), MAX_SIZE))
events__push('o', e.id, e.name)
end
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
local function write(number, priority, first, most, identity)
redis.call('HSET', base .. ':af', number, priority .. ',' .. string.format('%.0f', first) .. ',' .. most .. '\\t' .. identity)
end
function aggregation__row(number, priority)
return { id = '\\tb' .. number, header = { place = '0' }, priority = priority }
end
function aggregation__fire(number, bits)
local priority, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':ao', identity)
redis.call('ZREM', base .. ':ad', number)
ready__put_back({ aggregation__row(number, priority) }, bits)
redis.call('HINCRBY', base .. ':q', 'batches', 1)
wake__some(1)
end
local function opened(identity, group, now)
local number = redis.call('HGET', base .. ':ao', identity)
if number then
local priority, first = aggregation__read(number)
return number, math.max(priority, group.priority), first, redis.call('LLEN', base .. ':ab:' .. number)
end
number = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'batch', 1))
redis.call('HSET', base .. ':ao', identity, number)
return number, group.priority, now, 0
end
local function add(identity, group, from, now, bits)
local number, priority, first, size = opened(identity, group, now)
local last = math.min(#group.ids, from + math.max(1, group.most - size) - 1)
local scores = {}
for i = from, last do scores[#scores + 1] = number; scores[#scores + 1] = group.ids[i] end
redis.call('RPUSH', base .. ':ab:' .. number, unpack(group.ids, from, last))
redis.call('ZADD', base .. ':ag', unpack(scores))
write(number, priority, first, group.most, identity)
redis.call('ZADD', base .. ':ad', string.format('%.0f', math.min(now + group.grace, first + group.delay)), number)
if size + last - from + 1 >= group.most then aggregation__fire(number, bits) end
return last + 1
end
function aggregation__flush(now, bits)
for _, identity in ipairs(joining) do
local group, from = joining[identity], 1
while from <= #group.ids do from = add(identity, group, from, now, bits) end
end
joining = {}
end
function aggregation__withdraw(id, number)
redis.call('ZREM', base .. ':ag', id)
redis.call('LREM', base .. ':ab:' .. number, 1, id)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return end
local _, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':af', number)
if redis.call('ZREM', base .. ':ad', number) == 1 then redis.call('HDEL', base .. ':ao', identity)
else
redis.call('HINCRBY', base .. ':q', 'batches', -1)
ready__drop('\\tb' .. number)
end
end
end
local aside__put, aside__drop
do
function aside__put(name, id)
redis.call('SADD', base .. ':un', name)
redis.call('ZADD', base .. ':u:' .. name, redis.call('HINCRBY', base .. ':q', 'aside', 1), id)
end
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__drop(name, id)
redis.call('ZREM', base .. ':u:' .. name, id)
forget_if_empty(name)
end
end
local failure__check, failure__note, failure__flush
do
local added = {}
local function parts(text, fields)
local length = tonumber(record__fact(fields, 'f'))
if not length then return nil end
local from = string.find(text, '\\n', 1, true) + 1
local stored = string.sub(text, from, from + length - 1)
if #stored == length then return string.match(stored, '^(%C+)\\n(.*)$') end
end
function failure__check(body)
local fields = string.match(body, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t')
if not record__has(fields, 'f') then return false end
local id, other = parts(body, fields)
if not id or not record__is_body(other) or not record__agrees(other) or string.find(other, '^%a*[fuv]') then
refuse__call('The job in store for a failure cannot be read.')
end
local priority = record__fact(string.match(other, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t'), 'p')
if priority then refuse__unless_int('The priority', tonumber(priority), -1000, 1000) end
return priority ~= nil
end
function failure__note(id, facts)
local other, body = parts(redis.call('HGET', base .. ':j', id), facts)
added[#added + 1] = { id = other .. '.' .. ready__new_place(), body = body }
end
function failure__flush(now, bits)
if #added == 0 then return end
local stamp, jobs, rows = record__FORMAT .. string.format('%.0f', now), {}, {}
for i = 1, #added do
local id, envelope = added[i].id, stamp .. added[i].body
jobs[#jobs + 1] = id
jobs[#jobs + 1] = envelope
rows[i] = record__row(id, nil, record__facts(envelope))
events__push('w', id, record__name(envelope))
end
redis.call('HSET', base .. ':j', unpack(jobs))
ready__put_back(rows, bits)
wake__some(#rows)
added = {}
end
end
local completed__append, completed__left
function completed__append(entries)
if #entries > 0 then redis.call('RPUSH', base .. ':fc', unpack(entries)) end
end
function completed__left() redis.call('HINCRBY', base .. ':q', 'gone', 1) end
local failures__enter, failures__flush, failures__left
do
local KINDS = { f = 'Error', t = 'timeout', b = 'broken' }
local entered = {}
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__enter(job, at)
local usual = KINDS[job.letter]
if not usual then return end
local kind = job.kind and job.kind ~= '' and job.kind or usual
local list = gather(entered, job.called .. ':' .. kind)
list[#list + 1] = at
list[#list + 1] = job.id
end
function failures__flush()
for _, group in ipairs(entered) do
local list, rows = entered[group], {}
for i = 2, #list, 2 do rows[i - 1] = list[i]; rows[i] = group end
redis.call('HSET', base .. ':fk', unpack(rows))
redis.call('ZADD', base .. ':fe:' .. group, unpack(list))
redis.call('ZINCRBY', base .. ':fg', #list / 2, group)
end
entered = {}
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local stats__LETTERS, stats__count, stats__count_job, stats__day, stats__known_name, stats__note_day, stats__flush
do
local DAY_MS, MINUTE_MS, DAY_MINUTES = 86400000, 60000, 1440
local MAX_NAMES = 1000
local REST_NAME = '*'
stats__LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }
local counted, order = {}, {}
function stats__count(name, letter, n)
if n == 0 then return end
local counts = counted[name]
if not counts then counts = {}; counted[name] = counts; order[#order + 1] = name end
counts[letter] = (counts[letter] or 0) + n
end
function stats__count_job(job, letter)
local name = job.name
if not name or name == '' then name = record__name(redis.call('HGET', base .. ':j', job.id)) end
job.called = name
stats__count(name, letter, 1)
end
function stats__day(at) return math.floor(at / DAY_MS) end
function stats__known_name(name, day)
local last = redis.call('ZSCORE', base .. ':sm', name)
if not last and redis.call('ZCARD', base .. ':sm') >= MAX_NAMES then name = REST_NAME end
if not last or tonumber(last) < day then redis.call('ZADD', base .. ':sm', day, name) end
return name
end
function stats__note_day(day) redis.call('ZADD', base .. ':sd', day, day) end
local function add_to_minute(at, totals)
local minute = math.floor(at / MINUTE_MS)
local field, counts = minute % DAY_MINUTES, {}
local stored = redis.call('HGET', base .. ':mi', field)
local since, rest = string.match(stored or '', '^(%d+)(.*)$')
if since and tonumber(since) > minute then return end
if tonumber(since) ~= minute then rest = '' end
for n in string.gmatch(rest, '%d+') do counts[#counts + 1] = tonumber(n) end
for i, letter in ipairs(stats__LETTERS) do counts[i] = string.format('%.0f', (counts[i] or 0) + (totals[letter] or 0)) end
redis.call('HSET', base .. ':mi', field, string.format('%.0f', minute) .. ',' .. table.concat(counts, ','))
end
function stats__flush(at)
if #order == 0 then return end
local day, totals = stats__day(at), {}
local key = base .. ':st:' .. day
stats__note_day(day)
for _, name in ipairs(order) do
local known = stats__known_name(name, day)
for letter, n in pairs(counted[name]) do
redis.call('HINCRBY', key, known .. '\\t' .. letter, n)
totals[letter] = (totals[letter] or 0) + n
end
end
for letter, n in pairs(totals) do
redis.call('HINCRBY', key, '\\t' .. letter, n)
redis.call('HINCRBY', base .. ':st:' .. 'all', '\\t' .. letter, n)
end
add_to_minute(at, totals)
counted, order = {}, {}
end
end
local unique__check, unique__holder, unique__hold, unique__key, unique__release
function unique__check(values, body)
local key, letter, ms, policy = unpack(values or { '0', '', '0', 'k' })
if not string.find(key, '^%d+$') or #key > 40 or not string.find(letter, '^[uv]?$') or not string.find(ms, '^%d*$') or #ms > 15
or (letter == '' and ms == '') or not string.find(policy, '^[kjr]$') or (values and values[5] and values[5] ~= 'x') then
refuse__call('The line "u" of a job cannot be read.')
end
local fields = string.match(body, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t')
for _, field in ipairs({ 'u', 'v' }) do
if record__fact(fields, field) ~= (field == letter and key or nil) then
refuse__call('The fields of a job and its line "u" do not agree.')
end
end
end
function unique__holder(key, now)
local entry = redis.call('HGET', base .. ':uk', key)
if not entry then return nil end
local id, expiry = string.match(entry, '^(.*)\\t(%d*)$')
if expiry ~= '' and tonumber(expiry) <= now then return nil end
return id
end
function unique__hold(key, id, ms, now)
local expiry = ms ~= '' and string.format('%.0f', now + ms) or ''
redis.call('HSET', base .. ':uk', key, id .. '\\t' .. expiry)
if expiry ~= '' then redis.call('ZADD', base .. ':uz', expiry, key) else redis.call('ZREM', base .. ':uz', key) end
end
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
local finish__push, finish__flush
do
local AWAITED_MS = 60000
local ended = {}
function finish__push(job) ended[#ended + 1] = job end
local function own_age(job)
local ages = job.facts ~= '' and record__fact(job.facts, 'k')
return ages and tonumber(string.match(ages, job.letter == 'c' and '^(%d+):' or ':(%d+)$')) or nil
end
local function tell_waiters(waiting, id, outcome)
for channel in string.gmatch(string.match(waiting, '\\t(.*)$'), '%S+') do
redis.call('PUBLISH', channel, id .. '\\t' .. outcome)
end
redis.call('HDEL', base .. ':aw', id)
end
local function waiting_for(bits)
if not string.find(bits, 'a', 1, true) then return {} end
local ids = {}
for i = 1, #ended do ids[i] = ended[i].id end
return redis.call('HMGET', base .. ':aw', unpack(ids))
end
local DONE = 'done'
local function home(job, is_awaited, drop, now)
local age = own_age(job)
local state = record__STATES[job.letter]
local dropped = age == 0 or (not age and string.find(drop, job.letter, 1, true))
if is_awaited and (dropped or (age and age < AWAITED_MS)) then age, dropped = AWAITED_MS, false end
if dropped then return nil end
if age then return base .. ':y:' .. state, string.format('%.0f', now + age) end
if is_awaited then return base .. ':y:' .. state, string.format('%.0f', now + AWAITED_MS - 1) .. '.5' end
if job.letter == 'c' then return DONE end
return base .. ':f:' .. state, string.format('%.0f', now)
end
local function add(lists, key, a, b)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
list[#list + 1] = a
list[#list + 1] = b
end
function finish__flush(now, bits, drop)
if #ended == 0 then return end
local gone, gone_with, flags, flagged, texts, sets, done = {}, {}, {}, {}, {}, {}, {}
local waiting = waiting_for(bits)
local at = string.format('%.0f', now)
for i = 1, #ended do
local job = ended[i]
if job.letter ~= 'c' then stats__count_job(job, job.letter) end
local key, score = home(job, waiting[i], drop, now)
if key then
local outcome = job.letter .. at .. ',' .. job.attempt .. ',' .. job.duration .. '\\n' .. job.body
texts[#texts + 1] = job.id
texts[#texts + 1] = outcome
if key == DONE then done[#done + 1] = record__entry(job.id, job.place or '0')
else add(sets, key, score, job.id) end
failures__enter(job, at)
if waiting[i] then tell_waiters(waiting[i], job.id, outcome) end
elseif record__has(job.facts, 'H') then
gone_with[#gone_with + 1] = job.id
flags[#gone_with] = record__flags(job.facts)
else gone[#gone + 1] = job.id end
if key and record__has(job.facts, 'H') then flagged[#flagged + 1] = job.id end
unique__release(job.id, job.facts)
events__push(job.letter, job.id, job.name)
end
if #gone > 0 then redis.call('HDEL', base .. ':j', unpack(gone)) end
forget__jobs(gone_with, flags)
if #flagged > 0 then redis.call('HDEL', base .. ':e', unpack(flagged)) end
if #texts > 0 then redis.call('HSET', base .. ':o', unpack(texts)) end
for i = 1, #sets do redis.call('ZADD', sets[i], unpack(sets[sets[i]])) end
completed__append(done)
failures__flush()
stats__flush(now)
ended = {}
end
end
local history__note, history__flush
do
local MAX_ENTRIES = 100
local MAX_TEXT = 500
local noted = {}
local function append(id, entry)
local key = base .. ':hs:' .. id
if redis.call('RPUSH', key, entry) <= MAX_ENTRIES then return end
local first = redis.call('LPOP', key)
redis.call('LPOP', key)
redis.call('LPUSH', key, first)
end
local function worker_of(epoch)
local info = redis.call('HGET', base .. ':ws', epoch)
return info and string.match(info, '"name":"([^"\\\\%c]+)"') or epoch
end
local function mark(header)
if not record__has(header.flags, 'Y') then header.flags = header.flags .. 'Y' end
end
function history__note(e, row, letter, attempt, body)
mark(row.header)
noted[#noted + 1] = { e = e, letter = letter, attempt = attempt, body = letter == 'c' and '' or body }
end
function history__flush(epoch, now)
if #noted == 0 then return end
local worker, at = worker_of(epoch), string.format('%.0f', now)
for _, note in ipairs(noted) do
local head = table.concat({ note.letter .. at, note.attempt, note.e.duration, worker, note.e.kind or '' }, '\\t')
append(note.e.id, head .. '\\n' .. string.sub(note.body, 1, MAX_TEXT))
end
noted = {}
end
end
local limits__freed
do
local function has(bits) return string.find(bits, 'l', 1, true) ~= nil end
function limits__freed(n, bits)
if n == 0 or not has(bits) then return end
local limit = tonumber(redis.call('HGET', base .. ':q', 'concurrency'))
if not limit then return end
local active = redis.call('HINCRBY', base .. ':q', 'active', -n)
if active < limit and active + n >= limit then wake__freed(1) end
end
end
local resources__facts, resources__fits, resources__promise, resources__release
do
local known = {}
local function facts_of(name)
if known[name] then return known[name] end
local limits = redis.call('HMGET', string.match(base, '^.-}') .. ':rm', name, '\\tdefault')
known[name] = { limit = tonumber(limits[1] or limits[2]) or false, used = tonumber(redis.call('HGET', string.match(base, '^.-}') .. ':ru', name)) or 0 }
return known[name]
end
function resources__facts(name) return facts_of(name) end
function resources__fits(name, amount)
local facts = facts_of(name)
return not facts.limit or facts.used + amount <= facts.limit
end
function resources__promise(name, amount) facts_of(name).used = facts_of(name).used + amount end
function resources__release(entries)
local ids, names, seen = {}, {}, {}
for i = 1, #entries do
if record__has(entries[i].facts, 'R') then ids[#ids + 1] = entries[i].id end
end
local texts = #ids > 0 and redis.call('HMGET', base .. ':x', unpack(ids)) or {}
for i = 1, #ids do
for _, use in ipairs(lines__uses(side__parse(texts[i] or '').r or {})) do
local left = redis.call('HINCRBY', string.match(base, '^.-}') .. ':ru', use.name, -use.amount)
if left <= 0 then redis.call('HDEL', string.match(base, '^.-}') .. ':ru', use.name) end
known[use.name] = nil
if not seen[use.name] then seen[use.name] = true; names[#names + 1] = use.name end
end
end
return names
end
end
local serving__serve
do
local BUDGET = 1000
local PAGE = 100
local left = BUDGET
local promised = {}
local function own_queue() return elsewhere__own_name() or '' end
local function amount_of(who, name)
local said
elsewhere__run(who.queue, function() said = side__of(who.id) end)
for _, use in ipairs(lines__uses(said.r or {})) do
if use.name == name then return use.amount end
end
end
local function choose(name, calls, are_too_much)
local limit = resources__facts(name).limit
for _, who in ipairs(lines__first(name, math.min(PAGE, left), are_too_much)) do
left = left - 1
local amount = amount_of(who, name)
if not amount then lines__strike(name, who)
elseif limit and amount > limit then
if are_too_much then return end
else
if not resources__fits(name, (promised[name] or 0) + amount) then return end
if who.queue ~= own_queue() then resources__promise(name, amount)
else promised[name] = (promised[name] or 0) + amount end
end
if amount then
calls[who.queue] = calls[who.queue] or {}
table.insert(calls[who.queue], who.id)
end
end
end
local function call(queue, ids)
local is_own = queue == own_queue()
elsewhere__run(queue, function()
local rows = {}
for i, id in ipairs(ids) do
lines__leave(id)
rows[i] = record__row(id, redis.call('HGET', base .. ':m', id), '')
end
ready__put_front(rows, redis.call('HGET', base .. ':q', 'bits') or '')
if not is_own then wake__some(#ids) end
end)
if is_own then wake__freed(#ids) end
end
function serving__serve(names)
local calls = {}
for _, name in ipairs(names) do
if left > 0 then choose(name, calls, true) end
if left > 0 then choose(name, calls, false) end
end
for queue, ids in pairs(calls) do call(queue, ids) end
end
end
local leave__apply
do
local MAX_STALLS = 3
local STALLED = '{"name":"JobStalledError","code":"JOB_STALLED","kind":"stalled","message":"The process that ran the job vanished, each time it was tried."}'
local headers, errors, front, delayed, retrying
local stalled = {}
local function save(row) headers[#headers + 1] = row.id; headers[#headers + 1] = record__header_text(row.header) end
local function finish_as(letter, e, row, body)
local h = row.header
local facts = e.facts
local charged = 1
if letter == 'f' or letter == 't' then
h.failures = h.failures + (e.how == 's' and 0 or 1)
charged = 0
end
local attempt = h.failures + h.stalls + charged
if letter ~= 'c' or record__has(h.flags, 'Y') then
history__note(e, row, letter, attempt, body)
save(row)
facts = facts .. 'H' .. h.flags
end
if letter ~= 'c' and letter ~= 'x' and record__has(facts, 'f') then failure__note(e.id, facts) end
finish__push({ id = e.id, letter = letter, facts = facts, attempt = attempt,
duration = e.duration, body = body, name = e.name, place = h.place, kind = e.kind })
end
local function later(e, row, now)
local h = row.header
history__note(e, row, e.how, h.failures + h.stalls + 1, e.body)
if e.how == 'r' then h.failures, h.uncounted = h.failures + 1, 0 else h.uncounted = h.uncounted + 1 end
if e.how == 'r' then stats__count_job(e, 'r') end
save(row)
if e.body ~= '' then errors[#errors + 1] = e.id; errors[#errors + 1] = e.body end
local set = e.how == 'z' and delayed or retrying
set[#set + 1] = string.format('%.0f', now + e.delay)
set[#set + 1] = e.id
events__push(e.how == 'z' and 'd' or 'r', e.id, e.name)
end
local function reclaim(e, row)
local h = row.header
if record__has(e.facts, 'M') then
h.stalls = h.stalls + 1
stats__count_job(e, 's')
local limit = tonumber(record__fact(e.facts, 's')) or MAX_STALLS
if h.stalls >= limit then
stalled[#stalled + 1] = e.id
e.kind = 'stalled'
return finish_as('f', e, row, STALLED)
end
end
if not record__has(h.flags, 'S') then h.flags = h.flags .. 'S' end
if record__has(e.facts, 'M') then history__note(e, row, 's', h.failures + h.stalls, '') end
save(row)
front[#front + 1] = row
events__push('s', e.id, e.name)
end
local function set_aside(e, row)
if row.priority ~= 0 then save(row) end
aside__put(e.name, e.id)
events__push('n', e.id, e.name)
end
local function move(e, row, now)
if e.how == 'r' or e.how == 'u' or e.how == 'z' then later(e, row, now)
elseif e.how == 's' then reclaim(e, row)
elseif e.how == 'g' then front[#front + 1] = row; events__push('w', e.id, e.name)
elseif e.how == 'n' then set_aside(e, row)
elseif e.how == 'm' then return
elseif e.how == 'a' then aggregation__join(e, row)
else finish_as(e.how, e, row, e.body) end
end
function leave__apply(epoch, entries, now, bits, drop)
if #entries == 0 then return end
local ids, odd = {}, {}
for i = 1, #entries do
local e = entries[i]
ids[i] = e.id
if e.how ~= 'c' or record__has(e.facts, 'H') then odd[#odd + 1] = e.id end
end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
limits__freed(#ids, bits)
if string.find(bits, 'o', 1, true) then groups__release(entries) end
local freed = string.find(bits, 'w', 1, true) and resources__release(entries) or {}
headers, errors, front, delayed, retrying = {}, {}, {}, {}, {}
local stored = #odd > 0 and redis.call('HMGET', base .. ':m', unpack(odd)) or {}
local n = 0
for i = 1, #entries do
local e = entries[i]
if e.how ~= 'c' or record__has(e.facts, 'H') then
n = n + 1
move(e, record__row(e.id, stored[n], e.facts), now)
else finish__push({ id = e.id, letter = 'c', facts = e.facts, attempt = 1, duration = e.duration, body = e.body, name = e.name }) end
end
if #headers > 0 then redis.call('HSET', base .. ':m', unpack(headers)) end
history__flush(epoch, now)
stats__flush(now)
finish__flush(now, bits, drop)
if #errors > 0 then redis.call('HSET', base .. ':e', unpack(errors)) end
if #delayed > 0 then redis.call('ZADD', base .. ':d', unpack(delayed)) end
if #retrying > 0 then redis.call('ZADD', base .. ':t', unpack(retrying)) end
serving__serve(freed)
ready__put_front(front, bits)
wake__some(#front)
aggregation__flush(now, bits)
failure__flush(now, bits)
end
local function release(epoch, plain)
local ids = {}
for i = 1, #plain, 2 do ids[#ids + 1] = plain[i] end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
return ids
end
end
local locate__prepare, locate__find
do
local MAX_LOOKS = 100000
local runs, names = {}, nil
function locate__prepare(ids)
for i = 1, #ids do refuse__unless_name('id', ids[i]) end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
if #ids * #epochs > MAX_LOOKS then
refuse__call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
end
if #ids == 0 then return end
for _, epoch in ipairs(epochs) do
local held = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids))
for i = 1, #ids do
if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
end
end
end
function locate__find(id)
if redis.call('HEXISTS', base .. ':j', id) == 0 then return nil end
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
local at = redis.call('ZSCORE', base .. ':d', id)
if at then return { state = 'delayed', at = at } end
at = redis.call('ZSCORE', base .. ':t', id)
if at then return { state = 'retrying', at = at } end
if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
names = names or redis.call('SMEMBERS', base .. ':un')
for _, name in ipairs(names) do
if redis.call('ZSCORE', base .. ':u:' .. name, id) then return { state = 'waiting', unclaimed = name } end
end
local batch = redis.call('ZSCORE', base .. ':ag', id)
if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', base .. ':ad', batch) or nil } end
return { state = 'waiting' }
end
end
local taken__push
function taken__push(epoch, id, token, reason)
local key = base .. ':h:' .. epoch
local text = redis.call('HGET', key, '\\ttaken') or '0\\n'
local last = tonumber(string.match(text, '^%d+')) + 1
text = last .. string.sub(text, string.find(text, '\\n', 1, true), -1) .. last .. '\\t' .. id .. '\\t' .. token .. '\\t' .. reason .. '\\n'
redis.call('HSET', key, '\\ttaken', text)
wake__tell(epoch, 't')
end
local withdraw__from
function withdraw__from(id, found)
if found.outcome then
redis.call('HDEL', base .. ':o', id)
if found.state ~= 'completed' and found.state ~= 'cancelled' then failures__left({ id }) end
if redis.call('ZREM', base .. ':y:' .. found.state, id) == 1 then return false end
if found.state == 'completed' then
completed__left()
return true
end
redis.call('ZREM', base .. ':f:' .. found.state, id)
elseif found.state == 'delayed' then redis.call('ZREM', base .. ':d', id)
elseif found.state == 'retrying' then redis.call('ZREM', base .. ':t', id)
elseif found.batch then aggregation__withdraw(id, found.batch)
elseif found.unclaimed then aside__drop(found.unclaimed, id)
else return not ready__drop(id) end
return false
end
local given__check, given__prepare, given__fate, given__claim, given__settle
do
local REPLACED = '{"name":"CancelError","code":"CANCEL","kind":"cancelled","message":"A job with the same id replaced it."}'
function given__check(id)
if not string.find(id, '^%w%w%w%w%w%w%w%w%w~') then return end
refuse__with('INVALID_OPTION', 'The id "' .. id .. '" begins as those do that are minted. Put something before it.')
end
local remembered = {}
function given__prepare(ids)
local known = {}
local until_ms = #ids > 0 and redis.call('ZMSCORE', base .. ':ids', unpack(ids)) or {}
for i = 1, #ids do
if until_ms[i] then
remembered[ids[i]] = tonumber(until_ms[i])
known[#known + 1] = ids[i]
end
end
locate__prepare(known)
end
function given__fate(id, how, now)
local until_ms = remembered[id]
if not until_ms then return 'A', nil end
local found = locate__find(id)
if not found then
if until_ms <= now or until_ms % 1 ~= 0 or how.c == 'r' then return 'A', nil end
return how.c == 'k' and 'K' or 'C', { state = 'remembered' }
end
if how.c == 'k' then return 'K', found end
if how.c == 'j' then return 'C', found end
if found.state == 'active' and not how.x then return 'L', found end
return 'R', found
end
local claimed, scores = {}, {}
function given__claim(id, how, found, has_ghosts, now, bits)
if found and found.state == 'active' then
local run = holds__entry(id, found.held)
leave__apply(found.epoch, { { id = id, facts = run.facts, how = 'x', duration = 0, body = REPLACED } }, now, bits, '')
taken__push(found.epoch, id, run.token, 'replaced')
found = locate__find(id)
end
if found then
if not found.outcome then unique__release(id, record__facts(redis.call('HGET', base .. ':j', id))) end
has_ghosts = withdraw__from(id, found) or has_ghosts
end
if remembered[id] then claimed[#claimed + 1] = id end
scores[#scores + 1] = string.format('%.0f', now + how.m)
scores[#scores + 1] = id
return has_ghosts and ready__new_place() or '0'
end
function given__settle()
if #scores == 0 then return end
if #claimed > 0 then
local headers, flags = redis.call('HMGET', base .. ':m', unpack(claimed)), {}
for i = 1, #claimed do flags[i] = record__header(headers[i]).flags end
forget__jobs(claimed, flags)
end
redis.call('ZADD', base .. ':ids', unpack(scores))
end
end
local due__delay, due__next
function due__delay(rows)
local first = due__next()
redis.call('ZADD', base .. ':d', unpack(rows))
if first == 0 or due__next() < first then wake__some(1) end
end
function due__next()
local first = 0
for _, key in ipairs({ (base .. ':d'), (base .. ':t') }) do
local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
if head[2] and (first == 0 or tonumber(head[2]) < first) then first = tonumber(head[2]) end
end
return first
end
local intake__read, intake__check, intake__push, intake__flush
do
local envelopes, list, ordered, delayed, headers, sides = {}, {}, {}, {}, {}, {}
local PLAIN = { d = '^%d+$', a = '^%d+$', p = '^%-?%d+$' }
local GIVEN = { d = PLAIN.d, a = PLAIN.a, p = PLAIN.p, c = '^[kjr]$', m = '^%d+$', x = '^$' }
local function parse(text, allowed)
local how = {}
for piece in string.gmatch(text, '[^,]+') do
local letter, value = string.sub(piece, 1, 1), string.sub(piece, 2)
if not allowed[letter] or #value > 15 or not string.find(value, allowed[letter]) then
refuse__call('The instruction "' .. piece .. '" of a job is none.')
end
how[letter] = value
end
if how.p then refuse__unless_int('The priority', tonumber(how.p), -1000, 1000) end
if how.c and not how.m then refuse__call('A given id without m<ms>.') end
how.is_plain = not (how.d or how.a or how.p)
return how
end
local parsed = {}
local NONE = { is_plain = true }
function intake__read(text, is_given)
local at = string.find(text, '%c')
if not at and text ~= '' then return text, NONE, '' end
if not at or at == 1 or string.byte(text, at) ~= 9 then refuse__call('An id is empty or has a control character.') end
local last = is_given and string.find(text, '\\n', at, true) or #text + 1
local how = string.sub(text, at + 1, last - 1)
parsed[how] = parsed[how] or parse(how, is_given and GIVEN or PLAIN)
return string.sub(text, 1, at - 1), parsed[how], string.sub(text, last + 1)
end
local function agree(body, how)
local priority = record__fact(string.match(body, '^%a*\\t[^\\t]*\\t([^\\t]*)\\t'), 'p')
return record__agrees(body) and (tonumber(priority) or 0) == (tonumber(how.p) or 0)
end
function intake__check(body, how, said)
if how.is_plain and not said and string.find(body, record__PLAIN_BODY) then return false end
if not record__is_body(body) then refuse__call('The body of a job is not flags, name, fields, options and payload.') end
if not agree(body, how) then refuse__call('The flags, fields and instructions of a job do not agree.') end
unique__check(said and said.u, body)
return failure__check(body) or how.p ~= nil
end
local function store(id, envelope)
envelopes[#envelopes + 1] = id
envelopes[#envelopes + 1] = envelope
end
local tagged = {}
local function keep(id, said)
local text, flags = side__kept(said)
if flags == '' then return flags end
sides[#sides + 1] = id
sides[#sides + 1] = text
if said.t then tagged[id] = said.t end
return flags
end
function intake__push(id, envelope, how, place, now, said)
store(id, envelope)
local flags = said and keep(id, said) or ''
if how.is_plain and place == '0' and flags == '' then
list[#list + 1] = id
return
end
local header = record__header(nil)
local at = how.a and tonumber(how.a) or now + (how.d or 0)
local priority = tonumber(how.p) or 0
header.place, header.flags = place, flags
if at > now then
delayed[#delayed + 1] = string.format('%.0f', at)
delayed[#delayed + 1] = id
if priority ~= 0 then header.priority = how.p end
elseif priority ~= 0 or record__has(flags, 'G') then ordered[#ordered + 1] = { id = id, header = header, priority = priority }
else list[#list + 1] = record__entry(id, place) end
if place ~= '0' or header.priority ~= '' or flags ~= '' then
headers[#headers + 1] = id
headers[#headers + 1] = record__header_text(header)
end
end
local function tell(bits)
if not string.find(bits, 'e', 1, true) then return end
local later = {}
for i = 2, #delayed, 2 do later[delayed[i]] = true end
for i = 1, #envelopes, 2 do
events__push(later[envelopes[i]] and 'd' or 'w', envelopes[i], record__name(envelopes[i + 1]))
end
end
function intake__flush(bits, now)
if #envelopes > 0 then
redis.call('HSET', base .. ':j', unpack(envelopes))
if #headers > 0 then redis.call('HSET', base .. ':m', unpack(headers)) end
if #sides > 0 then redis.call('HSET', base .. ':x', unpack(sides)) end
for id, names in pairs(tagged) do tags__add(id, names, now) end
ready__append(list)
ready__put_back(ordered, bits)
if #delayed > 0 then due__delay(delayed) end
tell(bits)
end
events__flush(bits, now)
wake__some(#list + #ordered)
end
end
local cancelling__cancel
do
local function cancel_active(id, found, body, reason, now, bits, drop)
local run = holds__entry(id, found.held)
leave__apply(found.epoch, { { id = id, facts = run.facts, how = 'x', duration = 0, body = body } }, now, bits, drop)
taken__push(found.epoch, id, run.token, reason)
end
function cancelling__cancel(id, found, body, reason, now, bits, drop)
if found.state == 'active' then return cancel_active(id, found, body, reason, now, bits, drop) end
local stored, envelope = redis.call('HGET', base .. ':m', id), redis.call('HGET', base .. ':j', id)
local header, facts = record__header(stored), record__facts(envelope)
if withdraw__from(id, found) then
header.place = ready__new_place()
redis.call('HSET', base .. ':m', id, record__header_text(header))
stored = true
end
if stored then facts = facts .. 'H' .. header.flags end
finish__push({ id = id, letter = 'x', facts = facts, attempt = header.failures + header.stalls, duration = 0, body = body,
name = record__name(envelope) })
end
end
local rival__prepare, rival__ends, rival__meet, rival__displace
do
local REPLACED = '{"name":"CancelError","code":"CANCEL","kind":"cancelled","message":"A job with the same unique key replaced it."}'
local holders, planned, ended = {}, {}, {}
function rival__prepare(rows, now)
local ids = {}
for _, row in ipairs(rows) do
local key = row.said and row.said.u and row.said.u[1]
if key and holders[key] == nil then
holders[key] = unique__holder(key, now) or false
if holders[key] then ids[#ids + 1] = holders[key] end
end
end
if #ids > 0 then locate__prepare(ids) end
end
local function fate(policy, found, is_forced)
if policy == 'k' then return 'D' end
if policy == 'j' then return 'E' end
if found.state == 'active' and not is_forced then return 'B' end
return 'S'
end
function rival__ends(id) return ended[id] == true end
local function will_be_free(key, id)
return ended[id] and unique__key(record__facts(redis.call('HGET', base .. ':j', id))) == key
end
local function meet(row)
local values = row.said and row.said.u
if not values then return end
local key, policy, is_forced = values[1], values[4], values[5] ~= nil
local holder = planned[key] or holders[key]
if holder and holder ~= row.id and (planned[key] or not will_be_free(key, holder)) then
local found = locate__find(holder)
local is_live = found and not found.outcome and not ended[holder]
if planned[key] then row.fate = policy == 'k' and 'D' or 'E'
elseif is_live or policy ~= 'r' then row.fate = fate(policy, found or {}, is_forced) end
if row.fate ~= 'A' and row.fate ~= 'R' then row.other, row.rival = holder, found end
row.state = found and found.state or (planned[key] and 'waiting' or 'remembered')
end
if row.fate == 'A' or row.fate == 'R' or row.fate == 'S' then planned[key] = row.id end
end
function rival__meet(row)
meet(row)
if row.fate == 'S' then ended[row.other] = true end
if row.found and (row.fate == 'S' or row.fate == 'R') then ended[row.id] = true end
end
function rival__displace(row, now, bits)
local values = row.said and row.said.u
if not values then return end
if row.fate == 'S' then
local drop = redis.call('HGET', base .. ':q', 'drop') or ''
cancelling__cancel(row.other, row.rival, REPLACED, 'replaced', now, bits, drop)
finish__flush(now, bits, drop)
end
unique__hold(values[1], row.id, values[3], now)
end
end
local admit__read, admit__enable, admit__judge, admit__is_stored, admit__store
do
local rows, ids, needed = {}, {}, ''
function admit__read(head, body)
local id, how, lines = intake__read(head, true)
local said = lines ~= '' and side__read(lines) or nil
if intake__check(body, how, said) then needed = needed .. 'p' end
if said then needed = needed .. side__features(said) end
local row = { id = id, how = how, body = body, fate = 'A', said = said }
rows[#rows + 1] = row
if how.c then
given__check(id)
ids[#ids + 1] = id
end
return row
end
function admit__enable(bits) return features__enable_all(bits, needed) end
function admit__judge(now)
given__prepare(ids)
rival__prepare(rows, now)
local planned = {}
for _, row in ipairs(rows) do
if planned[row.id] then row.fate, row.state = 'C', 'waiting'
elseif row.how.c then
row.fate, row.found = given__fate(row.id, row.how, now)
row.state = row.found and row.found.state
row.is_ended = rival__ends(row.id)
if row.is_ended and row.fate == 'L' then row.fate = 'R' end
end
if row.fate == 'A' or row.fate == 'R' then rival__meet(row) end
planned[row.id] = true
end
return rows
end
function admit__is_stored(row) return string.find('ARS', row.fate, 1, true) ~= nil end
function admit__store(now, bits, has_ghosts)
local stamp = record__FORMAT .. string.format('%.0f', now)
for _, row in ipairs(rows) do
if admit__is_stored(row) then
if row.is_ended then row.found = locate__find(row.id) end
local place = row.how.c and given__claim(row.id, row.how, row.found, has_ghosts, now, bits) or '0'
rival__displace(row, now, bits)
has_ghosts = has_ghosts or row.fate == 'S'
intake__push(row.id, stamp .. row.body, row.how, place, now, row.said)
end
end
given__settle()
intake__flush(bits, now)
end
end
for i = REST, #ARGV, 3 do
local time = tonumber(ARGV[i])
refuse__unless_int('The time of a job', time, last + 1, now)
if next_at > 0 and time >= next_at then refuse__call('The next time of a schedule lies behind one of its jobs.') end
local row = not is_live and admit__read(id .. '@' .. ARGV[i] .. '\\t' .. ARGV[i + 1], ARGV[i + 2])
if row and row.how.c ~= 'k' then refuse__call('A job of a schedule is not kept where it is there already.') end
times[#times + 1] = { at = ARGV[i], row = row, letter = 'o' }
last, is_live = time, alone == 1
end
if #times == 0 or tonumber(times[1].at) ~= at then table.insert(times, 1, { at = string.format('%.0f', at), letter = 'm' }) end
admit__judge(now)
local fired, noted = 0, {}
for i, time in ipairs(times) do
local row = time.row
if row then time.letter = admit__is_stored(row) and 'f' or (row.fate == 'K' and 'k' or 'u') end
if time.letter == 'f' then
fired, found.last, found.job = fired + 1, time.at, row.id
events__push('h', row.id, string.match(row.body, '^%a*\\t([^\\t]*)'))
else events__push('l', id .. '@' .. time.at) end
noted[i] = time.letter .. '\\t' .. time.at .. '\\t' .. string.format('%.0f', now)
end
if left > 0 and fired > left then refuse__call('A schedule adds more jobs than it may.') end
bits = admit__enable(bits)
found.count = found.count + fired
local schedules__write
function schedules__write(id, s)
local head = '1' .. string.format('%.0f,%.0f', s.revision, s.count) .. ',' .. s.last
redis.call('HSET', base .. ':sc', id, head .. '\\t' .. s.hash .. '\\t' .. s.job .. '\\n' .. s.definition)
redis.call('ZADD', base .. ':si', 0, id)
end
schedules__write(id, found)
local schedules__move
function schedules__move(id, at, is_paused)
local home, other = is_paused and (base .. ':sp') or (base .. ':sn'), is_paused and (base .. ':sn') or (base .. ':sp')
redis.call('ZREM', other, id)
if at == 0 then redis.call('ZREM', home, id) else redis.call('ZADD', home, string.format('%.0f', at), id) end
end
schedules__move(id, fired == left and left > 0 and 0 or next_at, false)
local schedules__note
do
local HISTORY = 100
function schedules__note(id, lines)
if #lines == 0 then return end
redis.call('LPUSH', base .. ':sh:' .. id, unpack(lines))
redis.call('LTRIM', base .. ':sh:' .. id, 0, HISTORY - 1)
end
end
schedules__note(id, noted)
admit__store(now, bits, (tonumber(facts[2]) or 0) > 0 or (tonumber(facts[3]) or 0) > 0)
return { 'OK', fired }
`,
  encode(args) {
    const argv = [
      nowArg('fire', args.now),
      args.id,
      intArg('fire', 'at', args.at),
      args.hash,
      intArg('fire', 'nextAt', args.nextAt),
      intArg('fire', 'left', args.left),
      intArg('fire', 'alone', args.alone),
    ];
    pushRows(argv, 'fire', 'rows', args.rows, 3);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('fire', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fired: intPart('fire', parts, 1),
        };
      case 'LOST':
        return { code: 'LOST' };
      case 'UPGRADE':
        return {
          code: 'UPGRADE',
          bits: stringPart('fire', parts, 1),
        };
      default:
        throw unknownCode('fire', parts);
    }
  },
};

/** Arguments of `forgetQueue`. */
export interface ForgetQueueArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly name: string;
}

/** What `forgetQueue` replies. */
export type ForgetQueueReply = {
  readonly code: 'OK';
  readonly had: number;
};

/**
 * Take a queue off the registry of its prefix. KEYS[1] is the registry itself; the keys of the queue stay.
 *
 * Keys: `.`
 */
export const forgetQueue: Script<ForgetQueueArgs, ForgetQueueReply> = {
  name: 'forget-queue',
  repeat: 'natural',
  sha1: '9e4d2acd63a76cc75a45acc7696a1d3e5ef0c557',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, name = ARGV[1], ARGV[2]
return { 'OK', redis.call('HDEL', base, name) }
`,
  encode(args) {
    return [nowArg('forget-queue', args.now), args.name];
  },
  decode(raw) {
    const parts = replyParts('forget-queue', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          had: intPart('forget-queue', parts, 1),
        };
      default:
        throw unknownCode('forget-queue', parts);
    }
  },
};

/** Arguments of `getSchedules`. */
export interface GetSchedulesArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly ids: readonly string[];
}

/**
 * What `getSchedules` replies.
 * - `OK`: four values each: id, state (running, paused, over), next time, record
 */
export type GetSchedulesReply = {
  readonly code: 'OK';
  readonly now: number;
  readonly rows: readonly string[];
};

/**
 * Schedules by their ids, and the time; those that do not exist are left out.
 *
 * Keys: `q`, `sc`, `sn`, `sp`
 */
export const getSchedules: Script<GetSchedulesArgs, GetSchedulesReply> = {
  name: 'get-schedules',
  repeat: 'read',
  sha1: 'ba4787aa55976e97725d9512b52f03f0d3c08fdb',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg = ARGV[1]
local REST = 2
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
if #ARGV - REST + 1 > 100 then refuse__call('More than 100 schedules in one call.') end
local rows = {}
local schedules__find, schedules__push
do
local RECORD = '^1(%d+),(%d+),(%d+)\\t(%w+)\\t([^\\n]*)\\n(.*)$'
function schedules__find(id)
local text = redis.call('HGET', base .. ':sc', id)
if not text then return nil end
local revision, count, last, hash, job, definition = string.match(text, RECORD)
local found = { text = text, revision = tonumber(revision), count = tonumber(count), last = last, hash = hash, job = job,
definition = definition, state = 'over', at = 0 }
local at = redis.call('ZSCORE', base .. ':sn', id)
if at then found.state = 'running'
else
at = redis.call('ZSCORE', base .. ':sp', id)
if at then found.state = 'paused' end
end
found.at = tonumber(at or 0)
return found
end
function schedules__push(rows, id)
local found = schedules__find(id)
if not found then return end
for _, value in ipairs({ id, found.state, string.format('%.0f', found.at), found.text }) do rows[#rows + 1] = value end
end
end
for i = REST, #ARGV do schedules__push(rows, ARGV[i]) end
return { 'OK', string.format('%.0f', now), rows }
`,
  encode(args) {
    const argv = [nowArg('get-schedules', args.now)];
    pushRows(argv, 'get-schedules', 'ids', args.ids, 1);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('get-schedules', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          now: intPart('get-schedules', parts, 1),
          rows: stringsPart('get-schedules', parts, 2),
        };
      default:
        throw unknownCode('get-schedules', parts);
    }
  },
};

/** Arguments of `get`. */
export interface GetArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly ids: readonly string[];
}

/** What `get` replies. */
export type GetReply = {
  readonly code: 'OK';
  readonly rows: readonly (string | null)[];
};

/**
 * Everything that is stored of some jobs, one row of ten each: id, state, envelope, header, outcome, error, at, held, progress, lines.
 * `at` = due time of a delayed or retrying job; `held` = the epoch that runs an active one. A missing job has an empty state.
 *
 * Keys: `L`, `ad`, `ag`, `d`, `e`, `h:<epoch>`, `j`, `m`, `o`, `s:<id>`, `t`, `u:<name>`, `un`, `x`
 */
export const get: Script<GetArgs, GetReply> = {
  name: 'get',
  repeat: 'read',
  sha1: '281db87f1b9047061311d62927ac0fbf9e624815',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg = ARGV[1]
local REST = 2
local refuse__with, refuse__call, refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 1)
local ids, rows = {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
local record__STATES
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local locate__prepare, locate__find
do
local MAX_LOOKS = 100000
local runs, names = {}, nil
function locate__prepare(ids)
for i = 1, #ids do refuse__unless_name('id', ids[i]) end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
if #ids * #epochs > MAX_LOOKS then
refuse__call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
end
if #ids == 0 then return end
for _, epoch in ipairs(epochs) do
local held = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids))
for i = 1, #ids do
if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
end
end
end
function locate__find(id)
if redis.call('HEXISTS', base .. ':j', id) == 0 then return nil end
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
local at = redis.call('ZSCORE', base .. ':d', id)
if at then return { state = 'delayed', at = at } end
at = redis.call('ZSCORE', base .. ':t', id)
if at then return { state = 'retrying', at = at } end
if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
names = names or redis.call('SMEMBERS', base .. ':un')
for _, name in ipairs(names) do
if redis.call('ZSCORE', base .. ':u:' .. name, id) then return { state = 'waiting', unclaimed = name } end
end
local batch = redis.call('ZSCORE', base .. ':ag', id)
if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', base .. ':ad', batch) or nil } end
return { state = 'waiting' }
end
end
locate__prepare(ids)
for _, id in ipairs(ids) do
local found = locate__find(id) or { state = '' }
local fields = { id, found.state, redis.call('HGET', base .. ':j', id), redis.call('HGET', base .. ':m', id), found.outcome or false,
redis.call('HGET', base .. ':e', id), found.at or false, found.epoch or false, redis.call('HGET', base .. ':s:' .. id, 'p'), redis.call('HGET', base .. ':x', id) }
for n = 1, 10 do rows[#rows + 1] = fields[n] end
end
return { 'OK', rows }
`,
  encode(args) {
    const argv = [nowArg('get', args.now)];
    pushRows(argv, 'get', 'ids', args.ids, 1);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('get', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          rows: nullableStringsPart('get', parts, 1),
        };
      default:
        throw unknownCode('get', parts);
    }
  },
};

/** Arguments of `groups`. */
export interface GroupsArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** The last name of the page before, '' = from the start. */
  readonly after: string;
  /** 1 to 1,000. */
  readonly limit: number;
}

/**
 * What `groups` replies.
 * - `OK`: four values each: name, waiting, active, settings (concurrency;count,ms;p)
 */
export type GroupsReply = {
  readonly code: 'OK';
  readonly rows: readonly string[];
  readonly more: number;
};

/**
 * What is known of groups that have jobs waiting or running, or settings of their own, by name.
 *
 * Keys: `g:<group>`, `gc`, `gn`, `gs:<group>`
 */
export const groups: Script<GroupsArgs, GroupsReply> = {
  name: 'groups',
  repeat: 'read',
  sha1: 'f4048bf1a5f3a01793db81ece9f1b9af1af5a991',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, after, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local refuse__with, refuse__call, refuse__unless_int
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('limit', limit, 1, 1000)
local names = redis.call('ZRANGEBYLEX', base .. ':gn', after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, limit + 1)
local rows = {}
for i = 1, math.min(limit, #names) do
local name = names[i]
rows[#rows + 1] = name
rows[#rows + 1] = tostring(redis.call('ZCARD', base .. ':g:' .. name))
rows[#rows + 1] = tostring(redis.call('SCARD', base .. ':gs:' .. name))
rows[#rows + 1] = redis.call('HGET', base .. ':gc', name) or ';;'
end
return { 'OK', rows, #names > limit and 1 or 0 }
`,
  encode(args) {
    return [nowArg('groups', args.now), args.after, intArg('groups', 'limit', args.limit)];
  },
  decode(raw) {
    const parts = replyParts('groups', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          rows: stringsPart('groups', parts, 1),
          more: intPart('groups', parts, 2),
        };
      default:
        throw unknownCode('groups', parts);
    }
  },
};

/** Arguments of `heads`. */
export interface HeadsArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
}

/**
 * What `heads` replies.
 * - `OK`: priority, id; at most 100 priorities above 0, and 100 below; the time
 */
export type HeadsReply = {
  readonly code: 'OK';
  readonly rows: readonly string[];
  readonly at: number;
};

/**
 * The jobs that have waited longest, as far as the order of the queue tells: the head of each priority.
 *
 * Keys: `gw`, `j`, `m`, `pn`, `pp`, `q`, `r`, `rf`, `wr`
 */
export const heads: Script<HeadsArgs, HeadsReply> = {
  name: 'heads',
  repeat: 'read',
  sha1: 'eda058774035f84e8798309c2024a02d381f85d8',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg = ARGV[1]
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local rows = {}
local TURN = 4398046511104
local function push(priority, id)
rows[#rows + 1] = tostring(priority)
rows[#rows + 1] = id
end
local function heads_of(key)
local from = '-inf'
for _ = 1, 100 do
local head = redis.call('ZRANGEBYSCORE', key, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
if #head == 0 then return end
local band = math.floor(tonumber(head[2]) / TURN)
push(1000 - band, head[1])
from = string.format('%.0f', (band + 1) * TURN)
end
end
local record__place, record__read_entry
function record__place(header)
return header and string.match(header, '^%w%d+,%d+,%d+,(%d+)') or '0'
end
function record__read_entry(entry)
local tab = string.find(entry, '\\t', 1, true)
if not tab then return entry, '0' end
return string.sub(entry, 1, tab - 1), string.sub(entry, tab + 1)
end
local function head_of(key)
for _, entry in ipairs(redis.call('LRANGE', key, 0, 99)) do
local id, place = record__read_entry(entry)
if redis.call('HSTRLEN', base .. ':j', id) > 0 and record__place(redis.call('HGET', base .. ':m', id)) == place then return id end
end
end
heads_of(base .. ':pp')
local head = head_of(base .. ':rf') or head_of(base .. ':r')
if head then push(0, head) end
heads_of(base .. ':pn')
heads_of(base .. ':gw')
heads_of(base .. ':wr')
return { 'OK', rows, string.format('%.0f', now) }
`,
  encode(args) {
    return [nowArg('heads', args.now)];
  },
  decode(raw) {
    const parts = replyParts('heads', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          rows: stringsPart('heads', parts, 1),
          at: intPart('heads', parts, 2),
        };
      default:
        throw unknownCode('heads', parts);
    }
  },
};

/** Arguments of `history`. */
export interface HistoryArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly id: string;
}

/**
 * What `history` replies.
 * - `OK`: entries as in lua/records.md; outcome '' = it has not ended
 */
export type HistoryReply =
  | {
      readonly code: 'OK';
      readonly created: number;
      readonly entries: readonly string[];
      readonly outcome: string;
    }
  | { readonly code: 'NOT_FOUND' };

/**
 * What became of a job: the entries of its history, the oldest first; when it was added, and how it ended.
 *
 * Keys: `hs:<id>`, `j`, `o`
 */
export const history: Script<HistoryArgs, HistoryReply> = {
  name: 'history',
  repeat: 'read',
  sha1: '77a17914286bc9b8075a7b97a1561f34b76dbb3c',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, id = ARGV[1], ARGV[2]
local refuse__with, refuse__call, refuse__unless_name
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
refuse__unless_name('id', id)
local envelope = redis.call('HGET', base .. ':j', id)
if not envelope then return { 'NOT_FOUND' } end
local record__created_at
function record__created_at(envelope)
return tonumber(string.sub(envelope, 2, 14))
end
return { 'OK', record__created_at(envelope), redis.call('LRANGE', base .. ':hs:' .. id, 0, -1), redis.call('HGET', base .. ':o', id) or '' }
`,
  encode(args) {
    return [nowArg('history', args.now), args.id];
  },
  decode(raw) {
    const parts = replyParts('history', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          created: intPart('history', parts, 1),
          entries: stringsPart('history', parts, 2),
          outcome: stringPart('history', parts, 3),
        };
      case 'NOT_FOUND':
        return { code: 'NOT_FOUND' };
      default:
        throw unknownCode('history', parts);
    }
  },
};

/** Arguments of `housekeep`. */
export interface HousekeepArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** Jobs touched at most, per kind of work: 1 to 1,000. */
  readonly budget: number;
}

/**
 * What `housekeep` replies.
 * - `OK`: more 1 = call again at once; due = ms until the next delayed job, -1 none; stalled = jobs that failed in this call because they stalled too often; schedules = how many are due
 */
export type HousekeepReply =
  | {
      readonly code: 'OK';
      readonly more: number;
      readonly due: number;
      readonly unclaimed: readonly string[];
      readonly stalled: readonly string[];
      readonly schedules: number;
    }
  | {
      readonly code: 'UPGRADE';
      readonly bits: string;
    };

/**
 * What the passing of time asks for, in bounded steps: lost epochs, due jobs, batches, retention, ghosts. Any worker, any time.
 *
 * Keys: `L`, `^rm`, `^rn`, `^ru`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `aw`, `d`, `e`, `ev`, `f:<state>`, `fc`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `gz`, `h:<epoch>`, `hs:<id>`, `i`, `ids`, `j`, `l`, `lz`, `m`, `mi`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `s:<id>`, `sd`, `sm`, `sn`, `st:<day>`, `t`, `tc`, `tg:<tag>`, `u:<name>`, `uk`, `un`, `uz`, `w:<epoch>`, `wk`, `wr`, `ws`, `x`, `y:<state>`
 * Events: `s`, `w`, `f`
 */
export const housekeep: Script<HousekeepArgs, HousekeepReply> = {
  name: 'housekeep',
  repeat: 'natural',
  sha1: 'fc1a6f7d91cb70743fece5bd3b3d300446392b2a',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, budget = ARGV[1], tonumber(ARGV[2])
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('budget', budget, 1, 1000)
local meta = redis.call('HMGET', base .. ':q', 'bits', 'drop', 'seen', 'stats')
local bits, drop = meta[1] or '', meta[2] or ''
local features__are_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
if not features__are_known(bits) then return { 'UPGRADE', bits } end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local record__FORMAT, record__STATES, record__name, record__facts, record__fact, record__has, record__flags, record__header, record__header_text, record__entry, record__row
record__FORMAT = '1'
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
function record__name(envelope)
return string.match(envelope, '^1[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__flags(facts)
return (string.gsub(string.match(facts, 'H(%a*)') or '', 'M', ''))
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local side__parse, side__of, side__has_lines
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
function side__has_lines(flags) return string.find(flags, '[TRG]') ~= nil end
local wake__some, wake__freed, wake__tell
do
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local is_later, freed = false, 0
function wake__freed(n)
if is_later then freed = freed + n else wake__some(n) end
end
function wake__tell(epoch, what)
redis.call('PUBLISH', base .. ':w:' .. epoch, what)
end
end
local groups__names, groups__of, groups__put, groups__forget_if_empty, groups__release, groups__regroup
do
local PART = 1000
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__release(entries)
local ids, flags, freed, again = {}, {}, {}, {}
for i = 1, #entries do ids[i], flags[i] = entries[i].id, entries[i].facts end
for id, name in pairs(groups__names(ids, flags)) do
freed[name] = freed[name] or {}
table.insert(freed[name], id)
end
for name, members in pairs(freed) do
redis.call('SREM', base .. ':gs:' .. name, unpack(members))
if redis.call('EXISTS', base .. ':g:' .. name) == 1 then again[#again + 1] = name else groups__forget_if_empty(name) end
end
wake__freed(join(again))
end
function groups__regroup(after)
local names = redis.call('ZRANGEBYLEX', base .. ':gn', after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, PART)
local ready = {}
for i = 1, #names do
if redis.call('EXISTS', base .. ':g:' .. names[i]) == 1 then ready[#ready + 1] = names[i] end
end
wake__freed(join(ready))
if #names == PART then redis.call('HSET', base .. ':q', 'regroup', names[PART]) else redis.call('HDEL', base .. ':q', 'regroup') end
end
end
local elsewhere__own_name, elsewhere__run
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
local function place(queue) return head() .. #queue .. ':' .. queue end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
function elsewhere__run(queue, action)
local own = base
if queue ~= '' then base = place(queue) end
action()
base = own
end
end
local lines__uses, lines__strike, lines__leave, lines__first
do
local TOO_MUCH_TEXT = '18014398509481984'
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__strike(name, who) drop(name, who.queue .. '\\t' .. who.id) end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
function lines__first(name, n, are_too_much)
local from, to = are_too_much and TOO_MUCH_TEXT or '-inf', are_too_much and '+inf' or '(' .. TOO_MUCH_TEXT
local members, found = redis.call('ZRANGEBYSCORE', string.match(base, '^.-}') .. ':rw:' .. name, from, to, 'LIMIT', 0, n), {}
for i = 1, #members do
local queue, id = string.match(members[i], '^([^\\t]*)\\t(.*)$')
found[i] = { queue = queue, id = id }
end
return found
end
end
local ready__put_back, ready__put_front, ready__new_place
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
function ready__put_front(rows, bits) put(rows, 'front', bits) end
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
end
local aggregation__identity, aggregation__join, aggregation__read, aggregation__row, aggregation__fire, aggregation__flush
do
local MAX_SIZE = 1000
local joining = {}
function aggregation__identity(name, key) return #name .. ':' .. name .. ':' .. key end
function aggregation__join(e, row)
local grace, delay, most, key = string.match(e.body, '^(%d+),(%d+),(%d+),(%C*)$')
local identity = aggregation__identity(e.name, key)
local group = joining[identity]
if not group then
group = { ids = {}, priority = row.priority }
joining[identity] = group
joining[#joining + 1] = identity
end
group.ids[#group.ids + 1] = e.id
group.priority = math.max(group.priority, row.priority)
group.grace, group.delay = tonumber(grace), tonumber(delay)
group.most = math.max(1, math.min(tonumber(most), MAX_SIZE))
events__push('o', e.id, e.name)
end
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
local function write(number, priority, first, most, identity)
redis.call('HSET', base .. ':af', number, priority .. ',' .. string.format('%.0f', first) .. ',' .. most .. '\\t' .. identity)
end
function aggregation__row(number, priority)
return { id = '\\tb' .. number, header = { place = '0' }, priority = priority }
end
function aggregation__fire(number, bits)
local priority, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':ao', identity)
redis.call('ZREM', base .. ':ad', number)
ready__put_back({ aggregation__row(number, priority) }, bits)
redis.call('HINCRBY', base .. ':q', 'batches', 1)
wake__some(1)
end
local function opened(identity, group, now)
local number = redis.call('HGET', base .. ':ao', identity)
if number then
local priority, first = aggregation__read(number)
return number, math.max(priority, group.priority), first, redis.call('LLEN', base .. ':ab:' .. number)
end
number = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'batch', 1))
redis.call('HSET', base .. ':ao', identity, number)
return number, group.priority, now, 0
end
local function add(identity, group, from, now, bits)
local number, priority, first, size = opened(identity, group, now)
local last = math.min(#group.ids, from + math.max(1, group.most - size) - 1)
local scores = {}
for i = from, last do scores[#scores + 1] = number; scores[#scores + 1] = group.ids[i] end
redis.call('RPUSH', base .. ':ab:' .. number, unpack(group.ids, from, last))
redis.call('ZADD', base .. ':ag', unpack(scores))
write(number, priority, first, group.most, identity)
redis.call('ZADD', base .. ':ad', string.format('%.0f', math.min(now + group.grace, first + group.delay)), number)
if size + last - from + 1 >= group.most then aggregation__fire(number, bits) end
return last + 1
end
function aggregation__flush(now, bits)
for _, identity in ipairs(joining) do
local group, from = joining[identity], 1
while from <= #group.ids do from = add(identity, group, from, now, bits) end
end
joining = {}
end
end
local aside__put
function aside__put(name, id)
redis.call('SADD', base .. ':un', name)
redis.call('ZADD', base .. ':u:' .. name, redis.call('HINCRBY', base .. ':q', 'aside', 1), id)
end
local failure__note, failure__flush
do
local added = {}
local function parts(text, fields)
local length = tonumber(record__fact(fields, 'f'))
if not length then return nil end
local from = string.find(text, '\\n', 1, true) + 1
local stored = string.sub(text, from, from + length - 1)
if #stored == length then return string.match(stored, '^(%C+)\\n(.*)$') end
end
function failure__note(id, facts)
local other, body = parts(redis.call('HGET', base .. ':j', id), facts)
added[#added + 1] = { id = other .. '.' .. ready__new_place(), body = body }
end
function failure__flush(now, bits)
if #added == 0 then return end
local stamp, jobs, rows = record__FORMAT .. string.format('%.0f', now), {}, {}
for i = 1, #added do
local id, envelope = added[i].id, stamp .. added[i].body
jobs[#jobs + 1] = id
jobs[#jobs + 1] = envelope
rows[i] = record__row(id, nil, record__facts(envelope))
events__push('w', id, record__name(envelope))
end
redis.call('HSET', base .. ':j', unpack(jobs))
ready__put_back(rows, bits)
wake__some(#rows)
added = {}
end
end
local completed__append
function completed__append(entries)
if #entries > 0 then redis.call('RPUSH', base .. ':fc', unpack(entries)) end
end
local failures__enter, failures__flush, failures__left
do
local KINDS = { f = 'Error', t = 'timeout', b = 'broken' }
local entered = {}
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__enter(job, at)
local usual = KINDS[job.letter]
if not usual then return end
local kind = job.kind and job.kind ~= '' and job.kind or usual
local list = gather(entered, job.called .. ':' .. kind)
list[#list + 1] = at
list[#list + 1] = job.id
end
function failures__flush()
for _, group in ipairs(entered) do
local list, rows = entered[group], {}
for i = 2, #list, 2 do rows[i - 1] = list[i]; rows[i] = group end
redis.call('HSET', base .. ':fk', unpack(rows))
redis.call('ZADD', base .. ':fe:' .. group, unpack(list))
redis.call('ZINCRBY', base .. ':fg', #list / 2, group)
end
entered = {}
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local tags__drop
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
local forget__jobs
do
local function forget_sides(id)
local said = side__of(id)
if said.t then tags__drop(id, said.t) end
redis.call('HDEL', base .. ':x', id)
end
local function forget_extras(ids, flags)
local keys = {}
for i = 1, #ids do
if flags[i] ~= '' then
if record__has(flags[i], 'N') then keys[#keys + 1] = base .. ':s:' .. ids[i] end
if record__has(flags[i], 'Y') then keys[#keys + 1] = base .. ':hs:' .. ids[i] end
if side__has_lines(flags[i]) then forget_sides(ids[i]) end
end
end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
end
function forget__jobs(ids, flags)
if #ids == 0 then return end
forget_extras(ids, flags)
redis.call('HDEL', base .. ':j', unpack(ids))
redis.call('HDEL', base .. ':m', unpack(ids))
redis.call('HDEL', base .. ':o', unpack(ids))
redis.call('HDEL', base .. ':e', unpack(ids))
end
end
local stats__LETTERS, stats__count, stats__count_job, stats__day, stats__known_name, stats__note_day, stats__flush
do
local DAY_MS, MINUTE_MS, DAY_MINUTES = 86400000, 60000, 1440
local MAX_NAMES = 1000
local REST_NAME = '*'
stats__LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }
local counted, order = {}, {}
function stats__count(name, letter, n)
if n == 0 then return end
local counts = counted[name]
if not counts then counts = {}; counted[name] = counts; order[#order + 1] = name end
counts[letter] = (counts[letter] or 0) + n
end
function stats__count_job(job, letter)
local name = job.name
if not name or name == '' then name = record__name(redis.call('HGET', base .. ':j', job.id)) end
job.called = name
stats__count(name, letter, 1)
end
function stats__day(at) return math.floor(at / DAY_MS) end
function stats__known_name(name, day)
local last = redis.call('ZSCORE', base .. ':sm', name)
if not last and redis.call('ZCARD', base .. ':sm') >= MAX_NAMES then name = REST_NAME end
if not last or tonumber(last) < day then redis.call('ZADD', base .. ':sm', day, name) end
return name
end
function stats__note_day(day) redis.call('ZADD', base .. ':sd', day, day) end
local function add_to_minute(at, totals)
local minute = math.floor(at / MINUTE_MS)
local field, counts = minute % DAY_MINUTES, {}
local stored = redis.call('HGET', base .. ':mi', field)
local since, rest = string.match(stored or '', '^(%d+)(.*)$')
if since and tonumber(since) > minute then return end
if tonumber(since) ~= minute then rest = '' end
for n in string.gmatch(rest, '%d+') do counts[#counts + 1] = tonumber(n) end
for i, letter in ipairs(stats__LETTERS) do counts[i] = string.format('%.0f', (counts[i] or 0) + (totals[letter] or 0)) end
redis.call('HSET', base .. ':mi', field, string.format('%.0f', minute) .. ',' .. table.concat(counts, ','))
end
function stats__flush(at)
if #order == 0 then return end
local day, totals = stats__day(at), {}
local key = base .. ':st:' .. day
stats__note_day(day)
for _, name in ipairs(order) do
local known = stats__known_name(name, day)
for letter, n in pairs(counted[name]) do
redis.call('HINCRBY', key, known .. '\\t' .. letter, n)
totals[letter] = (totals[letter] or 0) + n
end
end
for letter, n in pairs(totals) do
redis.call('HINCRBY', key, '\\t' .. letter, n)
redis.call('HINCRBY', base .. ':st:' .. 'all', '\\t' .. letter, n)
end
add_to_minute(at, totals)
counted, order = {}, {}
end
end
local unique__key, unique__release
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
local finish__push, finish__flush
do
local AWAITED_MS = 60000
local ended = {}
function finish__push(job) ended[#ended + 1] = job end
local function own_age(job)
local ages = job.facts ~= '' and record__fact(job.facts, 'k')
return ages and tonumber(string.match(ages, job.letter == 'c' and '^(%d+):' or ':(%d+)$')) or nil
end
local function tell_waiters(waiting, id, outcome)
for channel in string.gmatch(string.match(waiting, '\\t(.*)$'), '%S+') do
redis.call('PUBLISH', channel, id .. '\\t' .. outcome)
end
redis.call('HDEL', base .. ':aw', id)
end
local function waiting_for(bits)
if not string.find(bits, 'a', 1, true) then return {} end
local ids = {}
for i = 1, #ended do ids[i] = ended[i].id end
return redis.call('HMGET', base .. ':aw', unpack(ids))
end
local DONE = 'done'
local function home(job, is_awaited, drop, now)
local age = own_age(job)
local state = record__STATES[job.letter]
local dropped = age == 0 or (not age and string.find(drop, job.letter, 1, true))
if is_awaited and (dropped or (age and age < AWAITED_MS)) then age, dropped = AWAITED_MS, false end
if dropped then return nil end
if age then return base .. ':y:' .. state, string.format('%.0f', now + age) end
if is_awaited then return base .. ':y:' .. state, string.format('%.0f', now + AWAITED_MS - 1) .. '.5' end
if job.letter == 'c' then return DONE end
return base .. ':f:' .. state, string.format('%.0f', now)
end
local function add(lists, key, a, b)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
list[#list + 1] = a
list[#list + 1] = b
end
function finish__flush(now, bits, drop)
if #ended == 0 then return end
local gone, gone_with, flags, flagged, texts, sets, done = {}, {}, {}, {}, {}, {}, {}
local waiting = waiting_for(bits)
local at = string.format('%.0f', now)
for i = 1, #ended do
local job = ended[i]
if job.letter ~= 'c' then stats__count_job(job, job.letter) end
local key, score = home(job, waiting[i], drop, now)
if key then
local outcome = job.letter .. at .. ',' .. job.attempt .. ',' .. job.duration .. '\\n' .. job.body
texts[#texts + 1] = job.id
texts[#texts + 1] = outcome
if key == DONE then done[#done + 1] = record__entry(job.id, job.place or '0')
else add(sets, key, score, job.id) end
failures__enter(job, at)
if waiting[i] then tell_waiters(waiting[i], job.id, outcome) end
elseif record__has(job.facts, 'H') then
gone_with[#gone_with + 1] = job.id
flags[#gone_with] = record__flags(job.facts)
else gone[#gone + 1] = job.id end
if key and record__has(job.facts, 'H') then flagged[#flagged + 1] = job.id end
unique__release(job.id, job.facts)
events__push(job.letter, job.id, job.name)
end
if #gone > 0 then redis.call('HDEL', base .. ':j', unpack(gone)) end
forget__jobs(gone_with, flags)
if #flagged > 0 then redis.call('HDEL', base .. ':e', unpack(flagged)) end
if #texts > 0 then redis.call('HSET', base .. ':o', unpack(texts)) end
for i = 1, #sets do redis.call('ZADD', sets[i], unpack(sets[sets[i]])) end
completed__append(done)
failures__flush()
stats__flush(now)
ended = {}
end
end
local history__note, history__flush
do
local MAX_ENTRIES = 100
local MAX_TEXT = 500
local noted = {}
local function append(id, entry)
local key = base .. ':hs:' .. id
if redis.call('RPUSH', key, entry) <= MAX_ENTRIES then return end
local first = redis.call('LPOP', key)
redis.call('LPOP', key)
redis.call('LPUSH', key, first)
end
local function worker_of(epoch)
local info = redis.call('HGET', base .. ':ws', epoch)
return info and string.match(info, '"name":"([^"\\\\%c]+)"') or epoch
end
local function mark(header)
if not record__has(header.flags, 'Y') then header.flags = header.flags .. 'Y' end
end
function history__note(e, row, letter, attempt, body)
mark(row.header)
noted[#noted + 1] = { e = e, letter = letter, attempt = attempt, body = letter == 'c' and '' or body }
end
function history__flush(epoch, now)
if #noted == 0 then return end
local worker, at = worker_of(epoch), string.format('%.0f', now)
for _, note in ipairs(noted) do
local head = table.concat({ note.letter .. at, note.attempt, note.e.duration, worker, note.e.kind or '' }, '\\t')
append(note.e.id, head .. '\\n' .. string.sub(note.body, 1, MAX_TEXT))
end
noted = {}
end
end
local holds__entry, holds__sort
function holds__entry(id, value)
local slot, seq, nth, facts = string.match(value, '^([^.]*)%.(%d+)%.(%d*)(.*)$')
return { id = id, token = slot .. '.' .. seq, slot = slot, seq = tonumber(seq), nth = tonumber(nth) or 0, facts = facts }
end
function holds__sort(entries)
table.sort(entries, function(a, b) return a.nth < b.nth end)
end
local limits__freed
do
local function has(bits) return string.find(bits, 'l', 1, true) ~= nil end
function limits__freed(n, bits)
if n == 0 or not has(bits) then return end
local limit = tonumber(redis.call('HGET', base .. ':q', 'concurrency'))
if not limit then return end
local active = redis.call('HINCRBY', base .. ':q', 'active', -n)
if active < limit and active + n >= limit then wake__freed(1) end
end
end
local resources__facts, resources__fits, resources__promise, resources__release
do
local known = {}
local function facts_of(name)
if known[name] then return known[name] end
local limits = redis.call('HMGET', string.match(base, '^.-}') .. ':rm', name, '\\tdefault')
known[name] = { limit = tonumber(limits[1] or limits[2]) or false, used = tonumber(redis.call('HGET', string.match(base, '^.-}') .. ':ru', name)) or 0 }
return known[name]
end
function resources__facts(name) return facts_of(name) end
function resources__fits(name, amount)
local facts = facts_of(name)
return not facts.limit or facts.used + amount <= facts.limit
end
function resources__promise(name, amount) facts_of(name).used = facts_of(name).used + amount end
function resources__release(entries)
local ids, names, seen = {}, {}, {}
for i = 1, #entries do
if record__has(entries[i].facts, 'R') then ids[#ids + 1] = entries[i].id end
end
local texts = #ids > 0 and redis.call('HMGET', base .. ':x', unpack(ids)) or {}
for i = 1, #ids do
for _, use in ipairs(lines__uses(side__parse(texts[i] or '').r or {})) do
local left = redis.call('HINCRBY', string.match(base, '^.-}') .. ':ru', use.name, -use.amount)
if left <= 0 then redis.call('HDEL', string.match(base, '^.-}') .. ':ru', use.name) end
known[use.name] = nil
if not seen[use.name] then seen[use.name] = true; names[#names + 1] = use.name end
end
end
return names
end
end
local serving__serve
do
local BUDGET = 1000
local PAGE = 100
local left = BUDGET
local promised = {}
local function own_queue() return elsewhere__own_name() or '' end
local function amount_of(who, name)
local said
elsewhere__run(who.queue, function() said = side__of(who.id) end)
for _, use in ipairs(lines__uses(said.r or {})) do
if use.name == name then return use.amount end
end
end
local function choose(name, calls, are_too_much)
local limit = resources__facts(name).limit
for _, who in ipairs(lines__first(name, math.min(PAGE, left), are_too_much)) do
left = left - 1
local amount = amount_of(who, name)
if not amount then lines__strike(name, who)
elseif limit and amount > limit then
if are_too_much then return end
else
if not resources__fits(name, (promised[name] or 0) + amount) then return end
if who.queue ~= own_queue() then resources__promise(name, amount)
else promised[name] = (promised[name] or 0) + amount end
end
if amount then
calls[who.queue] = calls[who.queue] or {}
table.insert(calls[who.queue], who.id)
end
end
end
local function call(queue, ids)
local is_own = queue == own_queue()
elsewhere__run(queue, function()
local rows = {}
for i, id in ipairs(ids) do
lines__leave(id)
rows[i] = record__row(id, redis.call('HGET', base .. ':m', id), '')
end
ready__put_front(rows, redis.call('HGET', base .. ':q', 'bits') or '')
if not is_own then wake__some(#ids) end
end)
if is_own then wake__freed(#ids) end
end
function serving__serve(names)
local calls = {}
for _, name in ipairs(names) do
if left > 0 then choose(name, calls, true) end
if left > 0 then choose(name, calls, false) end
end
for queue, ids in pairs(calls) do call(queue, ids) end
end
end
local leave__stalled, leave__apply
do
local MAX_STALLS = 3
local STALLED = '{"name":"JobStalledError","code":"JOB_STALLED","kind":"stalled","message":"The process that ran the job vanished, each time it was tried."}'
local headers, errors, front, delayed, retrying
local stalled = {}
local function save(row) headers[#headers + 1] = row.id; headers[#headers + 1] = record__header_text(row.header) end
local function finish_as(letter, e, row, body)
local h = row.header
local facts = e.facts
local charged = 1
if letter == 'f' or letter == 't' then
h.failures = h.failures + (e.how == 's' and 0 or 1)
charged = 0
end
local attempt = h.failures + h.stalls + charged
if letter ~= 'c' or record__has(h.flags, 'Y') then
history__note(e, row, letter, attempt, body)
save(row)
facts = facts .. 'H' .. h.flags
end
if letter ~= 'c' and letter ~= 'x' and record__has(facts, 'f') then failure__note(e.id, facts) end
finish__push({ id = e.id, letter = letter, facts = facts, attempt = attempt,
duration = e.duration, body = body, name = e.name, place = h.place, kind = e.kind })
end
local function later(e, row, now)
local h = row.header
history__note(e, row, e.how, h.failures + h.stalls + 1, e.body)
if e.how == 'r' then h.failures, h.uncounted = h.failures + 1, 0 else h.uncounted = h.uncounted + 1 end
if e.how == 'r' then stats__count_job(e, 'r') end
save(row)
if e.body ~= '' then errors[#errors + 1] = e.id; errors[#errors + 1] = e.body end
local set = e.how == 'z' and delayed or retrying
set[#set + 1] = string.format('%.0f', now + e.delay)
set[#set + 1] = e.id
events__push(e.how == 'z' and 'd' or 'r', e.id, e.name)
end
local function reclaim(e, row)
local h = row.header
if record__has(e.facts, 'M') then
h.stalls = h.stalls + 1
stats__count_job(e, 's')
local limit = tonumber(record__fact(e.facts, 's')) or MAX_STALLS
if h.stalls >= limit then
stalled[#stalled + 1] = e.id
e.kind = 'stalled'
return finish_as('f', e, row, STALLED)
end
end
if not record__has(h.flags, 'S') then h.flags = h.flags .. 'S' end
if record__has(e.facts, 'M') then history__note(e, row, 's', h.failures + h.stalls, '') end
save(row)
front[#front + 1] = row
events__push('s', e.id, e.name)
end
local function set_aside(e, row)
if row.priority ~= 0 then save(row) end
aside__put(e.name, e.id)
events__push('n', e.id, e.name)
end
local function move(e, row, now)
if e.how == 'r' or e.how == 'u' or e.how == 'z' then later(e, row, now)
elseif e.how == 's' then reclaim(e, row)
elseif e.how == 'g' then front[#front + 1] = row; events__push('w', e.id, e.name)
elseif e.how == 'n' then set_aside(e, row)
elseif e.how == 'm' then return
elseif e.how == 'a' then aggregation__join(e, row)
else finish_as(e.how, e, row, e.body) end
end
function leave__stalled() return stalled end
function leave__apply(epoch, entries, now, bits, drop)
if #entries == 0 then return end
local ids, odd = {}, {}
for i = 1, #entries do
local e = entries[i]
ids[i] = e.id
if e.how ~= 'c' or record__has(e.facts, 'H') then odd[#odd + 1] = e.id end
end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
limits__freed(#ids, bits)
if string.find(bits, 'o', 1, true) then groups__release(entries) end
local freed = string.find(bits, 'w', 1, true) and resources__release(entries) or {}
headers, errors, front, delayed, retrying = {}, {}, {}, {}, {}
local stored = #odd > 0 and redis.call('HMGET', base .. ':m', unpack(odd)) or {}
local n = 0
for i = 1, #entries do
local e = entries[i]
if e.how ~= 'c' or record__has(e.facts, 'H') then
n = n + 1
move(e, record__row(e.id, stored[n], e.facts), now)
else finish__push({ id = e.id, letter = 'c', facts = e.facts, attempt = 1, duration = e.duration, body = e.body, name = e.name }) end
end
if #headers > 0 then redis.call('HSET', base .. ':m', unpack(headers)) end
history__flush(epoch, now)
stats__flush(now)
finish__flush(now, bits, drop)
if #errors > 0 then redis.call('HSET', base .. ':e', unpack(errors)) end
if #delayed > 0 then redis.call('ZADD', base .. ':d', unpack(delayed)) end
if #retrying > 0 then redis.call('ZADD', base .. ':t', unpack(retrying)) end
serving__serve(freed)
ready__put_front(front, bits)
wake__some(#front)
aggregation__flush(now, bits)
failure__flush(now, bits)
end
local function release(epoch, plain)
local ids = {}
for i = 1, #plain, 2 do ids[#ids + 1] = plain[i] end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
return ids
end
end
local sweep__empty, sweep__lost
do
local SHORTEST_GAP = 30
function sweep__empty(epoch, how, budget, now, bits, drop)
local key = base .. ':h:' .. epoch
local entries, seen, cursor = {}, {}, '0'
repeat
local page = redis.call('HSCAN', key, cursor, 'COUNT', budget)
cursor = page[1]
for i = 1, #page[2], 2 do
local id, value = page[2][i], page[2][i + 1]
if string.byte(id) ~= 9 and #entries < budget and not seen[id] then
seen[id] = true
local run = holds__entry(id, value)
run.how, run.duration, run.body = how, 0, ''
entries[#entries + 1] = run
end
end
until cursor == '0' or #entries >= budget
holds__sort(entries)
redis.call('SREM', base .. ':i', epoch)
leave__apply(epoch, entries, now, bits, drop)
if #entries < budget then
redis.call('DEL', key)
redis.call('ZREM', base .. ':L', epoch)
redis.call('HDEL', base .. ':ws', epoch)
redis.call('HDEL', base .. ':wk', epoch)
end
return #entries
end
local function mended(lease, expiry, has_grace, seen, now)
local whole = now + lease
if now < seen then return expiry > whole and whole or nil end
local third = math.floor(lease / 3)
if now - seen <= third or expiry < seen or has_grace then return nil end
if expiry > now then return expiry < now + third and now + third or nil end
return whole
end
local function mend(now, seen)
local live = redis.call('ZRANGE', base .. ':L', 0, -1, 'WITHSCORES')
for i = 1, #live, 2 do
local key = base .. ':h:' .. live[i]
local facts = redis.call('HMGET', key, '\\topen', '\\tgrace')
if facts[1] then
local lease = tonumber(string.match(facts[1], '^%d+,(%d+)'))
local expiry = mended(lease, tonumber(live[i + 1]), facts[2], seen, now)
if expiry then
redis.call('HSET', key, '\\tgrace', '1')
redis.call('ZADD', base .. ':L', string.format('%.0f', expiry), live[i])
end
end
end
end
local function spared(epoch, expiry, grace, now)
local key = base .. ':h:' .. epoch
local late = redis.call('HGET', key, '\\tlate')
if late == expiry or redis.call('HEXISTS', key, '\\topen') == 0 then return false end
local last = string.format('%.0f', now + grace)
redis.call('HSET', key, '\\tlate', last)
redis.call('ZADD', base .. ':L', last, epoch)
wake__tell(epoch, 'l')
return true
end
function sweep__lost(now, seen, budget, bits, drop)
if now < seen or now - seen > SHORTEST_GAP then mend(now, seen) end
local past = redis.call('ZRANGEBYSCORE', base .. ':L', '-inf', string.format('%.0f', now), 'WITHSCORES', 'LIMIT', 0, 100)
local grace = #past > 0 and tonumber(redis.call('HGET', base .. ':q', 'grace')) or 0
local reclaimed = 0
for i = 1, #past, 2 do
if reclaimed >= budget then break end
if grace == 0 or not spared(past[i], past[i + 1], grace, now) then
redis.call('HDEL', base .. ':h:' .. past[i], '\\topen')
reclaimed = reclaimed + sweep__empty(past[i], 's', budget - reclaimed, now, bits, drop)
end
end
return reclaimed, #past == 200
end
end
local reclaimed, more_lost = sweep__lost(now, tonumber(meta[3]) or now, budget, bits, drop)
redis.call('HSET', base .. ':q', 'seen', string.format('%.0f', now))
local due__put_back, due__promote
do
local function move(key, now, budget, bits)
local ids = redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now), 'LIMIT', 0, budget)
if #ids == 0 then return 0 end
redis.call('ZREM', key, unpack(ids))
due__put_back(ids, bits)
return #ids
end
function due__put_back(ids, bits)
if #ids == 0 then return end
local stored, rows = redis.call('HMGET', base .. ':m', unpack(ids)), {}
for i = 1, #ids do
rows[i] = record__row(ids[i], stored[i], '')
events__push('w', ids[i])
end
ready__put_back(rows, bits)
end
function due__promote(now, budget, bits)
local half = math.ceil(budget / 2)
local retried = move(base .. ':t', now, half, bits)
local most = math.max(budget - retried, 1)
local moved = move(base .. ':d', now, most, bits)
wake__some(moved + retried)
return retried == half or moved == most
end
end
local more_due = due__promote(now, budget, bits)
local aggregation__fire_due
function aggregation__fire_due(now, budget, bits)
if not string.find(bits, 'b', 1, true) then return false end
local numbers = redis.call('ZRANGEBYSCORE', base .. ':ad', '-inf', string.format('%.0f', now), 'LIMIT', 0, budget)
for _, number in ipairs(numbers) do aggregation__fire(number, bits) end
return #numbers == budget
end
local more_batches = aggregation__fire_due(now, budget, bits)
local record__place, record__read_entry
function record__place(header)
return header and string.match(header, '^%w%d+,%d+,%d+,(%d+)') or '0'
end
function record__read_entry(entry)
local tab = string.find(entry, '\\t', 1, true)
if not tab then return entry, '0' end
return string.sub(entry, 1, tab - 1), string.sub(entry, tab + 1)
end
local completed__count, completed__prune
do
local function split(entries)
local ids, places = {}, {}
for i = 1, #entries do
ids[i], places[i] = record__read_entry(entries[i])
end
return ids, places
end
local function look(entries)
local ids, places = split(entries)
if #ids == 0 then return ids, {}, {} end
local headers = redis.call('HMGET', base .. ':m', unpack(ids))
local outcomes = redis.call('HMGET', base .. ':o', unpack(ids))
for i = 1, #ids do
if record__place(headers[i]) ~= places[i] or not outcomes[i] or string.byte(outcomes[i]) ~= 99 then outcomes[i] = false end
end
return ids, headers, outcomes
end
function completed__count()
return redis.call('LLEN', base .. ':fc') - (tonumber(redis.call('HGET', base .. ':q', 'gone')) or 0)
end
local function drop(n, has_ghosts)
local entries = redis.call('LPOP', base .. ':fc', n)
redis.call('HINCRBY', base .. ':q', 'dropped', #entries)
if not has_ghosts then
local ids = split(entries)
return ids, redis.call('HMGET', base .. ':m', unpack(ids))
end
local all, stored, outcomes = look(entries)
local ids, headers = {}, {}
for i = 1, #all do
if outcomes[i] then ids[#ids + 1] = all[i]; headers[#ids] = stored[i] end
end
redis.call('HINCRBY', base .. ':q', 'gone', #ids - #all)
return ids, headers
end
local function count_old(before, most)
local head = redis.call('LINDEX', base .. ':fc', 0)
if not head then return 0 end
local function is_young(outcome) return outcome and tonumber(string.match(outcome, '^c(%d+)')) > before end
local _, _, first = look({ head })
if is_young(first[1]) then return 0 end
local _, _, outcomes = look(redis.call('LRANGE', base .. ':fc', 0, most - 1))
for i = 1, #outcomes do
if is_young(outcomes[i]) then return i - 1 end
end
return #outcomes
end
function completed__prune(now, budget, count, age, forget)
local has_ghosts = (tonumber(redis.call('HGET', base .. ':q', 'gone')) or 0) ~= 0
local over = count == '' and 0 or math.min(completed__count() - tonumber(count), budget)
if over > 0 then forget(drop(over, has_ghosts)) else over = 0 end
local before = age ~= '' and now - age or 0
local old = over < budget and count_old(before, budget - over) or 0
if old > 0 then forget(drop(old, has_ghosts)) end
return over + old
end
end
local forget__finished
function forget__finished(ids, headers)
local plain, others, flags = {}, {}, {}
for i = 1, #ids do
if headers[i] then
others[#others + 1] = ids[i]
flags[#others] = record__header(headers[i]).flags
else plain[#plain + 1] = ids[i] end
end
if #plain > 0 then
redis.call('HDEL', base .. ':j', unpack(plain))
redis.call('HDEL', base .. ':o', unpack(plain))
end
forget__jobs(others, flags)
end
local retention__prune
do
local DEFAULT = {
completed = '1000,86400000', cancelled = '1000,86400000',
failed = '10000,2592000000', timed_out = '10000,2592000000', broken = '10000,2592000000',
}
local AWAITED_MS = 60000
local ORDER = { 'cancelled', 'broken', 'timed_out', 'failed', 'completed' }
local function forget_first(key, state, ids)
if #ids == 0 then return end
if state ~= 'completed' and state ~= 'cancelled' then failures__left(ids) end
local headers = redis.call('HMGET', base .. ':m', unpack(ids))
redis.call('ZREMRANGEBYRANK', key, 0, #ids - 1)
forget__finished(ids, headers)
end
local function prune_state(state, now, budget)
local key = base .. ':f:' .. state
local count, age = string.match(redis.call('HGET', base .. ':q', 'keep:' .. state) or '', '^(%d*),(%d*)$')
if not count then count, age = string.match(DEFAULT[state], '^(%d*),(%d*)$') end
if state == 'completed' then return completed__prune(now, budget, count, age, forget__finished) end
local done = 0
if count ~= '' then
local over = math.min(redis.call('ZCARD', key) - tonumber(count), budget)
if over > 0 then
forget_first(key, state, redis.call('ZRANGE', key, 0, over - 1))
done = over
end
end
if age ~= '' and done < budget then
local old = redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now - age), 'LIMIT', 0, budget - done)
forget_first(key, state, old)
done = done + #old
end
return done
end
local function prune_own(state, now, budget)
local key = base .. ':y:' .. state
local old = redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now), 'WITHSCORES', 'LIMIT', 0, budget)
local dead, moved, done = {}, {}, {}
for i = 1, #old, 2 do
if string.find(old[i + 1], '.', 1, true) then
redis.call('ZREM', key, old[i])
if state == 'completed' then done[#done + 1] = old[i]
else
moved[#moved + 1] = string.format('%.0f', math.ceil(tonumber(old[i + 1])) - AWAITED_MS)
moved[#moved + 1] = old[i]
end
else dead[#dead + 1] = old[i] end
end
forget_first(key, state, dead)
if #done > 0 then
local headers = redis.call('HMGET', base .. ':m', unpack(done))
for i = 1, #done do done[i] = record__entry(done[i], record__place(headers[i])) end
completed__append(done)
end
if #moved > 0 then redis.call('ZADD', base .. ':f:' .. state, unpack(moved)) end
return #old / 2
end
local LOOK_AGAIN_MS = 3600000
local function forget_ids(now, budget)
local ids = redis.call('ZRANGEBYSCORE', base .. ':ids', '-inf', string.format('%.0f', now), 'LIMIT', 0, budget)
local gone, staying = {}, {}
local later = string.format('%.0f', now + LOOK_AGAIN_MS) .. '.5'
for _, id in ipairs(ids) do
if redis.call('HEXISTS', base .. ':j', id) == 0 then gone[#gone + 1] = id
else staying[#staying + 1] = later; staying[#staying + 1] = id end
end
if #gone > 0 then redis.call('ZREM', base .. ':ids', unpack(gone)) end
if #staying > 0 then redis.call('ZADD', base .. ':ids', unpack(staying)) end
return #ids
end
function retention__prune(now, budget)
local share, done, more = math.ceil(budget / #ORDER), 0, false
for i, state in ipairs(ORDER) do
local most = i == #ORDER and math.max(share, budget - done) or share
local own = prune_own(state, now, math.ceil(most / 2))
local n = own + prune_state(state, now, most - own)
if n >= most or own >= math.ceil(most / 2) then more = true end
done = done + n
end
return forget_ids(now, budget) == budget or more
end
end
local more_old = retention__prune(now, budget)
local more_ghosts
local features__is_understood, features__enable, features__disable
do
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1 }
function features__is_understood(letter)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local open = redis.call('HGET', base .. ':h:' .. epoch, '\\topen')
if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
end
return true
end
function features__enable(bits, letter)
if string.find(bits, letter, 1, true) then return bits end
if not features__is_understood(letter) then
refuse__with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
end
bits = bits .. letter
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
function features__disable(bits, letter)
if not string.find(bits, letter, 1, true) then return bits end
bits = string.gsub(bits, letter, '')
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
end
local ghosts__sweep
do
local function is_alive(entry, header)
local id, place = record__read_entry(entry)
if id == '' then return redis.call('HEXISTS', base .. ':af', string.sub(place, 2)) == 1 end
return place == record__place(header)
and (header or redis.call('HSTRLEN', base .. ':j', id) > 0)
end
local function move_head(budget)
local entries = redis.call('LPOP', base .. ':r', budget)
local ids = {}
for i = 1, #entries do ids[i] = record__read_entry(entries[i]) end
local headers, alive = redis.call('HMGET', base .. ':m', unpack(ids)), {}
for i = 1, #entries do
if is_alive(entries[i], headers[i]) then alive[#alive + 1] = entries[i] end
end
if #alive > 0 then redis.call('RPUSH', base .. ':rf', unpack(alive)) end
redis.call('HINCRBY', base .. ':q', 'ghosts', #alive - #entries)
end
function ghosts__sweep(budget, bits)
local sweeping = string.find(bits, 'g', 1, true)
local count = tonumber(redis.call('HGET', base .. ':q', 'ghosts')) or 0
if not sweeping and count <= 1000 then return false, bits end
local rest = redis.call('LLEN', base .. ':r')
if not sweeping and (count <= rest / 2 or not features__is_understood('g')) then return false, bits end
bits = features__enable(bits, 'g')
if rest > 0 and count > 0 then
move_head(budget)
return true, bits
end
if redis.call('EXISTS', base .. ':rf') == 0 then return false, features__disable(bits, 'g') end
if rest == 0 then
redis.call('RENAME', base .. ':rf', base .. ':r')
return false, features__disable(bits, 'g')
end
return false, bits
end
end
more_ghosts, bits = ghosts__sweep(budget, bits)
local lane__prune
do
local IDLE_MS = 86400000
function lane__prune(now, budget)
local old = redis.call('ZRANGEBYSCORE', base .. ':lz', '-inf', string.format('%.0f', now - IDLE_MS), 'LIMIT', 0, budget)
for _, id in ipairs(old) do
local stored = redis.call('HGET', base .. ':l', id)
local used = stored and tonumber(string.match(stored, '^1%d+,(%d+)'))
if used and used > now - IDLE_MS then redis.call('ZADD', base .. ':lz', string.format('%.0f', used), id)
else redis.call('ZREM', base .. ':lz', id); redis.call('HDEL', base .. ':l', id) end
end
return #old == budget
end
end
local more_lanes = lane__prune(now, math.min(budget, 100))
local unique__prune
function unique__prune(now, budget)
local keys = redis.call('ZRANGEBYSCORE', base .. ':uz', '-inf', string.format('%.0f', now), 'LIMIT', 0, budget)
if #keys == 0 then return false end
redis.call('ZREM', base .. ':uz', unpack(keys))
redis.call('HDEL', base .. ':uk', unpack(keys))
return #keys == budget
end
local more_keys = unique__prune(now, budget)
local stats__prune
do
local KEPT_DAYS = 90
function stats__prune(now, kept_days)
local last = stats__day(now) - (tonumber(kept_days) or KEPT_DAYS)
local old = redis.call('ZRANGEBYSCORE', base .. ':sd', '-inf', last, 'LIMIT', 0, 10)
if #old == 0 then return false end
for _, day in ipairs(old) do redis.call('UNLINK', base .. ':st:' .. day) end
redis.call('ZREM', base .. ':sd', unpack(old))
redis.call('ZREMRANGEBYSCORE', base .. ':sm', '-inf', last)
return #old == 10
end
end
local more_days = stats__prune(now, meta[4])
local groups__tidy
function groups__tidy(now, budget)
local over = redis.call('ZRANGEBYSCORE', base .. ':gz', '-inf', string.format('%.0f', now), 'LIMIT', 0, budget)
for i = 1, #over do
redis.call('ZREM', base .. ':gz', over[i])
redis.call('DEL', base .. ':gr:' .. over[i])
groups__forget_if_empty(over[i])
end
local after = redis.call('HGET', base .. ':q', 'regroup')
if after then groups__regroup(after) end
return after ~= false or #over == budget
end
local more_groups = string.find(bits, 'o', 1, true) and groups__tidy(now, budget)
if string.find(bits, 'w', 1, true) then 
local lines__some
function lines__some(n) return redis.call('SRANDMEMBER', string.match(base, '^.-}') .. ':rn', n) end
serving__serve(lines__some(100)) end
local retention__drop_waiters
function retention__drop_waiters(now)
local page = redis.call('HSCAN', base .. ':aw', redis.call('HGET', base .. ':q', 'waits') or '0', 'COUNT', 100)
for i = 1, #page[2], 2 do
if tonumber(string.match(page[2][i + 1], '^%d+')) <= now then redis.call('HDEL', base .. ':aw', page[2][i]) end
end
redis.call('HSET', base .. ':q', 'waits', page[1])
return redis.call('HLEN', base .. ':aw')
end
if string.find(bits, 'a', 1, true) and retention__drop_waiters(now) == 0 then bits = features__disable(bits, 'a') end
if string.find(bits, 'e', 1, true) and (tonumber(redis.call('HGET', base .. ':q', 'listening')) or 0) <= now then
bits = features__disable(bits, 'e')
end
events__flush(bits, now)
local more = (reclaimed >= budget or more_lost or more_due or more_old or more_ghosts or more_lanes or more_keys or more_batches
or more_days or more_groups) and 1 or 0
local due__next, due__schedules, due__wait
function due__next()
local first = 0
for _, key in ipairs({ (base .. ':d'), (base .. ':t') }) do
local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
if head[2] and (first == 0 or tonumber(head[2]) < first) then first = tonumber(head[2]) end
end
return first
end
function due__schedules(now, bits)
return string.find(bits, 's', 1, true) and redis.call('ZCOUNT', base .. ':sn', '-inf', string.format('%.0f', now)) or 0
end
function due__wait(now, bits)
local first = due__next()
if string.find(bits, 's', 1, true) then
local coming = redis.call('ZRANGEBYSCORE', base .. ':sn', '(' .. string.format('%.0f', now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local at = tonumber(coming[2])
if at and (first == 0 or at < first) then first = at end
end
if string.find(bits, 'b', 1, true) then
local head = redis.call('ZRANGE', base .. ':ad', 0, 0, 'WITHSCORES')
local at = tonumber(head[2])
if at and (first == 0 or at < first) then first = at end
end
return first == 0 and -1 or math.max(first - now, 0)
end
return { 'OK', more, due__wait(now, bits), redis.call('SMEMBERS', base .. ':un'), leave__stalled(), due__schedules(now, bits) }
`,
  encode(args) {
    return [nowArg('housekeep', args.now), intArg('housekeep', 'budget', args.budget)];
  },
  decode(raw) {
    const parts = replyParts('housekeep', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          more: intPart('housekeep', parts, 1),
          due: intPart('housekeep', parts, 2),
          unclaimed: stringsPart('housekeep', parts, 3),
          stalled: stringsPart('housekeep', parts, 4),
          schedules: intPart('housekeep', parts, 5),
        };
      case 'UPGRADE':
        return {
          code: 'UPGRADE',
          bits: stringPart('housekeep', parts, 1),
        };
      default:
        throw unknownCode('housekeep', parts);
    }
  },
};

/** Arguments of `limitGroup`. */
export interface LimitGroupArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly name: string;
  /**
   * Concurrency, rate (count,ms) or paused (p); an empty value takes it away.
   * Rows, as one flat list: setting, value.
   */
  readonly rows: readonly string[];
}

/** What `limitGroup` replies. */
export type LimitGroupReply = { readonly code: 'OK' };

/**
 * Settings of one group, in place of those that all groups have.
 *
 * Keys: `L`, `ev`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `h:<epoch>`, `i`, `n`, `q`, `w:<epoch>`
 * Events: `i`
 */
export const limitGroup: Script<LimitGroupArgs, LimitGroupReply> = {
  name: 'limit-group',
  repeat: 'natural',
  sha1: 'a9ba6a41303d17cb2ffe9ccd48a36325cb4f15cc',
  source: `local base = KEYS[1]
local now_arg, name = ARGV[1], ARGV[2]
local REST = 3
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
refuse__unless_name('name of a group', name)
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 2)
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local PLACES = { concurrency = 1, rate = 2, paused = 3 }
local FORMS = { '^[1-9]%d*$', '^[1-9]%d*,[1-9]%d*$', '^p$' }
local before = redis.call('HGET', base .. ':gc', name) or ';;'
local parts = { string.match(before, '^([^;]*);([^;]*);([^;]*)$') }
for i = REST, #ARGV, 2 do
local place, value = PLACES[ARGV[i]], ARGV[i + 1]
if not place or (value ~= '' and (#value > 32 or not string.find(value, FORMS[place]))) then
refuse__with('INVALID_OPTION', 'The setting "' .. ARGV[i] .. '" of a group cannot be "' .. value .. '".')
end
parts[place] = value
end
local after = table.concat(parts, ';')
if after ~= before then
local features__is_understood, features__enable
do
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1 }
function features__is_understood(letter)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local open = redis.call('HGET', base .. ':h:' .. epoch, '\\topen')
if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
end
return true
end
function features__enable(bits, letter)
if string.find(bits, letter, 1, true) then return bits end
if not features__is_understood(letter) then
refuse__with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
end
bits = bits .. letter
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
end
bits = features__enable(bits, 'o')
if after == ';;' then redis.call('HDEL', base .. ':gc', name)
else
redis.call('HSET', base .. ':gc', name, after)
redis.call('ZADD', base .. ':gn', 0, name)
end
local wake__some, wake__freed
do
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local is_later, freed = false, 0
function wake__freed(n)
if is_later then freed = freed + n else wake__some(n) end
end
end
local groups__forget_if_empty, groups__reset
do
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__reset(name)
if redis.call('EXISTS', base .. ':g:' .. name) == 1 then wake__freed(join({ name })) else groups__forget_if_empty(name) end
end
end
groups__reset(name)
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
events__push('i', '', 'groups:' .. name)
events__flush(bits, now)
end
return { 'OK' }
`,
  encode(args) {
    const argv = [nowArg('limit-group', args.now), args.name];
    pushRows(argv, 'limit-group', 'rows', args.rows, 2);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('limit-group', raw);
    switch (parts[0]) {
      case 'OK':
        return { code: 'OK' };
      default:
        throw unknownCode('limit-group', parts);
    }
  },
};

/** Arguments of `limitResources`. */
export interface LimitResourcesArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /**
   * An empty name: of all that have no limit of their own; an empty limit: no limit (any more).
   * Rows, as one flat list: name, limit.
   */
  readonly rows: readonly string[];
}

/** What `limitResources` replies. */
export type LimitResourcesReply = { readonly code: 'OK' };

/**
 * Say how much there is of resources that jobs use, for all queues of the slot. Who waits for one of which there is enough now
 * is called.
 *
 * Keys: `^rm`, `^rn`, `^ru`, `^rw:<resource>`, `ev`, `g:<group>`, `gl`, `gn`, `gw`, `i`, `m`, `n`, `pn`, `pp`, `q`, `r`, `rf`, `w:<epoch>`, `wr`, `x`
 * Events: `i`
 */
export const limitResources: Script<LimitResourcesArgs, LimitResourcesReply> = {
  name: 'limit-resources',
  repeat: 'natural',
  sha1: 'd3f930372cd0a124c06ff54747147555ec368085',
  source: `local base = KEYS[1]
local now_arg = ARGV[1]
local REST = 2
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 2)
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
for i = REST, #ARGV, 2 do
local name, limit = ARGV[i], ARGV[i + 1]
if name ~= '' then refuse__unless_name('name of a resource', name) end
if limit ~= '' and not (#limit < 10 and string.find(limit, '^%d+$')) then
refuse__with('INVALID_OPTION', 'The limit of the resource "' .. name .. '" cannot be "' .. limit .. '".')
end
end
local names = {}
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
for i = REST, #ARGV, 2 do
local field, limit = ARGV[i] == '' and '\\tdefault' or ARGV[i], ARGV[i + 1]
if (redis.call('HGET', string.match(base, '^.-}') .. ':rm', field) or '') ~= limit then
if limit == '' then redis.call('HDEL', string.match(base, '^.-}') .. ':rm', field) else redis.call('HSET', string.match(base, '^.-}') .. ':rm', field, limit) end
names[#names + 1] = ARGV[i]
events__push('i', '', 'resources:' .. ARGV[i])
end
end
local elsewhere__own_name, elsewhere__run
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
local function place(queue) return head() .. #queue .. ':' .. queue end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
function elsewhere__run(queue, action)
local own = base
if queue ~= '' then base = place(queue) end
action()
base = own
end
end
local side__parse, side__of
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
local lines__uses, lines__strike, lines__leave, lines__first
do
local TOO_MUCH_TEXT = '18014398509481984'
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__strike(name, who) drop(name, who.queue .. '\\t' .. who.id) end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
function lines__first(name, n, are_too_much)
local from, to = are_too_much and TOO_MUCH_TEXT or '-inf', are_too_much and '+inf' or '(' .. TOO_MUCH_TEXT
local members, found = redis.call('ZRANGEBYSCORE', string.match(base, '^.-}') .. ':rw:' .. name, from, to, 'LIMIT', 0, n), {}
for i = 1, #members do
local queue, id = string.match(members[i], '^([^\\t]*)\\t(.*)$')
found[i] = { queue = queue, id = id }
end
return found
end
end
local record__FORMAT, record__fact, record__has, record__header, record__entry, record__row
record__FORMAT = '1'
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local wake__some, wake__freed
do
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local is_later, freed = false, 0
function wake__freed(n)
if is_later then freed = freed + n else wake__some(n) end
end
end
local groups__names, groups__of, groups__put
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
end
local ready__put_front
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_front(rows, bits) put(rows, 'front', bits) end
end
local resources__facts, resources__fits, resources__promise
do
local known = {}
local function facts_of(name)
if known[name] then return known[name] end
local limits = redis.call('HMGET', string.match(base, '^.-}') .. ':rm', name, '\\tdefault')
known[name] = { limit = tonumber(limits[1] or limits[2]) or false, used = tonumber(redis.call('HGET', string.match(base, '^.-}') .. ':ru', name)) or 0 }
return known[name]
end
function resources__facts(name) return facts_of(name) end
function resources__fits(name, amount)
local facts = facts_of(name)
return not facts.limit or facts.used + amount <= facts.limit
end
function resources__promise(name, amount) facts_of(name).used = facts_of(name).used + amount end
end
local serving__serve
do
local BUDGET = 1000
local PAGE = 100
local left = BUDGET
local promised = {}
local function own_queue() return elsewhere__own_name() or '' end
local function amount_of(who, name)
local said
elsewhere__run(who.queue, function() said = side__of(who.id) end)
for _, use in ipairs(lines__uses(said.r or {})) do
if use.name == name then return use.amount end
end
end
local function choose(name, calls, are_too_much)
local limit = resources__facts(name).limit
for _, who in ipairs(lines__first(name, math.min(PAGE, left), are_too_much)) do
left = left - 1
local amount = amount_of(who, name)
if not amount then lines__strike(name, who)
elseif limit and amount > limit then
if are_too_much then return end
else
if not resources__fits(name, (promised[name] or 0) + amount) then return end
if who.queue ~= own_queue() then resources__promise(name, amount)
else promised[name] = (promised[name] or 0) + amount end
end
if amount then
calls[who.queue] = calls[who.queue] or {}
table.insert(calls[who.queue], who.id)
end
end
end
local function call(queue, ids)
local is_own = queue == own_queue()
elsewhere__run(queue, function()
local rows = {}
for i, id in ipairs(ids) do
lines__leave(id)
rows[i] = record__row(id, redis.call('HGET', base .. ':m', id), '')
end
ready__put_front(rows, redis.call('HGET', base .. ':q', 'bits') or '')
if not is_own then wake__some(#ids) end
end)
if is_own then wake__freed(#ids) end
end
function serving__serve(names)
local calls = {}
for _, name in ipairs(names) do
if left > 0 then choose(name, calls, true) end
if left > 0 then choose(name, calls, false) end
end
for queue, ids in pairs(calls) do call(queue, ids) end
end
end
serving__serve(names)
events__flush(bits, now)
wake__some(1)
return { 'OK' }
`,
  encode(args) {
    const argv = [nowArg('limit-resources', args.now)];
    pushRows(argv, 'limit-resources', 'rows', args.rows, 2);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('limit-resources', raw);
    switch (parts[0]) {
      case 'OK':
        return { code: 'OK' };
      default:
        throw unknownCode('limit-resources', parts);
    }
  },
};

/** Arguments of `listSchedules`. */
export interface ListSchedulesArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** The last id of the page before; '' = from the start. */
  readonly after: string;
  /** 1 to 100. */
  readonly limit: number;
}

/**
 * What `listSchedules` replies.
 * - `OK`: as of `get-schedules`; fewer than `limit` = no more
 */
export type ListSchedulesReply = {
  readonly code: 'OK';
  readonly now: number;
  readonly rows: readonly string[];
};

/**
 * A page of the schedules, in the order of their ids, and the time.
 *
 * Keys: `q`, `sc`, `si`, `sn`, `sp`
 */
export const listSchedules: Script<ListSchedulesArgs, ListSchedulesReply> = {
  name: 'list-schedules',
  repeat: 'read',
  sha1: '56ebbd63fef407488b285c67ca9fcd149be32c2f',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, after, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('limit', limit, 1, 100)
local rows = {}
local from = after == '' and '-' or '(' .. after
local schedules__find, schedules__push
do
local RECORD = '^1(%d+),(%d+),(%d+)\\t(%w+)\\t([^\\n]*)\\n(.*)$'
function schedules__find(id)
local text = redis.call('HGET', base .. ':sc', id)
if not text then return nil end
local revision, count, last, hash, job, definition = string.match(text, RECORD)
local found = { text = text, revision = tonumber(revision), count = tonumber(count), last = last, hash = hash, job = job,
definition = definition, state = 'over', at = 0 }
local at = redis.call('ZSCORE', base .. ':sn', id)
if at then found.state = 'running'
else
at = redis.call('ZSCORE', base .. ':sp', id)
if at then found.state = 'paused' end
end
found.at = tonumber(at or 0)
return found
end
function schedules__push(rows, id)
local found = schedules__find(id)
if not found then return end
for _, value in ipairs({ id, found.state, string.format('%.0f', found.at), found.text }) do rows[#rows + 1] = value end
end
end
for _, id in ipairs(redis.call('ZRANGEBYLEX', base .. ':si', from, '+', 'LIMIT', 0, limit)) do schedules__push(rows, id) end
return { 'OK', string.format('%.0f', now), rows }
`,
  encode(args) {
    return [nowArg('list-schedules', args.now), args.after, intArg('list-schedules', 'limit', args.limit)];
  },
  decode(raw) {
    const parts = replyParts('list-schedules', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          now: intPart('list-schedules', parts, 1),
          rows: stringsPart('list-schedules', parts, 2),
        };
      default:
        throw unknownCode('list-schedules', parts);
    }
  },
};

/** Arguments of `list`. */
export interface ListArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly state: string;
  /** '' = from the start, else what the last page said. */
  readonly cursor: string;
  /** 1 to 1,000. */
  readonly limit: number;
  /** 1 = newest first (finished states), latest due first (delayed, retrying). */
  readonly reverse: number;
}

/**
 * What `list` replies.
 * - `OK`: '' = no more; a page may be shorter than `limit` and yet not the last
 */
export type ListReply = {
  readonly code: 'OK';
  readonly ids: readonly string[];
  readonly cursor: string;
};

/**
 * Ids of the jobs of one state, a page at a time. Exact under change where the state has an order (all but waiting, active).
 *
 * Keys: `L`, `ag`, `d`, `f:<state>`, `fc`, `gw`, `h:<epoch>`, `j`, `m`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `t`, `u:<name>`, `un`, `wr`, `y:<state>`
 */
export const list: Script<ListArgs, ListReply> = {
  name: 'list',
  repeat: 'read',
  sha1: '9ed329ee7c3b7264c08a346db4cf0f881853a96a',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, state, cursor, limit, reverse = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local refuse__with, refuse__call, refuse__unless_int
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('limit', limit, 1, 1000)
local record__STATES, record__place, record__read_entry
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
function record__place(header)
return header and string.match(header, '^%w%d+,%d+,%d+,(%d+)') or '0'
end
function record__read_entry(entry)
local tab = string.find(entry, '\\t', 1, true)
if not tab then return entry, '0' end
return string.sub(entry, 1, tab - 1), string.sub(entry, tab + 1)
end
local completed__page
do
local function split(entries)
local ids, places = {}, {}
for i = 1, #entries do
ids[i], places[i] = record__read_entry(entries[i])
end
return ids, places
end
local function look(entries)
local ids, places = split(entries)
if #ids == 0 then return ids, {}, {} end
local headers = redis.call('HMGET', base .. ':m', unpack(ids))
local outcomes = redis.call('HMGET', base .. ':o', unpack(ids))
for i = 1, #ids do
if record__place(headers[i]) ~= places[i] or not outcomes[i] or string.byte(outcomes[i]) ~= 99 then outcomes[i] = false end
end
return ids, headers, outcomes
end
function completed__page(cursor, limit, reverse, ids)
if not string.find(cursor, '^%d*$') then return nil end
local first = tonumber(redis.call('HGET', base .. ':q', 'dropped')) or 0
local last = first + redis.call('LLEN', base .. ':fc') - 1
local from = tonumber(cursor) or (reverse and last or first)
local looked = 0
while #ids < limit and looked < 2000 do
from = reverse and math.min(from, last) or math.max(from, first)
local n = math.min(limit - #ids, reverse and from - first + 1 or last - from + 1)
if n <= 0 then return '' end
local low = reverse and from - n + 1 or from
local all, _, outcomes = look(redis.call('LRANGE', base .. ':fc', low - first, low - first + n - 1))
for i = reverse and n or 1, reverse and 1 or n, reverse and -1 or 1 do
if outcomes[i] then ids[#ids + 1] = all[i] end
end
looked = looked + n
from = reverse and from - n or from + n
end
if reverse and from < first or not reverse and from > last then return '' end
return string.format('%.0f', from)
end
end
local holds__ids
function holds__ids(epoch)
local ids = {}
for _, field in ipairs(redis.call('HKEYS', base .. ':h:' .. epoch)) do
if string.byte(field) ~= 9 then ids[#ids + 1] = field end
end
return ids
end
local listing__refuse_cursor, listing__rank_after, listing__sorted, listing__page
do
local MAX_LOOKED = 2000
function listing__refuse_cursor()
refuse__with('INVALID_OPTION', 'The cursor is none of this list. Go on with that of its last page, or begin without one.')
end
function listing__rank_after(key, cursor, reverse)
if cursor == '' then return 0 end
local score, id = string.match(cursor, '^(%d+%.?%d*)/(.*)$')
if not score then listing__refuse_cursor() end
local rank = reverse and redis.call('ZREVRANK', key, id) or (not reverse and redis.call('ZRANK', key, id))
if rank then return rank + 1 end
if reverse then return redis.call('ZCOUNT', key, '(' .. score, '+inf') end
return redis.call('ZCOUNT', key, '-inf', '(' .. score)
end
function listing__sorted(key, cursor, limit, reverse, ids)
local from = listing__rank_after(key, cursor, reverse)
local found = reverse and redis.call('ZREVRANGE', key, from, from + limit - 1, 'WITHSCORES')
or redis.call('ZRANGE', key, from, from + limit - 1, 'WITHSCORES')
for i = 1, #found, 2 do ids[#ids + 1] = found[i] end
if #found < 2 * limit then return '' end
return found[#found] .. '/' .. found[#found - 1]
end
local function live_entries(key, from, to, ids)
local entries = redis.call('LRANGE', key, from, to)
for i = 1, #entries do
local id, place = record__read_entry(entries[i])
if redis.call('HSTRLEN', base .. ':j', id) > 0 and record__place(redis.call('HGET', base .. ':m', id)) == place then
ids[#ids + 1] = id
end
end
return #entries
end
local function in_parts(parts, cursor, limit, ids)
local which, offset = string.match(cursor == '' and '1:0' or cursor, '^([1-9]%d*):(%d+)$')
if not which then listing__refuse_cursor() end
which, offset = tonumber(which), tonumber(offset)
local looked = 0
while which <= #parts do
local key, is_list = parts[which][1], parts[which][2]
local seen
if is_list then seen = live_entries(key, offset, offset + limit - #ids - 1, ids)
else
local found = redis.call('ZRANGE', key, offset, offset + limit - #ids - 1)
for i = 1, #found do if string.byte(found[i]) ~= 9 then ids[#ids + 1] = found[i] end end
seen = #found
end
offset = offset + seen
looked = looked + seen
if #ids >= limit or looked >= MAX_LOOKED then return which .. ':' .. string.format('%.0f', offset) end
if seen == 0 then which, offset = which + 1, 0 end
end
return ''
end
local function waiting_parts()
local parts = { { (base .. ':pp') }, { (base .. ':rf'), true }, { (base .. ':r'), true }, { (base .. ':pn') }, { (base .. ':wr') }, { (base .. ':gw') } }
local names = redis.call('SMEMBERS', base .. ':un')
table.sort(names)
for _, name in ipairs(names) do parts[#parts + 1] = { base .. ':u:' .. name } end
return parts
end
local function active(cursor, limit, ids)
if not string.find(cursor, '^%d*$') then listing__refuse_cursor() end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
local from = tonumber(cursor) or 1
while from <= #epochs and #ids < limit do
for _, id in ipairs(holds__ids(epochs[from])) do ids[#ids + 1] = id end
from = from + 1
end
return from <= #epochs and tostring(from) or ''
end
local function finished(state, cursor, limit, reverse, ids)
local own = string.match(cursor, '^own:(.*)$')
if not own then
if state == 'completed' then
cursor = completed__page(cursor, limit, reverse, ids)
if not cursor then listing__refuse_cursor() end
else cursor = listing__sorted(base .. ':f:' .. state, cursor, limit, reverse, ids) end
if cursor ~= '' then return cursor end
own = ''
end
if #ids >= limit then return 'own:' end
cursor = listing__sorted(base .. ':y:' .. state, own, limit - #ids, reverse, ids)
return cursor ~= '' and 'own:' .. cursor or ''
end
function listing__page(state, cursor, limit, reverse)
local ids = {}
if state == 'waiting' then return ids, in_parts(waiting_parts(), cursor, limit, ids) end
if state == 'active' then return ids, active(cursor, limit, ids) end
if state == 'delayed' then return ids, listing__sorted(base .. ':d', cursor, limit, reverse, ids) end
if state == 'retrying' then return ids, listing__sorted(base .. ':t', cursor, limit, reverse, ids) end
if state == 'aggregating' then return ids, listing__sorted(base .. ':ag', cursor, limit, reverse, ids) end
for _, final in pairs(record__STATES) do
if final == state then return ids, finished(state, cursor, limit, reverse, ids) end
end
refuse__call('There is no state "' .. state .. '".')
end
end
local ids, next_cursor = listing__page(state, cursor, limit, reverse == 1)
return { 'OK', ids, next_cursor }
`,
  encode(args) {
    return [
      nowArg('list', args.now),
      args.state,
      args.cursor,
      intArg('list', 'limit', args.limit),
      intArg('list', 'reverse', args.reverse),
    ];
  },
  decode(raw) {
    const parts = replyParts('list', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          ids: stringsPart('list', parts, 1),
          cursor: stringPart('list', parts, 2),
        };
      default:
        throw unknownCode('list', parts);
    }
  },
};

/** Arguments of `move`. */
export interface MoveArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  readonly id: string;
  /** The name of the other queue; '' = this one. */
  readonly queue: string;
  /** Instructions as of a row of `add`. */
  readonly how: string;
  /** Another name for the job; '' = as it is. */
  readonly name: string;
  /** 1 = with the payload that follows, 0 = with its own. */
  readonly hasData: number;
  readonly data: string;
}

/**
 * What `move` replies.
 * - `OK`: M moved, A is active, N no such job, T its id is taken there, D its unique key is
 */
export type MoveReply =
  | {
      readonly code: 'OK';
      readonly fate: string;
    }
  | { readonly code: 'OLD' };

/**
 * Take a job that does not run out of the queue and put it into another one of the same slot, or into the same again: with a
 * whole budget of attempts, without its error, its notes and its outcome.
 *
 * Keys: `L`, `^rn`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `aw`, `d`, `e`, `ev`, `f:<state>`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `h:<epoch>`, `hs:<id>`, `i`, `ids`, `j`, `l`, `lz`, `m`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `s:<id>`, `t`, `tc`, `tg:<tag>`, `u:<name>`, `uk`, `un`, `uz`, `w:<epoch>`, `wr`, `x`, `y:<state>`
 * Events: `m`, `w`, `d`
 */
export const move: Script<MoveArgs, MoveReply> = {
  name: 'move',
  repeat: 'lane',
  sha1: '4668a2a7c0cf7959225ccbc5a97d77e0459310c4',
  source: `local base = KEYS[1]
local now_arg, lane_id, seq, id, queue, how, name, has_data, data = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8]), ARGV[9]
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
if string.find(name, '%c') then refuse__call('The name of a job has a control character.') end
local elsewhere__own_name, elsewhere__problem, elsewhere__run
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
local function place(queue) return head() .. #queue .. ':' .. queue end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
function elsewhere__problem(queue)
if not head() then
return 'The queue "' .. queue .. '" lies in another slot. Declare both queues with the same slot.'
end
local there = redis.call('HMGET', place(queue) .. ':q', 'format', 'virtual', 'bits')
if not there[1] or there[2] ~= redis.call('HGET', base .. ':q', 'virtual') then
return 'The queue "' .. queue .. '" was not declared in this slot, or lives by another kind of time.'
end
if not features__are_known(there[3] or '') then
return 'The queue "' .. queue .. '" uses features (' .. there[3] .. ') that this release does not know.'
end
end
function elsewhere__run(queue, action)
local own = base
if queue ~= '' then base = place(queue) end
action()
base = own
end
end
if queue == elsewhere__own_name() then queue = '' end
local is_own = queue == ''
local problem = not is_own and elsewhere__problem(queue)
if problem then refuse__with('QUEUE_MISMATCH', problem) end
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
local intake__read
do
local PLAIN = { d = '^%d+$', a = '^%d+$', p = '^%-?%d+$' }
local GIVEN = { d = PLAIN.d, a = PLAIN.a, p = PLAIN.p, c = '^[kjr]$', m = '^%d+$', x = '^$' }
local function parse(text, allowed)
local how = {}
for piece in string.gmatch(text, '[^,]+') do
local letter, value = string.sub(piece, 1, 1), string.sub(piece, 2)
if not allowed[letter] or #value > 15 or not string.find(value, allowed[letter]) then
refuse__call('The instruction "' .. piece .. '" of a job is none.')
end
how[letter] = value
end
if how.p then refuse__unless_int('The priority', tonumber(how.p), -1000, 1000) end
if how.c and not how.m then refuse__call('A given id without m<ms>.') end
how.is_plain = not (how.d or how.a or how.p)
return how
end
local parsed = {}
local NONE = { is_plain = true }
function intake__read(text, is_given)
local at = string.find(text, '%c')
if not at and text ~= '' then return text, NONE, '' end
if not at or at == 1 or string.byte(text, at) ~= 9 then refuse__call('An id is empty or has a control character.') end
local last = is_given and string.find(text, '\\n', at, true) or #text + 1
local how = string.sub(text, at + 1, last - 1)
parsed[how] = parsed[how] or parse(how, is_given and GIVEN or PLAIN)
return string.sub(text, 1, at - 1), parsed[how], string.sub(text, last + 1)
end
end
local _, instructions = intake__read(id .. '\\t' .. how)
local record__STATES
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local locate__prepare, locate__find
do
local MAX_LOOKS = 100000
local runs, names = {}, nil
function locate__prepare(ids)
for i = 1, #ids do refuse__unless_name('id', ids[i]) end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
if #ids * #epochs > MAX_LOOKS then
refuse__call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
end
if #ids == 0 then return end
for _, epoch in ipairs(epochs) do
local held = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids))
for i = 1, #ids do
if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
end
end
end
function locate__find(id)
if redis.call('HEXISTS', base .. ':j', id) == 0 then return nil end
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
local at = redis.call('ZSCORE', base .. ':d', id)
if at then return { state = 'delayed', at = at } end
at = redis.call('ZSCORE', base .. ':t', id)
if at then return { state = 'retrying', at = at } end
if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
names = names or redis.call('SMEMBERS', base .. ':un')
for _, name in ipairs(names) do
if redis.call('ZSCORE', base .. ':u:' .. name, id) then return { state = 'waiting', unclaimed = name } end
end
local batch = redis.call('ZSCORE', base .. ':ag', id)
if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', base .. ':ad', batch) or nil } end
return { state = 'waiting' }
end
end
locate__prepare({ id })
local found = locate__find(id)
local fate = 'M'
if not found then fate = 'N' elseif found.state == 'active' then fate = 'A' end
local parcel
local record__FORMAT, record__fact, record__header
record__FORMAT = '1'
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
local side__parse, side__kept, side__of, side__has_lines, side__features
do
local LINES = { t = { flag = 'T', least = 1, most = 32 }, u = { least = 4, most = 5 },
g = { flag = 'G', least = 1, most = 1, bit = 'o' }, r = { flag = 'R', least = 2, most = 32, bit = 'w' } }
local ORDER = { 't', 'g', 'r' }
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__kept(said)
local lines, flags = {}, ''
for _, letter in ipairs(ORDER) do
local values = said[letter]
if values and #values > 0 then
lines[#lines + 1] = letter .. '\\t' .. table.concat(values, '\\t')
flags = flags .. LINES[letter].flag
end
end
return table.concat(lines, '\\n'), flags
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
function side__has_lines(flags) return string.find(flags, '[TRG]') ~= nil end
function side__features(said)
local letters = ''
for letter in pairs(said) do letters = letters .. (LINES[letter].bit or '') end
return letters
end
end
local unique__key
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
if fate == 'M' then
local record__facts
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
local moving__look
function moving__look(id, how)
local envelope, header = redis.call('HGET', base .. ':j', id), record__header(redis.call('HGET', base .. ':m', id))
local facts = record__facts(envelope)
local priority = how.p or (header.priority ~= '' and header.priority) or record__fact(facts, 'p') or '0'
return { id = id, how = how, envelope = envelope, facts = facts, flags = header.flags, priority = tonumber(priority),
said = side__has_lines(header.flags) and side__of(id) or {}, waiting = redis.call('HGET', base .. ':aw', id) }
end
parcel = moving__look(id, instructions)
local features__is_understood, features__enable, features__enable_all
do
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1 }
function features__is_understood(letter)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local open = redis.call('HGET', base .. ':h:' .. epoch, '\\topen')
if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
end
return true
end
function features__enable(bits, letter)
if string.find(bits, letter, 1, true) then return bits end
if not features__is_understood(letter) then
refuse__with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
end
bits = bits .. letter
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
function features__enable_all(bits, letters)
for letter in string.gmatch(letters, '.') do bits = features__enable(bits, letter) end
return bits
end
end
local unique__holder
function unique__holder(key, now)
local entry = redis.call('HGET', base .. ':uk', key)
if not entry then return nil end
local id, expiry = string.match(entry, '^(.*)\\t(%d*)$')
if expiry ~= '' and tonumber(expiry) <= now then return nil end
return id
end
local moving__obstacle
function moving__obstacle(parcel, is_own, now)
if not is_own and redis.call('HEXISTS', base .. ':j', parcel.id) == 1 then return 'T' end
local key = unique__key(parcel.facts)
local holder = key and unique__holder(key, now)
if holder and (not is_own or holder ~= parcel.id) then return 'D' end
end
elsewhere__run(queue, function()
fate = moving__obstacle(parcel, is_own, now) or fate
bits = redis.call('HGET', base .. ':q', 'bits') or ''
if fate == 'M' and parcel.priority ~= 0 then bits = features__enable(bits, 'p') end
if fate == 'M' then bits = features__enable_all(bits, side__features(parcel.said)) end
if fate == 'M' and parcel.waiting then bits = features__enable(bits, 'a') end
end)
end
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), fate)
if fate ~= 'M' then return { 'OK', fate } end
local amend__envelope
function amend__envelope(envelope, name, payload)
local head, own_name, fields, options, rest = string.match(envelope, '^(1[^\\t]*)\\t([^\\t]*)\\t([^\\t]*)\\t([^\\n]*)\\n(.*)$')
if payload then rest = string.sub(rest, 1, tonumber(record__fact(fields, 'f')) or 0) .. payload end
return head .. '\\t' .. (name or own_name) .. '\\t' .. fields .. '\\t' .. options .. '\\n' .. rest
end
parcel.envelope = amend__envelope(parcel.envelope, name ~= '' and name or nil, has_data == 1 and data or nil)
local record__has
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
local groups__forget_if_empty, groups__drop
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
local lines__uses, lines__leave
do
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
end
local ready__drop
function ready__drop(id)
if lines__leave(id) or groups__drop(id) then return true end
if redis.call('ZREM', base .. ':pp', id) + redis.call('ZREM', base .. ':pn', id) > 0 then return true end
redis.call('HINCRBY', base .. ':q', 'ghosts', 1)
return false
end
local tags__drop
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
local unique__release
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
local forget__jobs
do
local function forget_sides(id)
local said = side__of(id)
if said.t then tags__drop(id, said.t) end
redis.call('HDEL', base .. ':x', id)
end
local function forget_extras(ids, flags)
local keys = {}
for i = 1, #ids do
if flags[i] ~= '' then
if record__has(flags[i], 'N') then keys[#keys + 1] = base .. ':s:' .. ids[i] end
if record__has(flags[i], 'Y') then keys[#keys + 1] = base .. ':hs:' .. ids[i] end
if side__has_lines(flags[i]) then forget_sides(ids[i]) end
end
end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
end
function forget__jobs(ids, flags)
if #ids == 0 then return end
forget_extras(ids, flags)
redis.call('HDEL', base .. ':j', unpack(ids))
redis.call('HDEL', base .. ':m', unpack(ids))
redis.call('HDEL', base .. ':o', unpack(ids))
redis.call('HDEL', base .. ':e', unpack(ids))
end
end
local aggregation__read, aggregation__withdraw
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
function aggregation__withdraw(id, number)
redis.call('ZREM', base .. ':ag', id)
redis.call('LREM', base .. ':ab:' .. number, 1, id)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return end
local _, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':af', number)
if redis.call('ZREM', base .. ':ad', number) == 1 then redis.call('HDEL', base .. ':ao', identity)
else
redis.call('HINCRBY', base .. ':q', 'batches', -1)
ready__drop('\\tb' .. number)
end
end
local aside__drop
do
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__drop(name, id)
redis.call('ZREM', base .. ':u:' .. name, id)
forget_if_empty(name)
end
end
local completed__left
function completed__left() redis.call('HINCRBY', base .. ':q', 'gone', 1) end
local failures__left
do
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local withdraw__from
function withdraw__from(id, found)
if found.outcome then
redis.call('HDEL', base .. ':o', id)
if found.state ~= 'completed' and found.state ~= 'cancelled' then failures__left({ id }) end
if redis.call('ZREM', base .. ':y:' .. found.state, id) == 1 then return false end
if found.state == 'completed' then
completed__left()
return true
end
redis.call('ZREM', base .. ':f:' .. found.state, id)
elseif found.state == 'delayed' then redis.call('ZREM', base .. ':d', id)
elseif found.state == 'retrying' then redis.call('ZREM', base .. ':t', id)
elseif found.batch then aggregation__withdraw(id, found.batch)
elseif found.unclaimed then aside__drop(found.unclaimed, id)
else return not ready__drop(id) end
return false
end
local moving__take
function moving__take(parcel, found)
local id = parcel.id
if found then withdraw__from(id, found) end
unique__release(id, parcel.facts)
parcel.remembered = redis.call('ZSCORE', base .. ':ids', id)
redis.call('ZREM', base .. ':ids', id)
redis.call('HDEL', base .. ':aw', id)
forget__jobs({ id }, { parcel.flags })
end
moving__take(parcel, found)
local record__name
function record__name(envelope)
return string.match(envelope, '^1[^\\t]*\\t([^\\t]*)\\t') or ''
end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
if not is_own then
events__push('m', id, record__name(parcel.envelope))
events__flush(redis.call('HGET', base .. ':q', 'bits') or '', now)
end
local record__header_text, record__entry, record__row
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local wake__some
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local groups__names, groups__of, groups__put
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
end
local ready__put_back, ready__new_place
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
end
local due__delay, due__next
function due__delay(rows)
local first = due__next()
redis.call('ZADD', base .. ':d', unpack(rows))
if first == 0 or due__next() < first then wake__some(1) end
end
function due__next()
local first = 0
for _, key in ipairs({ (base .. ':d'), (base .. ':t') }) do
local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
if head[2] and (first == 0 or tonumber(head[2]) < first) then first = tonumber(head[2]) end
end
return first
end
local tags__add
function tags__add(id, names, now)
for i = 1, #names do
if redis.call('ZADD', base .. ':tg:' .. names[i], 'NX', string.format('%.0f', now), id) == 1 then
redis.call('ZINCRBY', base .. ':tc', 1, names[i])
end
end
end
local unique__hold
function unique__hold(key, id, ms, now)
local expiry = ms ~= '' and string.format('%.0f', now + ms) or ''
redis.call('HSET', base .. ':uk', key, id .. '\\t' .. expiry)
if expiry ~= '' then redis.call('ZADD', base .. ':uz', expiry, key) else redis.call('ZREM', base .. ':uz', key) end
end
local moving__put
do
local function store(parcel, now)
local id, row = parcel.id, record__row(parcel.id, nil, '')
local text, flags = side__kept(parcel.said)
row.header.flags = flags .. (record__fact(parcel.facts, 'x') and 'X' or '')
row.header.place = ready__new_place()
row.priority = parcel.priority
row.header.priority = row.priority ~= 0 and tostring(row.priority) or (record__fact(parcel.facts, 'p') and '0' or '')
redis.call('HSET', base .. ':j', id, parcel.envelope)
redis.call('HSET', base .. ':m', id, record__header_text(row.header))
if text ~= '' then redis.call('HSET', base .. ':x', id, text) end
if parcel.said.t then tags__add(id, parcel.said.t, now) end
local key = unique__key(parcel.facts)
if key then unique__hold(key, id, '', now) end
if parcel.remembered then redis.call('ZADD', base .. ':ids', parcel.remembered, id) end
if parcel.waiting then redis.call('HSET', base .. ':aw', id, parcel.waiting) end
return row
end
function moving__put(parcel, now, bits)
local how, row = parcel.how, store(parcel, now)
local at = how.a and tonumber(how.a) or now + (how.d or 0)
local name = record__name(parcel.envelope)
if at > now then
due__delay({ string.format('%.0f', at), parcel.id })
events__push('d', parcel.id, name)
else
ready__put_back({ row }, bits)
wake__some(1)
events__push('w', parcel.id, name)
end
end
end
elsewhere__run(queue, function()
moving__put(parcel, now, bits)
events__flush(bits, now)
end)
return { 'OK', fate }
`,
  encode(args) {
    return [
      nowArg('move', args.now),
      args.laneId,
      intArg('move', 'seq', args.seq),
      args.id,
      args.queue,
      args.how,
      args.name,
      intArg('move', 'hasData', args.hasData),
      args.data,
    ];
  },
  decode(raw) {
    const parts = replyParts('move', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fate: stringPart('move', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('move', parts);
    }
  },
};

/** Arguments of `note`. */
export interface NoteArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly epoch: string;
  readonly id: string;
  readonly token: string;
  /** P, t or l. */
  readonly kind: string;
  /** Of the step; the number of the line. */
  readonly name: string;
  readonly value: string;
}

/**
 * What `note` replies.
 * - `OK`: what is noted now: an earlier result of the same step wins
 */
export type NoteReply =
  | {
      readonly code: 'OK';
      readonly kept: string;
    }
  | { readonly code: 'LEASE_LOST' };

/**
 * Write something down for a running job, if its token is still good: p progress, t the result of a named step (the first
 * one stays; it also clears the job's stalls, for a poison job completes none), l a line of its log.
 *
 * Keys: `ev`, `h:<epoch>`, `m`, `n`, `q`, `s:<id>`
 * Events: `p`
 */
export const note: Script<NoteArgs, NoteReply> = {
  name: 'note',
  repeat: 'natural',
  sha1: 'e499818e5e5bced47a7697368a31a4c984ae2036',
  source: `local base = KEYS[1]
local now_arg, epoch, id, token, kind, name, value = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
if not string.find(kind, '^[ptl]$') then refuse__call('The kind of a note is p, t or l.') end
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
refuse__unless_name('id', id)
local refuse__unless_token
function refuse__unless_token(token)
if not string.find(token, '^%w+%.%d+$') then refuse__call('A token is not slot.seq.') end
end
refuse__unless_token(token)
local facts = redis.call('HMGET', base .. ':h:' .. epoch, '\\topen', id)
local held = facts[2]
if not facts[1] or not held or string.sub(held, 1, #token + 1) ~= token .. '.' then return { 'LEASE_LOST' } end
local field = kind == 'p' and 'p' or kind .. name
if kind == 'p' then redis.call('HSET', base .. ':s:' .. id, field, value)
else redis.call('HSETNX', base .. ':s:' .. id, field, value) end
local record__FORMAT, record__header
record__FORMAT = '1'
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
local header = record__header(redis.call('HGET', base .. ':m', id))
local record__has
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
if not record__has(header.flags, 'N') or (kind == 't' and header.stalls > 0) then
if not record__has(header.flags, 'N') then header.flags = header.flags .. 'N' end
if kind == 't' then header.stalls = 0 end
local record__header_text
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
redis.call('HSET', base .. ':m', id, record__header_text(header))
end
local known = string.sub(held, #token + 2)
local missing = (record__has(known, 'H') and '' or 'H') .. (record__has(known, 'N') and '' or 'N')
if missing ~= '' then redis.call('HSET', base .. ':h:' .. epoch, id, held .. missing) end
if kind == 'p' then
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
events__push('p', id)
events__flush(redis.call('HGET', base .. ':q', 'bits') or '', now)
end
return { 'OK', redis.call('HGET', base .. ':s:' .. id, field) }
`,
  encode(args) {
    return [nowArg('note', args.now), args.epoch, args.id, args.token, args.kind, args.name, args.value];
  },
  decode(raw) {
    const parts = replyParts('note', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          kept: stringPart('note', parts, 1),
        };
      case 'LEASE_LOST':
        return { code: 'LEASE_LOST' };
      default:
        throw unknownCode('note', parts);
    }
  },
};

/** Arguments of `notes`. */
export interface NotesArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly id: string;
}

/**
 * What `notes` replies.
 * - `OK`: name, value, name, value …
 */
export type NotesReply = {
  readonly code: 'OK';
  readonly fields: readonly string[];
};

/**
 * Read what a job has noted: progress, steps, log lines.
 *
 * Keys: `s:<id>`
 */
export const notes: Script<NotesArgs, NotesReply> = {
  name: 'notes',
  repeat: 'read',
  sha1: 'b397c4885d7f1ebfbcea0926ad0ea414313f1813',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, id = ARGV[1], ARGV[2]
return { 'OK', redis.call('HGETALL', base .. ':s:' .. id) }
`,
  encode(args) {
    return [nowArg('notes', args.now), args.id];
  },
  decode(raw) {
    const parts = replyParts('notes', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fields: stringsPart('notes', parts, 1),
        };
      default:
        throw unknownCode('notes', parts);
    }
  },
};

/** Arguments of `nudge`. */
export interface NudgeArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
}

/** What `nudge` replies. */
export type NudgeReply = { readonly code: 'OK' };

/**
 * Pass a wake-up on: sent by a worker that was woken and has no use for the jobs.
 *
 * Keys: `i`, `w:<epoch>`
 */
export const nudge: Script<NudgeArgs, NudgeReply> = {
  name: 'nudge',
  repeat: 'natural',
  sha1: 'c020e2a3675e45c9626c312887c84e1d4d7985d3',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg = ARGV[1]
local wake__some
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
wake__some(1)
return { 'OK' }
`,
  encode(args) {
    return [nowArg('nudge', args.now)];
  },
  decode(raw) {
    const parts = replyParts('nudge', raw);
    switch (parts[0]) {
      case 'OK':
        return { code: 'OK' };
      default:
        throw unknownCode('nudge', parts);
    }
  },
};

/** Arguments of `open`. */
export interface OpenArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** A fresh random nonce. */
  readonly epoch: string;
  /** The release of the protocol that the worker speaks. */
  readonly version: number;
  /** Ms without renewal after which its jobs are taken back, 100 or more. */
  readonly lease: number;
  /** What the worker says of itself, for people. */
  readonly info: string;
}

/** What `open` replies. */
export type OpenReply =
  | {
      readonly code: 'OK';
      readonly lease: number;
      readonly pause: number;
      readonly bits: string;
      readonly unclaimed: readonly string[];
    }
  | {
      readonly code: 'UPGRADE';
      readonly bits: string;
    };

/**
 * Open an epoch: the identity under which one worker holds jobs of this queue. Only this command creates one.
 *
 * Keys: `L`, `h:<epoch>`, `q`, `un`, `ws`
 */
export const open: Script<OpenArgs, OpenReply> = {
  name: 'open',
  repeat: 'natural',
  sha1: '7e293bd25a95c30dafc7438dbc6fe419e137477e',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, epoch, version, lease, info = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
refuse__unless_name('epoch', epoch)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('version', version, 0, 1000000)
refuse__unless_int('lease', lease, 100, 1000000000)
local meta = redis.call('HMGET', base .. ':q', 'bits', 'lease', 'pause')
local bits = meta[1] or ''
local features__are_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
if not features__are_known(bits) then return { 'UPGRADE', bits } end
if redis.call('EXISTS', base .. ':h:' .. epoch) == 0 then
redis.call('HSET', base .. ':h:' .. epoch, '\\topen', version .. ',' .. lease .. ',' .. string.format('%.0f', now),
'\\ttable', string.rep('-', 65))
redis.call('ZADD', base .. ':L', string.format('%.0f', now + lease), epoch)
redis.call('HSET', base .. ':ws', epoch, info)
redis.call('HSETNX', base .. ':q', 'seen', string.format('%.0f', now))
end
return { 'OK', meta[2] or 0, meta[3] or 0, bits, redis.call('SMEMBERS', base .. ':un') }
`,
  encode(args) {
    return [
      nowArg('open', args.now),
      args.epoch,
      intArg('open', 'version', args.version),
      intArg('open', 'lease', args.lease),
      args.info,
    ];
  },
  decode(raw) {
    const parts = replyParts('open', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          lease: intPart('open', parts, 1),
          pause: intPart('open', parts, 2),
          bits: stringPart('open', parts, 3),
          unclaimed: stringsPart('open', parts, 4),
        };
      case 'UPGRADE':
        return {
          code: 'UPGRADE',
          bits: stringPart('open', parts, 1),
        };
      default:
        throw unknownCode('open', parts);
    }
  },
};

/** Arguments of `pauseSchedule`. */
export interface PauseScheduleArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  readonly id: string;
  /** 1 pause, 0 resume. */
  readonly on: number;
  /** To resume: of the definition that the caller has read. */
  readonly hash: string;
  /** To resume: the next time that it has read. */
  readonly at: number;
  /** To resume: when it fires next; 0 = it does not. */
  readonly nextAt: number;
}

/**
 * What `pauseSchedule` replies.
 * - `OK`: 0 = it was so already, or will not fire again anyway
 * - `AGAIN`: it is not as the caller has read it
 */
export type PauseScheduleReply =
  | {
      readonly code: 'OK';
      readonly changed: number;
    }
  | { readonly code: 'AGAIN' }
  | { readonly code: 'NOT_FOUND' }
  | { readonly code: 'OLD' };

/**
 * Pause a schedule, or let it fire again from a time on that the caller has worked out.
 *
 * Keys: `i`, `l`, `lz`, `q`, `sc`, `sn`, `sp`, `w:<epoch>`
 */
export const pauseSchedule: Script<PauseScheduleArgs, PauseScheduleReply> = {
  name: 'pause-schedule',
  repeat: 'lane',
  sha1: '1daf4419984517920cf72ba9a8632ccb6f7f4e10',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, lane_id, seq, id, on, hash, at, next_at = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', tonumber(answer) } end
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('on', on, 0, 1)
refuse__unless_int('next_at', next_at, 0, 253402300799999)
local schedules__find
do
local RECORD = '^1(%d+),(%d+),(%d+)\\t(%w+)\\t([^\\n]*)\\n(.*)$'
function schedules__find(id)
local text = redis.call('HGET', base .. ':sc', id)
if not text then return nil end
local revision, count, last, hash, job, definition = string.match(text, RECORD)
local found = { text = text, revision = tonumber(revision), count = tonumber(count), last = last, hash = hash, job = job,
definition = definition, state = 'over', at = 0 }
local at = redis.call('ZSCORE', base .. ':sn', id)
if at then found.state = 'running'
else
at = redis.call('ZSCORE', base .. ':sp', id)
if at then found.state = 'paused' end
end
found.at = tonumber(at or 0)
return found
end
end
local found = schedules__find(id)
if not found then return { 'NOT_FOUND' } end
local changed = found.state == (on == 1 and 'running' or 'paused') and 1 or 0
if changed == 1 and on == 0 and (found.hash ~= hash or found.at ~= at) then return { 'AGAIN' } end
if changed == 1 then
local schedules__move
function schedules__move(id, at, is_paused)
local home, other = is_paused and (base .. ':sp') or (base .. ':sn'), is_paused and (base .. ':sn') or (base .. ':sp')
redis.call('ZREM', other, id)
if at == 0 then redis.call('ZREM', home, id) else redis.call('ZADD', home, string.format('%.0f', at), id) end
end
schedules__move(id, on == 1 and found.at or next_at, on == 1)
if on == 0 and next_at > 0 then 
local wake__some
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
wake__some(1) end
end
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), tostring(changed))
return { 'OK', changed }
`,
  encode(args) {
    return [
      nowArg('pause-schedule', args.now),
      args.laneId,
      intArg('pause-schedule', 'seq', args.seq),
      args.id,
      intArg('pause-schedule', 'on', args.on),
      args.hash,
      intArg('pause-schedule', 'at', args.at),
      intArg('pause-schedule', 'nextAt', args.nextAt),
    ];
  },
  decode(raw) {
    const parts = replyParts('pause-schedule', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          changed: intPart('pause-schedule', parts, 1),
        };
      case 'AGAIN':
        return { code: 'AGAIN' };
      case 'NOT_FOUND':
        return { code: 'NOT_FOUND' };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('pause-schedule', parts);
    }
  },
};

/** Arguments of `pause`. */
export interface PauseArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** 1 pause, 0 resume. */
  readonly on: number;
}

/** What `pause` replies. */
export type PauseReply = {
  readonly code: 'OK';
  readonly pause: number;
};

/**
 * Pause or resume a queue. The pause number rises by one at each change and is odd while paused; workers are told at once.
 *
 * Keys: `L`, `q`, `w:<epoch>`
 */
export const pause: Script<PauseArgs, PauseReply> = {
  name: 'pause',
  repeat: 'natural',
  sha1: '272ed73897812b0f3306dab1f23ece22a5d79177',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, on = ARGV[1], tonumber(ARGV[2])
local refuse__with, refuse__call, refuse__unless_int
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('on', on, 0, 1)
local pause = tonumber(redis.call('HGET', base .. ':q', 'pause')) or 0
if pause % 2 ~= on then
pause = redis.call('HINCRBY', base .. ':q', 'pause', 1)
local wake__tell_all, wake__tell
function wake__tell_all(what)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do wake__tell(epoch, what) end
end
function wake__tell(epoch, what)
redis.call('PUBLISH', base .. ':w:' .. epoch, what)
end
wake__tell_all('p')
end
return { 'OK', pause }
`,
  encode(args) {
    return [nowArg('pause', args.now), intArg('pause', 'on', args.on)];
  },
  decode(raw) {
    const parts = replyParts('pause', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          pause: intPart('pause', parts, 1),
        };
      default:
        throw unknownCode('pause', parts);
    }
  },
};

/** Arguments of `paused`. */
export interface PausedArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
}

/** What `paused` replies. */
export type PausedReply = {
  readonly code: 'OK';
  readonly pause: number;
  readonly behind: number;
};

/**
 * Is the queue paused, and which live epochs have not yet obeyed the latest change? One whose lease is over starts nothing
 * before it has renewed, and hears of the pause by that.
 *
 * Keys: `L`, `h:<epoch>`, `q`
 */
export const paused: Script<PausedArgs, PausedReply> = {
  name: 'paused',
  repeat: 'read',
  sha1: '6bb4d94625ae7c2d10836da90c2f14484c28f729',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg = ARGV[1]
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local pause = tonumber(redis.call('HGET', base .. ':q', 'pause')) or 0
local behind = 0
local live = redis.call('ZRANGEBYSCORE', base .. ':L', '(' .. string.format('%.0f', now), '+inf', 'LIMIT', 0, 1000)
for _, epoch in ipairs(live) do
local facts = redis.call('HMGET', base .. ':h:' .. epoch, '\\topen', '\\tpause')
if facts[1] and (tonumber(facts[2]) or 0) < pause then behind = behind + 1 end
end
return { 'OK', pause, behind }
`,
  encode(args) {
    return [nowArg('paused', args.now)];
  },
  decode(raw) {
    const parts = replyParts('paused', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          pause: intPart('paused', parts, 1),
          behind: intPart('paused', parts, 2),
        };
      default:
        throw unknownCode('paused', parts);
    }
  },
};

/** Arguments of `prioritize`. */
export interface PrioritizeArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  readonly id: string;
  /** -1000 to 1000. */
  readonly priority: number;
}

/**
 * What `prioritize` replies.
 * - `OK`: P changed, F has ended, N no such job
 */
export type PrioritizeReply =
  | {
      readonly code: 'OK';
      readonly fate: string;
    }
  | { readonly code: 'OLD' };

/**
 * Change the priority of a job that has not ended. A waiting one moves to the back of its new priority.
 *
 * Keys: `L`, `^rn`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `d`, `f:<state>`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `h:<epoch>`, `j`, `l`, `lz`, `m`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `t`, `u:<name>`, `un`, `wr`, `x`, `y:<state>`
 */
export const prioritize: Script<PrioritizeArgs, PrioritizeReply> = {
  name: 'prioritize',
  repeat: 'lane',
  sha1: 'baeab01d3848fa71afd07a7612be34803a7cb9c4',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, lane_id, seq, id, priority = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('The priority', priority, -1000, 1000)
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local record__STATES
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
local locate__prepare, locate__find
do
local MAX_LOOKS = 100000
local runs, names = {}, nil
function locate__prepare(ids)
for i = 1, #ids do refuse__unless_name('id', ids[i]) end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
if #ids * #epochs > MAX_LOOKS then
refuse__call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
end
if #ids == 0 then return end
for _, epoch in ipairs(epochs) do
local held = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids))
for i = 1, #ids do
if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
end
end
end
function locate__find(id)
if redis.call('HEXISTS', base .. ':j', id) == 0 then return nil end
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
local at = redis.call('ZSCORE', base .. ':d', id)
if at then return { state = 'delayed', at = at } end
at = redis.call('ZSCORE', base .. ':t', id)
if at then return { state = 'retrying', at = at } end
if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
names = names or redis.call('SMEMBERS', base .. ':un')
for _, name in ipairs(names) do
if redis.call('ZSCORE', base .. ':u:' .. name, id) then return { state = 'waiting', unclaimed = name } end
end
local batch = redis.call('ZSCORE', base .. ':ag', id)
if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', base .. ':ad', batch) or nil } end
return { state = 'waiting' }
end
end
locate__prepare({ id })
local found = locate__find(id)
local fate = not found and 'N' or (found.outcome and 'F' or 'P')
if fate == 'P' then
if priority ~= 0 then 
local features__is_understood, features__enable
do
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1 }
function features__is_understood(letter)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local open = redis.call('HGET', base .. ':h:' .. epoch, '\\topen')
if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
end
return true
end
function features__enable(bits, letter)
if string.find(bits, letter, 1, true) then return bits end
if not features__is_understood(letter) then
refuse__with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
end
bits = bits .. letter
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
end
bits = features__enable(bits, 'p') end
local record__FORMAT, record__fact, record__header, record__row
record__FORMAT = '1'
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local row = record__row(id, redis.call('HGET', base .. ':m', id), '')
row.header.priority, row.priority = tostring(priority), priority
local waits = found.state == 'waiting' and not found.unclaimed
local side__parse, side__of
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
local groups__forget_if_empty, groups__drop
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
local elsewhere__own_name
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
end
local lines__uses, lines__leave
do
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
end
local ready__drop
function ready__drop(id)
if lines__leave(id) or groups__drop(id) then return true end
if redis.call('ZREM', base .. ':pp', id) + redis.call('ZREM', base .. ':pn', id) > 0 then return true end
redis.call('HINCRBY', base .. ':q', 'ghosts', 1)
return false
end
local aggregation__read, aggregation__withdraw
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
function aggregation__withdraw(id, number)
redis.call('ZREM', base .. ':ag', id)
redis.call('LREM', base .. ':ab:' .. number, 1, id)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return end
local _, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':af', number)
if redis.call('ZREM', base .. ':ad', number) == 1 then redis.call('HDEL', base .. ':ao', identity)
else
redis.call('HINCRBY', base .. ':q', 'batches', -1)
ready__drop('\\tb' .. number)
end
end
local aside__drop
do
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__drop(name, id)
redis.call('ZREM', base .. ':u:' .. name, id)
forget_if_empty(name)
end
end
local completed__left
function completed__left() redis.call('HINCRBY', base .. ':q', 'gone', 1) end
local failures__left
do
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local withdraw__from
function withdraw__from(id, found)
if found.outcome then
redis.call('HDEL', base .. ':o', id)
if found.state ~= 'completed' and found.state ~= 'cancelled' then failures__left({ id }) end
if redis.call('ZREM', base .. ':y:' .. found.state, id) == 1 then return false end
if found.state == 'completed' then
completed__left()
return true
end
redis.call('ZREM', base .. ':f:' .. found.state, id)
elseif found.state == 'delayed' then redis.call('ZREM', base .. ':d', id)
elseif found.state == 'retrying' then redis.call('ZREM', base .. ':t', id)
elseif found.batch then aggregation__withdraw(id, found.batch)
elseif found.unclaimed then aside__drop(found.unclaimed, id)
else return not ready__drop(id) end
return false
end
if waits and withdraw__from(id, found) then 
local ready__new_place
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
row.header.place = ready__new_place() end
local record__header_text
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
redis.call('HSET', base .. ':m', id, record__header_text(row.header))
if waits then 
local record__has, record__entry
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
local groups__names, groups__of, groups__put
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
end
local ready__put_back
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
end
ready__put_back({ row }, bits)
elseif found.held and not string.find(found.held, 'H', string.find(found.held, '%.[^.]*$'), true) then
redis.call('HSET', base .. ':h:' .. found.epoch, id, found.held .. 'H')
end
end
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), fate)
return { 'OK', fate }
`,
  encode(args) {
    return [
      nowArg('prioritize', args.now),
      args.laneId,
      intArg('prioritize', 'seq', args.seq),
      args.id,
      intArg('prioritize', 'priority', args.priority),
    ];
  },
  decode(raw) {
    const parts = replyParts('prioritize', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fate: stringPart('prioritize', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('prioritize', parts);
    }
  },
};

/** Arguments of `promote`. */
export interface PromoteArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  readonly ids: readonly string[];
}

/**
 * What `promote` replies.
 * - `OK`: a letter per id: P waits now, S was not waiting for its time, N no such job
 */
export type PromoteReply =
  | {
      readonly code: 'OK';
      readonly fates: string;
    }
  | { readonly code: 'OLD' };

/**
 * Let delayed and retrying jobs run now: to the back of the queue, what was charged stays charged. Of one that waits for its
 * batch, the batch.
 *
 * Keys: `L`, `^rn`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `d`, `ev`, `f:<state>`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `h:<epoch>`, `hs:<id>`, `i`, `j`, `l`, `lz`, `m`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `t`, `u:<name>`, `un`, `w:<epoch>`, `wr`, `x`, `y:<state>`
 * Events: `w`
 */
export const promote: Script<PromoteArgs, PromoteReply> = {
  name: 'promote',
  repeat: 'lane',
  sha1: '76e7e3cc046e0f179bd20e46e2847200af5a9ac0',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, lane_id, seq = ARGV[1], ARGV[2], tonumber(ARGV[3])
local REST = 4
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 1)
local ids, fates, back = {}, {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
local record__STATES
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local locate__prepare, locate__find
do
local MAX_LOOKS = 100000
local runs, names = {}, nil
function locate__prepare(ids)
for i = 1, #ids do refuse__unless_name('id', ids[i]) end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
if #ids * #epochs > MAX_LOOKS then
refuse__call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
end
if #ids == 0 then return end
for _, epoch in ipairs(epochs) do
local held = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids))
for i = 1, #ids do
if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
end
end
end
function locate__find(id)
if redis.call('HEXISTS', base .. ':j', id) == 0 then return nil end
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
local at = redis.call('ZSCORE', base .. ':d', id)
if at then return { state = 'delayed', at = at } end
at = redis.call('ZSCORE', base .. ':t', id)
if at then return { state = 'retrying', at = at } end
if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
names = names or redis.call('SMEMBERS', base .. ':un')
for _, name in ipairs(names) do
if redis.call('ZSCORE', base .. ':u:' .. name, id) then return { state = 'waiting', unclaimed = name } end
end
local batch = redis.call('ZSCORE', base .. ':ag', id)
if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', base .. ':ad', batch) or nil } end
return { state = 'waiting' }
end
end
locate__prepare(ids)
local record__FORMAT, record__has, record__header, record__header_text, record__entry
record__FORMAT = '1'
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
local side__parse, side__of
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
local wake__some
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local groups__names, groups__of, groups__put, groups__forget_if_empty, groups__drop
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
end
local elsewhere__own_name
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
end
local lines__uses, lines__leave
do
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
end
local ready__put_back, ready__drop
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
function ready__drop(id)
if lines__leave(id) or groups__drop(id) then return true end
if redis.call('ZREM', base .. ':pp', id) + redis.call('ZREM', base .. ':pn', id) > 0 then return true end
redis.call('HINCRBY', base .. ':q', 'ghosts', 1)
return false
end
end
local aggregation__read, aggregation__row, aggregation__fire, aggregation__withdraw
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
function aggregation__row(number, priority)
return { id = '\\tb' .. number, header = { place = '0' }, priority = priority }
end
function aggregation__fire(number, bits)
local priority, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':ao', identity)
redis.call('ZREM', base .. ':ad', number)
ready__put_back({ aggregation__row(number, priority) }, bits)
redis.call('HINCRBY', base .. ':q', 'batches', 1)
wake__some(1)
end
function aggregation__withdraw(id, number)
redis.call('ZREM', base .. ':ag', id)
redis.call('LREM', base .. ':ab:' .. number, 1, id)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return end
local _, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':af', number)
if redis.call('ZREM', base .. ':ad', number) == 1 then redis.call('HDEL', base .. ':ao', identity)
else
redis.call('HINCRBY', base .. ':q', 'batches', -1)
ready__drop('\\tb' .. number)
end
end
local history__act
do
local MAX_ENTRIES = 100
local MAX_TEXT = 500
local function append(id, entry)
local key = base .. ':hs:' .. id
if redis.call('RPUSH', key, entry) <= MAX_ENTRIES then return end
local first = redis.call('LPOP', key)
redis.call('LPOP', key)
redis.call('LPUSH', key, first)
end
local function mark(header)
if not record__has(header.flags, 'Y') then header.flags = header.flags .. 'Y' end
end
function history__act(id, header, letter, outcome, now)
if outcome then
local last = redis.call('LINDEX', base .. ':hs:' .. id, -1)
if not last or string.sub(last, 1, 14) ~= string.sub(outcome, 1, 14) then
local at, attempt, duration, body = string.match(outcome, '^(%a%d+),(%d+),(%d+)\\n(.*)$')
local text = string.byte(at) == 99 and '' or string.sub(body, 1, MAX_TEXT)
append(id, table.concat({ at, attempt, duration, '', '' }, '\\t') .. '\\n' .. text)
end
end
append(id, table.concat({ letter .. string.format('%.0f', now), header.failures + header.stalls, '0', '', '' }, '\\t') .. '\\n')
mark(header)
end
end
local aside__drop
do
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__drop(name, id)
redis.call('ZREM', base .. ':u:' .. name, id)
forget_if_empty(name)
end
end
local completed__left
function completed__left() redis.call('HINCRBY', base .. ':q', 'gone', 1) end
local failures__left
do
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local withdraw__from
function withdraw__from(id, found)
if found.outcome then
redis.call('HDEL', base .. ':o', id)
if found.state ~= 'completed' and found.state ~= 'cancelled' then failures__left({ id }) end
if redis.call('ZREM', base .. ':y:' .. found.state, id) == 1 then return false end
if found.state == 'completed' then
completed__left()
return true
end
redis.call('ZREM', base .. ':f:' .. found.state, id)
elseif found.state == 'delayed' then redis.call('ZREM', base .. ':d', id)
elseif found.state == 'retrying' then redis.call('ZREM', base .. ':t', id)
elseif found.batch then aggregation__withdraw(id, found.batch)
elseif found.unclaimed then aside__drop(found.unclaimed, id)
else return not ready__drop(id) end
return false
end
for i, id in ipairs(ids) do
local found = locate__find(id)
if not found then fates[i] = 'N'
elseif not found.at then fates[i] = 'S'
elseif found.batch then
aggregation__fire(found.batch, bits)
fates[i] = 'P'
else
withdraw__from(id, found)
local header = record__header(redis.call('HGET', base .. ':m', id))
history__act(id, header, 'P', nil, now)
redis.call('HSET', base .. ':m', id, record__header_text(header))
back[#back + 1] = id
fates[i] = 'P'
end
end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local record__fact, record__row
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local due__put_back
function due__put_back(ids, bits)
if #ids == 0 then return end
local stored, rows = redis.call('HMGET', base .. ':m', unpack(ids)), {}
for i = 1, #ids do
rows[i] = record__row(ids[i], stored[i], '')
events__push('w', ids[i])
end
ready__put_back(rows, bits)
end
due__put_back(back, bits)
local text = table.concat(fates)
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), text)
events__flush(bits, now)
wake__some(#back)
return { 'OK', text }
`,
  encode(args) {
    const argv = [nowArg('promote', args.now), args.laneId, intArg('promote', 'seq', args.seq)];
    pushRows(argv, 'promote', 'ids', args.ids, 1);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('promote', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fates: stringPart('promote', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('promote', parts);
    }
  },
};

/** Arguments of `readEvents`. */
export interface ReadEventsArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** The last id read; 0-0 = from the beginning; '' = only say where the stream ends now. */
  readonly after: string;
  /** Entries at most. */
  readonly limit: number;
}

/**
 * What `readEvents` replies.
 * - `OK`: last = id to go on from; gap 1 = entries right after `after` are gone
 */
export type ReadEventsReply = {
  readonly code: 'OK';
  readonly last: string;
  readonly gap: number;
  readonly entries: readonly string[];
};

/**
 * Read the event stream after an id. Nobody blocks on the stream: readers come when the nudge channel speaks, or from time to time.
 *
 * Keys: `ev`
 */
export const readEvents: Script<ReadEventsArgs, ReadEventsReply> = {
  name: 'read-events',
  repeat: 'read',
  sha1: 'c279dc1cefc7606b83a24fbb10e91d21d40211f0',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, after, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local refuse__with, refuse__call, refuse__unless_int
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('limit', limit, 0, 1000)
if after == '' then 
local events__newest
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
return { 'OK', events__newest(), 0, {} } end
if not string.find(after, '^%d+%-%d+$') then refuse__call('The id of an entry is two numbers.') end
local rows, last = {}, after
local found = redis.call('XRANGE', base .. ':ev', '(' .. after, '+', 'COUNT', limit)
for i = 1, #found do
local fields = found[i][2]
rows[#rows + 1] = found[i][1]
rows[#rows + 1] = fields[2]
rows[#rows + 1] = fields[4]
last = found[i][1]
end
local gap = found[1] and found[1][2][6] ~= after
return { 'OK', last, gap and 1 or 0, rows }
`,
  encode(args) {
    return [nowArg('read-events', args.now), args.after, intArg('read-events', 'limit', args.limit)];
  },
  decode(raw) {
    const parts = replyParts('read-events', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          last: stringPart('read-events', parts, 1),
          gap: intPart('read-events', parts, 2),
          entries: stringsPart('read-events', parts, 3),
        };
      default:
        throw unknownCode('read-events', parts);
    }
  },
};

/** Arguments of `reconcile`. */
export interface ReconcileArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly epoch: string;
  /** Slot, seq, slot, seq …: the last call of each slot whose answer the worker has. */
  readonly settled: readonly string[];
  /** What the worker has. */
  readonly known: readonly string[];
}

/**
 * What `reconcile` replies.
 * - `OK`: 1,000 = there may be more
 */
export type ReconcileReply =
  | {
      readonly code: 'OK';
      readonly released: number;
    }
  | { readonly code: 'EPOCH_GONE' };

/**
 * Release what the server holds for an epoch and the worker does not know of: held ids that are not named and whose leasing
 * call is settled (its seq is not above the settled one of its slot: a reply in flight is never released).
 *
 * Keys: `^rm`, `^rn`, `^ru`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `aw`, `d`, `e`, `ev`, `f:<state>`, `fc`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `h:<epoch>`, `hs:<id>`, `i`, `j`, `m`, `mi`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `s:<id>`, `sd`, `sm`, `st:<day>`, `t`, `tc`, `tg:<tag>`, `u:<name>`, `uk`, `un`, `uz`, `w:<epoch>`, `wr`, `ws`, `x`, `y:<state>`
 * Events: `w`
 */
export const reconcile: Script<ReconcileArgs, ReconcileReply> = {
  name: 'reconcile',
  repeat: 'natural',
  sha1: 'bdf1a2234592ccd383416bb291b72ba0e621b85f',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, epoch = ARGV[1], ARGV[2]
local settled, REST
do
local argv_at = 3
local argv_count = tonumber(ARGV[argv_at])
settled = {}
for argv_item = 1, argv_count do settled[argv_item] = ARGV[argv_at + argv_item] end
argv_at = argv_at + argv_count + 1
REST = argv_at
end
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local key = base .. ':h:' .. epoch
local upto, has = {}, {}
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
for i = 1, #settled, 2 do
local seq = tonumber(settled[i + 1])
refuse__unless_int('A settled seq', seq, 0, 9007199254740991)
upto[settled[i]] = seq
end
for i = REST, #ARGV do has[ARGV[i]] = true end
if redis.call('HEXISTS', key, '\\topen') == 0 then return { 'EPOCH_GONE' } end
local meta = redis.call('HMGET', base .. ':q', 'bits', 'drop')
local held, lost = redis.call('HGETALL', key), {}
local holds__entry
function holds__entry(id, value)
local slot, seq, nth, facts = string.match(value, '^([^.]*)%.(%d+)%.(%d*)(.*)$')
return { id = id, token = slot .. '.' .. seq, slot = slot, seq = tonumber(seq), nth = tonumber(nth) or 0, facts = facts }
end
for i = 1, #held, 2 do
local id = held[i]
if string.byte(id) ~= 9 and not has[id] then
local run = holds__entry(id, held[i + 1])
if upto[run.slot] and run.seq <= upto[run.slot] and #lost < 1000 then
run.how, run.duration, run.body = 'g', 0, ''
lost[#lost + 1] = run
end
end
end
local holds__sort
function holds__sort(entries)
table.sort(entries, function(a, b) return a.nth < b.nth end)
end
holds__sort(lost)
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local record__FORMAT, record__STATES, record__name, record__facts, record__fact, record__has, record__flags, record__header, record__header_text, record__entry, record__row
record__FORMAT = '1'
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
function record__name(envelope)
return string.match(envelope, '^1[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__flags(facts)
return (string.gsub(string.match(facts, 'H(%a*)') or '', 'M', ''))
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local side__parse, side__of, side__has_lines
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
function side__has_lines(flags) return string.find(flags, '[TRG]') ~= nil end
local wake__some, wake__freed
do
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local is_later, freed = false, 0
function wake__freed(n)
if is_later then freed = freed + n else wake__some(n) end
end
end
local groups__names, groups__of, groups__put, groups__forget_if_empty, groups__release
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__release(entries)
local ids, flags, freed, again = {}, {}, {}, {}
for i = 1, #entries do ids[i], flags[i] = entries[i].id, entries[i].facts end
for id, name in pairs(groups__names(ids, flags)) do
freed[name] = freed[name] or {}
table.insert(freed[name], id)
end
for name, members in pairs(freed) do
redis.call('SREM', base .. ':gs:' .. name, unpack(members))
if redis.call('EXISTS', base .. ':g:' .. name) == 1 then again[#again + 1] = name else groups__forget_if_empty(name) end
end
wake__freed(join(again))
end
end
local elsewhere__own_name, elsewhere__run
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
local function place(queue) return head() .. #queue .. ':' .. queue end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
function elsewhere__run(queue, action)
local own = base
if queue ~= '' then base = place(queue) end
action()
base = own
end
end
local lines__uses, lines__strike, lines__leave, lines__first
do
local TOO_MUCH_TEXT = '18014398509481984'
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__strike(name, who) drop(name, who.queue .. '\\t' .. who.id) end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
function lines__first(name, n, are_too_much)
local from, to = are_too_much and TOO_MUCH_TEXT or '-inf', are_too_much and '+inf' or '(' .. TOO_MUCH_TEXT
local members, found = redis.call('ZRANGEBYSCORE', string.match(base, '^.-}') .. ':rw:' .. name, from, to, 'LIMIT', 0, n), {}
for i = 1, #members do
local queue, id = string.match(members[i], '^([^\\t]*)\\t(.*)$')
found[i] = { queue = queue, id = id }
end
return found
end
end
local ready__put_back, ready__put_front, ready__new_place
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
function ready__put_front(rows, bits) put(rows, 'front', bits) end
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
end
local aggregation__identity, aggregation__join, aggregation__read, aggregation__row, aggregation__fire, aggregation__flush
do
local MAX_SIZE = 1000
local joining = {}
function aggregation__identity(name, key) return #name .. ':' .. name .. ':' .. key end
function aggregation__join(e, row)
local grace, delay, most, key = string.match(e.body, '^(%d+),(%d+),(%d+),(%C*)$')
local identity = aggregation__identity(e.name, key)
local group = joining[identity]
if not group then
group = { ids = {}, priority = row.priority }
joining[identity] = group
joining[#joining + 1] = identity
end
group.ids[#group.ids + 1] = e.id
group.priority = math.max(group.priority, row.priority)
group.grace, group.delay = tonumber(grace), tonumber(delay)
group.most = math.max(1, math.min(tonumber(most), MAX_SIZE))
events__push('o', e.id, e.name)
end
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
local function write(number, priority, first, most, identity)
redis.call('HSET', base .. ':af', number, priority .. ',' .. string.format('%.0f', first) .. ',' .. most .. '\\t' .. identity)
end
function aggregation__row(number, priority)
return { id = '\\tb' .. number, header = { place = '0' }, priority = priority }
end
function aggregation__fire(number, bits)
local priority, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':ao', identity)
redis.call('ZREM', base .. ':ad', number)
ready__put_back({ aggregation__row(number, priority) }, bits)
redis.call('HINCRBY', base .. ':q', 'batches', 1)
wake__some(1)
end
local function opened(identity, group, now)
local number = redis.call('HGET', base .. ':ao', identity)
if number then
local priority, first = aggregation__read(number)
return number, math.max(priority, group.priority), first, redis.call('LLEN', base .. ':ab:' .. number)
end
number = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'batch', 1))
redis.call('HSET', base .. ':ao', identity, number)
return number, group.priority, now, 0
end
local function add(identity, group, from, now, bits)
local number, priority, first, size = opened(identity, group, now)
local last = math.min(#group.ids, from + math.max(1, group.most - size) - 1)
local scores = {}
for i = from, last do scores[#scores + 1] = number; scores[#scores + 1] = group.ids[i] end
redis.call('RPUSH', base .. ':ab:' .. number, unpack(group.ids, from, last))
redis.call('ZADD', base .. ':ag', unpack(scores))
write(number, priority, first, group.most, identity)
redis.call('ZADD', base .. ':ad', string.format('%.0f', math.min(now + group.grace, first + group.delay)), number)
if size + last - from + 1 >= group.most then aggregation__fire(number, bits) end
return last + 1
end
function aggregation__flush(now, bits)
for _, identity in ipairs(joining) do
local group, from = joining[identity], 1
while from <= #group.ids do from = add(identity, group, from, now, bits) end
end
joining = {}
end
end
local aside__put
function aside__put(name, id)
redis.call('SADD', base .. ':un', name)
redis.call('ZADD', base .. ':u:' .. name, redis.call('HINCRBY', base .. ':q', 'aside', 1), id)
end
local failure__note, failure__flush
do
local added = {}
local function parts(text, fields)
local length = tonumber(record__fact(fields, 'f'))
if not length then return nil end
local from = string.find(text, '\\n', 1, true) + 1
local stored = string.sub(text, from, from + length - 1)
if #stored == length then return string.match(stored, '^(%C+)\\n(.*)$') end
end
function failure__note(id, facts)
local other, body = parts(redis.call('HGET', base .. ':j', id), facts)
added[#added + 1] = { id = other .. '.' .. ready__new_place(), body = body }
end
function failure__flush(now, bits)
if #added == 0 then return end
local stamp, jobs, rows = record__FORMAT .. string.format('%.0f', now), {}, {}
for i = 1, #added do
local id, envelope = added[i].id, stamp .. added[i].body
jobs[#jobs + 1] = id
jobs[#jobs + 1] = envelope
rows[i] = record__row(id, nil, record__facts(envelope))
events__push('w', id, record__name(envelope))
end
redis.call('HSET', base .. ':j', unpack(jobs))
ready__put_back(rows, bits)
wake__some(#rows)
added = {}
end
end
local completed__append
function completed__append(entries)
if #entries > 0 then redis.call('RPUSH', base .. ':fc', unpack(entries)) end
end
local failures__enter, failures__flush
do
local KINDS = { f = 'Error', t = 'timeout', b = 'broken' }
local entered = {}
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__enter(job, at)
local usual = KINDS[job.letter]
if not usual then return end
local kind = job.kind and job.kind ~= '' and job.kind or usual
local list = gather(entered, job.called .. ':' .. kind)
list[#list + 1] = at
list[#list + 1] = job.id
end
function failures__flush()
for _, group in ipairs(entered) do
local list, rows = entered[group], {}
for i = 2, #list, 2 do rows[i - 1] = list[i]; rows[i] = group end
redis.call('HSET', base .. ':fk', unpack(rows))
redis.call('ZADD', base .. ':fe:' .. group, unpack(list))
redis.call('ZINCRBY', base .. ':fg', #list / 2, group)
end
entered = {}
end
end
local tags__drop
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
local forget__jobs
do
local function forget_sides(id)
local said = side__of(id)
if said.t then tags__drop(id, said.t) end
redis.call('HDEL', base .. ':x', id)
end
local function forget_extras(ids, flags)
local keys = {}
for i = 1, #ids do
if flags[i] ~= '' then
if record__has(flags[i], 'N') then keys[#keys + 1] = base .. ':s:' .. ids[i] end
if record__has(flags[i], 'Y') then keys[#keys + 1] = base .. ':hs:' .. ids[i] end
if side__has_lines(flags[i]) then forget_sides(ids[i]) end
end
end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
end
function forget__jobs(ids, flags)
if #ids == 0 then return end
forget_extras(ids, flags)
redis.call('HDEL', base .. ':j', unpack(ids))
redis.call('HDEL', base .. ':m', unpack(ids))
redis.call('HDEL', base .. ':o', unpack(ids))
redis.call('HDEL', base .. ':e', unpack(ids))
end
end
local stats__LETTERS, stats__count, stats__count_job, stats__day, stats__known_name, stats__note_day, stats__flush
do
local DAY_MS, MINUTE_MS, DAY_MINUTES = 86400000, 60000, 1440
local MAX_NAMES = 1000
local REST_NAME = '*'
stats__LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }
local counted, order = {}, {}
function stats__count(name, letter, n)
if n == 0 then return end
local counts = counted[name]
if not counts then counts = {}; counted[name] = counts; order[#order + 1] = name end
counts[letter] = (counts[letter] or 0) + n
end
function stats__count_job(job, letter)
local name = job.name
if not name or name == '' then name = record__name(redis.call('HGET', base .. ':j', job.id)) end
job.called = name
stats__count(name, letter, 1)
end
function stats__day(at) return math.floor(at / DAY_MS) end
function stats__known_name(name, day)
local last = redis.call('ZSCORE', base .. ':sm', name)
if not last and redis.call('ZCARD', base .. ':sm') >= MAX_NAMES then name = REST_NAME end
if not last or tonumber(last) < day then redis.call('ZADD', base .. ':sm', day, name) end
return name
end
function stats__note_day(day) redis.call('ZADD', base .. ':sd', day, day) end
local function add_to_minute(at, totals)
local minute = math.floor(at / MINUTE_MS)
local field, counts = minute % DAY_MINUTES, {}
local stored = redis.call('HGET', base .. ':mi', field)
local since, rest = string.match(stored or '', '^(%d+)(.*)$')
if since and tonumber(since) > minute then return end
if tonumber(since) ~= minute then rest = '' end
for n in string.gmatch(rest, '%d+') do counts[#counts + 1] = tonumber(n) end
for i, letter in ipairs(stats__LETTERS) do counts[i] = string.format('%.0f', (counts[i] or 0) + (totals[letter] or 0)) end
redis.call('HSET', base .. ':mi', field, string.format('%.0f', minute) .. ',' .. table.concat(counts, ','))
end
function stats__flush(at)
if #order == 0 then return end
local day, totals = stats__day(at), {}
local key = base .. ':st:' .. day
stats__note_day(day)
for _, name in ipairs(order) do
local known = stats__known_name(name, day)
for letter, n in pairs(counted[name]) do
redis.call('HINCRBY', key, known .. '\\t' .. letter, n)
totals[letter] = (totals[letter] or 0) + n
end
end
for letter, n in pairs(totals) do
redis.call('HINCRBY', key, '\\t' .. letter, n)
redis.call('HINCRBY', base .. ':st:' .. 'all', '\\t' .. letter, n)
end
add_to_minute(at, totals)
counted, order = {}, {}
end
end
local unique__key, unique__release
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
local finish__push, finish__flush
do
local AWAITED_MS = 60000
local ended = {}
function finish__push(job) ended[#ended + 1] = job end
local function own_age(job)
local ages = job.facts ~= '' and record__fact(job.facts, 'k')
return ages and tonumber(string.match(ages, job.letter == 'c' and '^(%d+):' or ':(%d+)$')) or nil
end
local function tell_waiters(waiting, id, outcome)
for channel in string.gmatch(string.match(waiting, '\\t(.*)$'), '%S+') do
redis.call('PUBLISH', channel, id .. '\\t' .. outcome)
end
redis.call('HDEL', base .. ':aw', id)
end
local function waiting_for(bits)
if not string.find(bits, 'a', 1, true) then return {} end
local ids = {}
for i = 1, #ended do ids[i] = ended[i].id end
return redis.call('HMGET', base .. ':aw', unpack(ids))
end
local DONE = 'done'
local function home(job, is_awaited, drop, now)
local age = own_age(job)
local state = record__STATES[job.letter]
local dropped = age == 0 or (not age and string.find(drop, job.letter, 1, true))
if is_awaited and (dropped or (age and age < AWAITED_MS)) then age, dropped = AWAITED_MS, false end
if dropped then return nil end
if age then return base .. ':y:' .. state, string.format('%.0f', now + age) end
if is_awaited then return base .. ':y:' .. state, string.format('%.0f', now + AWAITED_MS - 1) .. '.5' end
if job.letter == 'c' then return DONE end
return base .. ':f:' .. state, string.format('%.0f', now)
end
local function add(lists, key, a, b)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
list[#list + 1] = a
list[#list + 1] = b
end
function finish__flush(now, bits, drop)
if #ended == 0 then return end
local gone, gone_with, flags, flagged, texts, sets, done = {}, {}, {}, {}, {}, {}, {}
local waiting = waiting_for(bits)
local at = string.format('%.0f', now)
for i = 1, #ended do
local job = ended[i]
if job.letter ~= 'c' then stats__count_job(job, job.letter) end
local key, score = home(job, waiting[i], drop, now)
if key then
local outcome = job.letter .. at .. ',' .. job.attempt .. ',' .. job.duration .. '\\n' .. job.body
texts[#texts + 1] = job.id
texts[#texts + 1] = outcome
if key == DONE then done[#done + 1] = record__entry(job.id, job.place or '0')
else add(sets, key, score, job.id) end
failures__enter(job, at)
if waiting[i] then tell_waiters(waiting[i], job.id, outcome) end
elseif record__has(job.facts, 'H') then
gone_with[#gone_with + 1] = job.id
flags[#gone_with] = record__flags(job.facts)
else gone[#gone + 1] = job.id end
if key and record__has(job.facts, 'H') then flagged[#flagged + 1] = job.id end
unique__release(job.id, job.facts)
events__push(job.letter, job.id, job.name)
end
if #gone > 0 then redis.call('HDEL', base .. ':j', unpack(gone)) end
forget__jobs(gone_with, flags)
if #flagged > 0 then redis.call('HDEL', base .. ':e', unpack(flagged)) end
if #texts > 0 then redis.call('HSET', base .. ':o', unpack(texts)) end
for i = 1, #sets do redis.call('ZADD', sets[i], unpack(sets[sets[i]])) end
completed__append(done)
failures__flush()
stats__flush(now)
ended = {}
end
end
local history__note, history__flush
do
local MAX_ENTRIES = 100
local MAX_TEXT = 500
local noted = {}
local function append(id, entry)
local key = base .. ':hs:' .. id
if redis.call('RPUSH', key, entry) <= MAX_ENTRIES then return end
local first = redis.call('LPOP', key)
redis.call('LPOP', key)
redis.call('LPUSH', key, first)
end
local function worker_of(epoch)
local info = redis.call('HGET', base .. ':ws', epoch)
return info and string.match(info, '"name":"([^"\\\\%c]+)"') or epoch
end
local function mark(header)
if not record__has(header.flags, 'Y') then header.flags = header.flags .. 'Y' end
end
function history__note(e, row, letter, attempt, body)
mark(row.header)
noted[#noted + 1] = { e = e, letter = letter, attempt = attempt, body = letter == 'c' and '' or body }
end
function history__flush(epoch, now)
if #noted == 0 then return end
local worker, at = worker_of(epoch), string.format('%.0f', now)
for _, note in ipairs(noted) do
local head = table.concat({ note.letter .. at, note.attempt, note.e.duration, worker, note.e.kind or '' }, '\\t')
append(note.e.id, head .. '\\n' .. string.sub(note.body, 1, MAX_TEXT))
end
noted = {}
end
end
local limits__freed
do
local function has(bits) return string.find(bits, 'l', 1, true) ~= nil end
function limits__freed(n, bits)
if n == 0 or not has(bits) then return end
local limit = tonumber(redis.call('HGET', base .. ':q', 'concurrency'))
if not limit then return end
local active = redis.call('HINCRBY', base .. ':q', 'active', -n)
if active < limit and active + n >= limit then wake__freed(1) end
end
end
local resources__facts, resources__fits, resources__promise, resources__release
do
local known = {}
local function facts_of(name)
if known[name] then return known[name] end
local limits = redis.call('HMGET', string.match(base, '^.-}') .. ':rm', name, '\\tdefault')
known[name] = { limit = tonumber(limits[1] or limits[2]) or false, used = tonumber(redis.call('HGET', string.match(base, '^.-}') .. ':ru', name)) or 0 }
return known[name]
end
function resources__facts(name) return facts_of(name) end
function resources__fits(name, amount)
local facts = facts_of(name)
return not facts.limit or facts.used + amount <= facts.limit
end
function resources__promise(name, amount) facts_of(name).used = facts_of(name).used + amount end
function resources__release(entries)
local ids, names, seen = {}, {}, {}
for i = 1, #entries do
if record__has(entries[i].facts, 'R') then ids[#ids + 1] = entries[i].id end
end
local texts = #ids > 0 and redis.call('HMGET', base .. ':x', unpack(ids)) or {}
for i = 1, #ids do
for _, use in ipairs(lines__uses(side__parse(texts[i] or '').r or {})) do
local left = redis.call('HINCRBY', string.match(base, '^.-}') .. ':ru', use.name, -use.amount)
if left <= 0 then redis.call('HDEL', string.match(base, '^.-}') .. ':ru', use.name) end
known[use.name] = nil
if not seen[use.name] then seen[use.name] = true; names[#names + 1] = use.name end
end
end
return names
end
end
local serving__serve
do
local BUDGET = 1000
local PAGE = 100
local left = BUDGET
local promised = {}
local function own_queue() return elsewhere__own_name() or '' end
local function amount_of(who, name)
local said
elsewhere__run(who.queue, function() said = side__of(who.id) end)
for _, use in ipairs(lines__uses(said.r or {})) do
if use.name == name then return use.amount end
end
end
local function choose(name, calls, are_too_much)
local limit = resources__facts(name).limit
for _, who in ipairs(lines__first(name, math.min(PAGE, left), are_too_much)) do
left = left - 1
local amount = amount_of(who, name)
if not amount then lines__strike(name, who)
elseif limit and amount > limit then
if are_too_much then return end
else
if not resources__fits(name, (promised[name] or 0) + amount) then return end
if who.queue ~= own_queue() then resources__promise(name, amount)
else promised[name] = (promised[name] or 0) + amount end
end
if amount then
calls[who.queue] = calls[who.queue] or {}
table.insert(calls[who.queue], who.id)
end
end
end
local function call(queue, ids)
local is_own = queue == own_queue()
elsewhere__run(queue, function()
local rows = {}
for i, id in ipairs(ids) do
lines__leave(id)
rows[i] = record__row(id, redis.call('HGET', base .. ':m', id), '')
end
ready__put_front(rows, redis.call('HGET', base .. ':q', 'bits') or '')
if not is_own then wake__some(#ids) end
end)
if is_own then wake__freed(#ids) end
end
function serving__serve(names)
local calls = {}
for _, name in ipairs(names) do
if left > 0 then choose(name, calls, true) end
if left > 0 then choose(name, calls, false) end
end
for queue, ids in pairs(calls) do call(queue, ids) end
end
end
local leave__apply
do
local MAX_STALLS = 3
local STALLED = '{"name":"JobStalledError","code":"JOB_STALLED","kind":"stalled","message":"The process that ran the job vanished, each time it was tried."}'
local headers, errors, front, delayed, retrying
local stalled = {}
local function save(row) headers[#headers + 1] = row.id; headers[#headers + 1] = record__header_text(row.header) end
local function finish_as(letter, e, row, body)
local h = row.header
local facts = e.facts
local charged = 1
if letter == 'f' or letter == 't' then
h.failures = h.failures + (e.how == 's' and 0 or 1)
charged = 0
end
local attempt = h.failures + h.stalls + charged
if letter ~= 'c' or record__has(h.flags, 'Y') then
history__note(e, row, letter, attempt, body)
save(row)
facts = facts .. 'H' .. h.flags
end
if letter ~= 'c' and letter ~= 'x' and record__has(facts, 'f') then failure__note(e.id, facts) end
finish__push({ id = e.id, letter = letter, facts = facts, attempt = attempt,
duration = e.duration, body = body, name = e.name, place = h.place, kind = e.kind })
end
local function later(e, row, now)
local h = row.header
history__note(e, row, e.how, h.failures + h.stalls + 1, e.body)
if e.how == 'r' then h.failures, h.uncounted = h.failures + 1, 0 else h.uncounted = h.uncounted + 1 end
if e.how == 'r' then stats__count_job(e, 'r') end
save(row)
if e.body ~= '' then errors[#errors + 1] = e.id; errors[#errors + 1] = e.body end
local set = e.how == 'z' and delayed or retrying
set[#set + 1] = string.format('%.0f', now + e.delay)
set[#set + 1] = e.id
events__push(e.how == 'z' and 'd' or 'r', e.id, e.name)
end
local function reclaim(e, row)
local h = row.header
if record__has(e.facts, 'M') then
h.stalls = h.stalls + 1
stats__count_job(e, 's')
local limit = tonumber(record__fact(e.facts, 's')) or MAX_STALLS
if h.stalls >= limit then
stalled[#stalled + 1] = e.id
e.kind = 'stalled'
return finish_as('f', e, row, STALLED)
end
end
if not record__has(h.flags, 'S') then h.flags = h.flags .. 'S' end
if record__has(e.facts, 'M') then history__note(e, row, 's', h.failures + h.stalls, '') end
save(row)
front[#front + 1] = row
events__push('s', e.id, e.name)
end
local function set_aside(e, row)
if row.priority ~= 0 then save(row) end
aside__put(e.name, e.id)
events__push('n', e.id, e.name)
end
local function move(e, row, now)
if e.how == 'r' or e.how == 'u' or e.how == 'z' then later(e, row, now)
elseif e.how == 's' then reclaim(e, row)
elseif e.how == 'g' then front[#front + 1] = row; events__push('w', e.id, e.name)
elseif e.how == 'n' then set_aside(e, row)
elseif e.how == 'm' then return
elseif e.how == 'a' then aggregation__join(e, row)
else finish_as(e.how, e, row, e.body) end
end
function leave__apply(epoch, entries, now, bits, drop)
if #entries == 0 then return end
local ids, odd = {}, {}
for i = 1, #entries do
local e = entries[i]
ids[i] = e.id
if e.how ~= 'c' or record__has(e.facts, 'H') then odd[#odd + 1] = e.id end
end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
limits__freed(#ids, bits)
if string.find(bits, 'o', 1, true) then groups__release(entries) end
local freed = string.find(bits, 'w', 1, true) and resources__release(entries) or {}
headers, errors, front, delayed, retrying = {}, {}, {}, {}, {}
local stored = #odd > 0 and redis.call('HMGET', base .. ':m', unpack(odd)) or {}
local n = 0
for i = 1, #entries do
local e = entries[i]
if e.how ~= 'c' or record__has(e.facts, 'H') then
n = n + 1
move(e, record__row(e.id, stored[n], e.facts), now)
else finish__push({ id = e.id, letter = 'c', facts = e.facts, attempt = 1, duration = e.duration, body = e.body, name = e.name }) end
end
if #headers > 0 then redis.call('HSET', base .. ':m', unpack(headers)) end
history__flush(epoch, now)
stats__flush(now)
finish__flush(now, bits, drop)
if #errors > 0 then redis.call('HSET', base .. ':e', unpack(errors)) end
if #delayed > 0 then redis.call('ZADD', base .. ':d', unpack(delayed)) end
if #retrying > 0 then redis.call('ZADD', base .. ':t', unpack(retrying)) end
serving__serve(freed)
ready__put_front(front, bits)
wake__some(#front)
aggregation__flush(now, bits)
failure__flush(now, bits)
end
local function release(epoch, plain)
local ids = {}
for i = 1, #plain, 2 do ids[#ids + 1] = plain[i] end
redis.call('HDEL', base .. ':h:' .. epoch, unpack(ids))
return ids
end
end
leave__apply(epoch, lost, now, meta[1] or '', meta[2] or '')
events__flush(meta[1] or '', now)
return { 'OK', #lost }
`,
  encode(args) {
    const argv = [nowArg('reconcile', args.now), args.epoch];
    pushList(argv, args.settled);
    pushRows(argv, 'reconcile', 'known', args.known, 1);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('reconcile', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          released: intPart('reconcile', parts, 1),
        };
      case 'EPOCH_GONE':
        return { code: 'EPOCH_GONE' };
      default:
        throw unknownCode('reconcile', parts);
    }
  },
};

/** Arguments of `register`. */
export interface RegisterArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** The queue's name. */
  readonly name: string;
  /** Format and hash tag the caller would use. */
  readonly place: string;
}

/** What `register` replies. */
export type RegisterReply = {
  readonly code: 'OK';
  readonly place: string;
};

/**
 * Enter a queue in the registry of its prefix: name -> where its keys are. KEYS[1] is the registry itself, no queue's base.
 *
 * Keys: `.`
 */
export const register: Script<RegisterArgs, RegisterReply> = {
  name: 'register',
  repeat: 'natural',
  sha1: '0c5ea95f3abb3ff9c6f01901d9c2c9a22c5cbeac',
  source: `local base = KEYS[1]
local now_arg, name, place = ARGV[1], ARGV[2], ARGV[3]
redis.call('HSETNX', base, name, place)
return { 'OK', redis.call('HGET', base, name) }
`,
  encode(args) {
    return [nowArg('register', args.now), args.name, args.place];
  },
  decode(raw) {
    const parts = replyParts('register', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          place: stringPart('register', parts, 1),
        };
      default:
        throw unknownCode('register', parts);
    }
  },
};

/** Arguments of `remove`. */
export interface RemoveArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  readonly ids: readonly string[];
}

/**
 * What `remove` replies.
 * - `OK`: a letter per id: R removed, A is active and stays, N no such job
 */
export type RemoveReply =
  | {
      readonly code: 'OK';
      readonly fates: string;
    }
  | { readonly code: 'OLD' };

/**
 * Forget jobs for good, whatever their state but active. A given id is free again.
 *
 * Keys: `L`, `^rn`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `d`, `e`, `f:<state>`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `h:<epoch>`, `hs:<id>`, `ids`, `j`, `l`, `lz`, `m`, `o`, `pn`, `pp`, `q`, `s:<id>`, `t`, `tc`, `tg:<tag>`, `u:<name>`, `uk`, `un`, `uz`, `wr`, `x`, `y:<state>`
 */
export const remove: Script<RemoveArgs, RemoveReply> = {
  name: 'remove',
  repeat: 'lane',
  sha1: '069da3e8835d94be86f83e5b773161103be7f763',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, lane_id, seq = ARGV[1], ARGV[2], tonumber(ARGV[3])
local REST = 4
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(redis.call('HGET', base .. ':q', 'bits') or '')
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 1)
local wanted, fates = {}, {}
for i = REST, #ARGV do wanted[#wanted + 1] = ARGV[i] end
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local record__STATES
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
local locate__prepare, locate__find
do
local MAX_LOOKS = 100000
local runs, names = {}, nil
function locate__prepare(ids)
for i = 1, #ids do refuse__unless_name('id', ids[i]) end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
if #ids * #epochs > MAX_LOOKS then
refuse__call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
end
if #ids == 0 then return end
for _, epoch in ipairs(epochs) do
local held = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids))
for i = 1, #ids do
if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
end
end
end
function locate__find(id)
if redis.call('HEXISTS', base .. ':j', id) == 0 then return nil end
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
local at = redis.call('ZSCORE', base .. ':d', id)
if at then return { state = 'delayed', at = at } end
at = redis.call('ZSCORE', base .. ':t', id)
if at then return { state = 'retrying', at = at } end
if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
names = names or redis.call('SMEMBERS', base .. ':un')
for _, name in ipairs(names) do
if redis.call('ZSCORE', base .. ':u:' .. name, id) then return { state = 'waiting', unclaimed = name } end
end
local batch = redis.call('ZSCORE', base .. ':ag', id)
if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', base .. ':ad', batch) or nil } end
return { state = 'waiting' }
end
end
locate__prepare(wanted)
local record__FORMAT, record__facts, record__fact, record__has, record__header
record__FORMAT = '1'
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
local side__parse, side__of, side__has_lines
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
function side__has_lines(flags) return string.find(flags, '[TRG]') ~= nil end
local tags__drop
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
local forget__jobs
do
local function forget_sides(id)
local said = side__of(id)
if said.t then tags__drop(id, said.t) end
redis.call('HDEL', base .. ':x', id)
end
local function forget_extras(ids, flags)
local keys = {}
for i = 1, #ids do
if flags[i] ~= '' then
if record__has(flags[i], 'N') then keys[#keys + 1] = base .. ':s:' .. ids[i] end
if record__has(flags[i], 'Y') then keys[#keys + 1] = base .. ':hs:' .. ids[i] end
if side__has_lines(flags[i]) then forget_sides(ids[i]) end
end
end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
end
function forget__jobs(ids, flags)
if #ids == 0 then return end
forget_extras(ids, flags)
redis.call('HDEL', base .. ':j', unpack(ids))
redis.call('HDEL', base .. ':m', unpack(ids))
redis.call('HDEL', base .. ':o', unpack(ids))
redis.call('HDEL', base .. ':e', unpack(ids))
end
end
local unique__key, unique__release
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
local groups__forget_if_empty, groups__drop
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
local elsewhere__own_name
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
end
local lines__uses, lines__leave
do
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
end
local ready__drop
function ready__drop(id)
if lines__leave(id) or groups__drop(id) then return true end
if redis.call('ZREM', base .. ':pp', id) + redis.call('ZREM', base .. ':pn', id) > 0 then return true end
redis.call('HINCRBY', base .. ':q', 'ghosts', 1)
return false
end
local aggregation__read, aggregation__withdraw
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
function aggregation__withdraw(id, number)
redis.call('ZREM', base .. ':ag', id)
redis.call('LREM', base .. ':ab:' .. number, 1, id)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return end
local _, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':af', number)
if redis.call('ZREM', base .. ':ad', number) == 1 then redis.call('HDEL', base .. ':ao', identity)
else
redis.call('HINCRBY', base .. ':q', 'batches', -1)
ready__drop('\\tb' .. number)
end
end
local aside__drop
do
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__drop(name, id)
redis.call('ZREM', base .. ':u:' .. name, id)
forget_if_empty(name)
end
end
local completed__left
function completed__left() redis.call('HINCRBY', base .. ':q', 'gone', 1) end
local failures__left
do
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local withdraw__from
function withdraw__from(id, found)
if found.outcome then
redis.call('HDEL', base .. ':o', id)
if found.state ~= 'completed' and found.state ~= 'cancelled' then failures__left({ id }) end
if redis.call('ZREM', base .. ':y:' .. found.state, id) == 1 then return false end
if found.state == 'completed' then
completed__left()
return true
end
redis.call('ZREM', base .. ':f:' .. found.state, id)
elseif found.state == 'delayed' then redis.call('ZREM', base .. ':d', id)
elseif found.state == 'retrying' then redis.call('ZREM', base .. ':t', id)
elseif found.batch then aggregation__withdraw(id, found.batch)
elseif found.unclaimed then aside__drop(found.unclaimed, id)
else return not ready__drop(id) end
return false
end
local erase__job
function erase__job(id, found)
withdraw__from(id, found)
if not found.outcome then unique__release(id, record__facts(redis.call('HGET', base .. ':j', id))) end
forget__jobs({ id }, { record__header(redis.call('HGET', base .. ':m', id)).flags })
redis.call('ZREM', base .. ':ids', id)
end
for i, id in ipairs(wanted) do
local found = locate__find(id)
if not found then fates[i] = 'N'
elseif found.state == 'active' then fates[i] = 'A'
else
erase__job(id, found)
fates[i] = 'R'
end
end
local text = table.concat(fates)
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), text)
return { 'OK', text }
`,
  encode(args) {
    const argv = [nowArg('remove', args.now), args.laneId, intArg('remove', 'seq', args.seq)];
    pushRows(argv, 'remove', 'ids', args.ids, 1);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('remove', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fates: stringPart('remove', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('remove', parts);
    }
  },
};

/** Arguments of `renew`. */
export interface RenewArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly epoch: string;
  /** Ms, as the worker renews from now on. */
  readonly lease: number;
  /** The last number of `taken` that the worker has seen. */
  readonly received: number;
  /** The pause number that the worker obeys. */
  readonly pause: number;
}

/** What `renew` replies. */
export type RenewReply =
  | {
      readonly code: 'OK';
      readonly lease: number;
      readonly pause: number;
      readonly bits: string;
      readonly taken: string;
    }
  | { readonly code: 'EPOCH_GONE' };

/**
 * Renew an epoch's lease. The answer carries what changed: lease length, pause number, runs that were taken away.
 *
 * Keys: `L`, `h:<epoch>`, `q`
 */
export const renew: Script<RenewArgs, RenewReply> = {
  name: 'renew',
  repeat: 'natural',
  sha1: '275dceb6f8947fe31e99fc32a191c0ec5f613d9f',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, epoch, lease, received, pause = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('lease', lease, 100, 1000000000)
refuse__unless_int('received', received, 0, 9007199254740991)
refuse__unless_int('pause', pause, 0, 9007199254740991)
local key = base .. ':h:' .. epoch
local facts = redis.call('HMGET', key, '\\topen', '\\ttaken', '\\tpause', '\\tgrace')
if not facts[1] then return { 'EPOCH_GONE' } end
redis.call('ZADD', base .. ':L', 'XX', string.format('%.0f', now + lease), epoch)
local version, old, since = string.match(facts[1], '^(%d+),(%d+),(%d+)$')
if facts[4] then redis.call('HDEL', key, '\\tgrace') end
if tonumber(old) ~= lease then redis.call('HSET', key, '\\topen', version .. ',' .. lease .. ',' .. since) end
if (tonumber(facts[3]) or 0) < pause then redis.call('HSET', key, '\\tpause', pause) end
local queue = redis.call('HMGET', base .. ':q', 'lease', 'pause', 'bits')
local taken__pending
function taken__pending(epoch, text, received)
if not text then return '' end
local from = string.find(text, '\\n', 1, true) + 1
if from > #text then return '' end
local kept = {}
for line, number in string.gmatch(string.sub(text, from), '((%d+)\\t[^\\n]*\\n)') do
if tonumber(number) > received then kept[#kept + 1] = line end
end
local rest = table.concat(kept)
if #rest < #text - from + 1 then
redis.call('HSET', base .. ':h:' .. epoch, '\\ttaken', string.sub(text, 1, from - 1) .. rest)
end
return rest
end
return { 'OK', queue[1] or 0, queue[2] or 0, queue[3] or '', taken__pending(epoch, facts[2], received) }
`,
  encode(args) {
    return [
      nowArg('renew', args.now),
      args.epoch,
      intArg('renew', 'lease', args.lease),
      intArg('renew', 'received', args.received),
      intArg('renew', 'pause', args.pause),
    ];
  },
  decode(raw) {
    const parts = replyParts('renew', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          lease: intPart('renew', parts, 1),
          pause: intPart('renew', parts, 2),
          bits: stringPart('renew', parts, 3),
          taken: stringPart('renew', parts, 4),
        };
      case 'EPOCH_GONE':
        return { code: 'EPOCH_GONE' };
      default:
        throw unknownCode('renew', parts);
    }
  },
};

/** Arguments of `report`. */
export interface ReportArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly epoch: string;
  /**
   * Age = ms since its handler began; at most 100.
   * Rows, as one flat list: id, token, age, attempt, name.
   */
  readonly rows: readonly string[];
}

/** What `report` replies. */
export type ReportReply =
  | { readonly code: 'OK' }
  | { readonly code: 'EPOCH_GONE' };

/**
 * What a worker runs at the moment, for people: told again every third of its lease, and forgotten with the epoch.
 *
 * Keys: `h:<epoch>`, `q`, `wk`
 */
export const report: Script<ReportArgs, ReportReply> = {
  name: 'report',
  repeat: 'natural',
  sha1: '4bca22b83e59572b8008dbf66e1f0dbb6cc5f7f1',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, epoch = ARGV[1], ARGV[2]
local REST = 3
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
if (#ARGV - REST + 1) % 5 ~= 0 or #ARGV - REST + 1 > 500 then refuse__call('A report has at most 100 rows of five.') end
local lines = {}
local refuse__unless_int, refuse__unless_name
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
for i = REST, #ARGV, 5 do
for n = i, i + 4 do refuse__unless_name('value of a report', ARGV[n]) end
local age = tonumber(ARGV[i + 2])
refuse__unless_int('An age', age, 0, 9007199254740991)
lines[#lines + 1] = table.concat({ ARGV[i], ARGV[i + 1], string.format('%.0f', now - age), ARGV[i + 3], ARGV[i + 4] }, '\\t')
end
if redis.call('HEXISTS', base .. ':h:' .. epoch, '\\topen') == 0 then return { 'EPOCH_GONE' } end
if #lines == 0 then redis.call('HDEL', base .. ':wk', epoch)
else redis.call('HSET', base .. ':wk', epoch, table.concat(lines, '\\n') .. '\\n') end
return { 'OK' }
`,
  encode(args) {
    const argv = [nowArg('report', args.now), args.epoch];
    pushRows(argv, 'report', 'rows', args.rows, 5);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('report', raw);
    switch (parts[0]) {
      case 'OK':
        return { code: 'OK' };
      case 'EPOCH_GONE':
        return { code: 'EPOCH_GONE' };
      default:
        throw unknownCode('report', parts);
    }
  },
};

/** Arguments of `resources`. */
export interface ResourcesArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** The last name of the page before, '' = from the start. */
  readonly after: string;
  /** 1 to 1,000. */
  readonly limit: number;
}

/**
 * What `resources` replies.
 * - `OK`: four values each, by name: name, limit ('' = none of its own), used, waiting
 */
export type ResourcesReply = {
  readonly code: 'OK';
  readonly default: string;
  readonly rows: readonly string[];
  readonly more: number;
};

/**
 * What is known of the resources of the slot: how much there is of each, how much of it is used, and how many jobs wait for it.
 *
 * Keys: `^rm`, `^rn`, `^ru`, `^rw:<resource>`
 */
export const resources: Script<ResourcesArgs, ResourcesReply> = {
  name: 'resources',
  repeat: 'read',
  sha1: '4ff519df1167115fe56e31c050649587fe872e4a',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, after, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local refuse__with, refuse__call, refuse__unless_int
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('limit', limit, 1, 1000)
local names, seen, rows = {}, {}, {}
for _, found in ipairs({ redis.call('HKEYS', string.match(base, '^.-}') .. ':rm'), redis.call('HKEYS', string.match(base, '^.-}') .. ':ru'), redis.call('SMEMBERS', string.match(base, '^.-}') .. ':rn') }) do
for _, name in ipairs(found) do
if not seen[name] and string.byte(name) ~= 9 and name > after then
seen[name] = true
names[#names + 1] = name
end
end
end
table.sort(names)
local lines__length
function lines__length(name) return redis.call('ZCARD', string.match(base, '^.-}') .. ':rw:' .. name) end
for i = 1, math.min(limit, #names) do
rows[#rows + 1] = names[i]
rows[#rows + 1] = redis.call('HGET', string.match(base, '^.-}') .. ':rm', names[i]) or ''
rows[#rows + 1] = redis.call('HGET', string.match(base, '^.-}') .. ':ru', names[i]) or '0'
rows[#rows + 1] = tostring(lines__length(names[i]))
end
return { 'OK', redis.call('HGET', string.match(base, '^.-}') .. ':rm', '\\tdefault') or '', rows, #names > limit and 1 or 0 }
`,
  encode(args) {
    return [nowArg('resources', args.now), args.after, intArg('resources', 'limit', args.limit)];
  },
  decode(raw) {
    const parts = replyParts('resources', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          default: stringPart('resources', parts, 1),
          rows: stringsPart('resources', parts, 2),
          more: intPart('resources', parts, 3),
        };
      default:
        throw unknownCode('resources', parts);
    }
  },
};

/** Arguments of `retire`. */
export interface RetireArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** 1 = also while jobs run. */
  readonly force: number;
}

/**
 * What `retire` replies.
 * - `ACTIVE`: so many run, and nothing was done
 */
export type RetireReply =
  | { readonly code: 'OK' }
  | {
      readonly code: 'ACTIVE';
      readonly jobs: number;
    };

/**
 * Ask whether the queue may be deleted, and pause it if so: from then on nothing starts, and its keys can be taken away.
 *
 * Keys: `L`, `h:<epoch>`, `q`
 */
export const retire: Script<RetireArgs, RetireReply> = {
  name: 'retire',
  repeat: 'natural',
  sha1: 'b81b3988c8195e31ec9bf302612b3dc1e24e4cc6',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, force = ARGV[1], tonumber(ARGV[2])
local refuse__with, refuse__call, refuse__unless_int
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('force', force, 0, 1)
local active = 0
local holds__count
do
local OWN = { '\\topen', '\\ttable', '\\ttaken', '\\tpause', '\\tgrace', '\\tlate', '\\tleased' }
function holds__count(epoch)
local fields = redis.call('HLEN', base .. ':h:' .. epoch)
if fields == 0 then return 0 end
local own = redis.call('HMGET', base .. ':h:' .. epoch, '\\tslots', unpack(OWN))
local slots = own[1] and tonumber(own[1]) + 1 or 0
fields = fields - slots
for i = 2, #OWN + 1 do
if own[i] then fields = fields - 1 end
end
return fields
end
end
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, -1)) do active = active + holds__count(epoch) end
if active > 0 and force == 0 then return { 'ACTIVE', active } end
local pause = tonumber(redis.call('HGET', base .. ':q', 'pause')) or 0
if pause % 2 == 0 then redis.call('HSET', base .. ':q', 'pause', pause + 1) end
return { 'OK' }
`,
  encode(args) {
    return [nowArg('retire', args.now), intArg('retire', 'force', args.force)];
  },
  decode(raw) {
    const parts = replyParts('retire', raw);
    switch (parts[0]) {
      case 'OK':
        return { code: 'OK' };
      case 'ACTIVE':
        return {
          code: 'ACTIVE',
          jobs: intPart('retire', parts, 1),
        };
      default:
        throw unknownCode('retire', parts);
    }
  },
};

/** Arguments of `retryMany`. */
export interface RetryManyArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  /** Group or state. */
  readonly what: string;
  /** The group; failed, timed_out, broken or cancelled. */
  readonly value: string;
  /** 0 = now; what the first reply said in all further calls. */
  readonly untilMs: number;
  /** '' = from the oldest on, else what the last reply said. */
  readonly cursor: string;
  /** 0 only counts; 500 at most. */
  readonly limit: number;
}

/**
 * What `retryMany` replies.
 * - `OK`: passed = their unique keys have other jobs now; cursor '' = that was all; at = `until_ms` of this call; left = how many there are still
 */
export type RetryManyReply =
  | {
      readonly code: 'OK';
      readonly done: number;
      readonly passed: number;
      readonly cursor: string;
      readonly at: number;
      readonly left: number;
    }
  | { readonly code: 'OLD' };

/**
 * Send the finished jobs of a group of failures, or of a state, to the back of the queue again, as `retry` does: the oldest
 * first, so many a call. Those that ended later than `until_ms` stay, so that a job which fails again is not met twice.
 *
 * Keys: `^rn`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `d`, `ev`, `f:<state>`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `hs:<id>`, `i`, `j`, `l`, `lz`, `m`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `t`, `u:<name>`, `uk`, `un`, `uz`, `w:<epoch>`, `wr`, `x`, `y:<state>`
 * Events: `w`
 */
export const retryMany: Script<RetryManyArgs, RetryManyReply> = {
  name: 'retry-many',
  repeat: 'lane',
  sha1: '45980746edee96b90ebbae8f47ee4671b180ee26',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, lane_id, seq, what, value, until_ms, cursor, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7], tonumber(ARGV[8])
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if not again then
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local record__STATES
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
local refuse__unless_int, refuse__unless_name
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local listing__refuse_cursor, listing__rank_after
function listing__refuse_cursor()
refuse__with('INVALID_OPTION', 'The cursor is none of this list. Go on with that of its last page, or begin without one.')
end
function listing__rank_after(key, cursor, reverse)
if cursor == '' then return 0 end
local score, id = string.match(cursor, '^(%d+%.?%d*)/(.*)$')
if not score then listing__refuse_cursor() end
local rank = reverse and redis.call('ZREVRANK', key, id) or (not reverse and redis.call('ZRANK', key, id))
if rank then return rank + 1 end
if reverse then return redis.call('ZCOUNT', key, '(' .. score, '+inf') end
return redis.call('ZCOUNT', key, '-inf', '(' .. score)
end
local bulk__check, bulk__each
do
local MAX_BYTES = 1048576
local STATES = { failed = true, timed_out = true, broken = true, cancelled = true }
function bulk__check(what, value, limit)
refuse__unless_int('limit', limit, 0, 500)
if what == 'group' then return refuse__unless_name('group', value) end
if what ~= 'state' or not STATES[value] then
refuse__call('Jobs are chosen by group, or by state failed, timed_out, broken or cancelled.')
end
end
local function ended_by(outcome, most)
return outcome and tonumber(string.match(outcome, '^%a(%d+)')) <= most
end
function bulk__each(what, value, cursor, limit, most, act)
local done, passed, bytes = 0, 0, 0
local own = string.match(cursor, '^own:(.*)$')
local key = what == 'group' and base .. ':fe:' .. value or (own and (base .. ':y:') or (base .. ':f:')) .. value
local prefix = own and 'own:' or ''
local from = listing__rank_after(key, own or cursor, false)
local page = redis.call('ZRANGE', key, from, from + limit - 1, 'WITHSCORES')
for i = 1, #page, 2 do
local id, outcome = page[i], redis.call('HGET', base .. ':o', page[i])
if not own and tonumber(page[i + 1]) > most then page = {}; break end
cursor = prefix .. page[i + 1] .. '/' .. id
bytes = bytes + redis.call('HSTRLEN', base .. ':j', id) + #outcome
local found = ended_by(outcome, most) and { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome }
if found and act(id, found) then done = done + 1 else passed = passed + 1 end
if bytes > MAX_BYTES then return cursor, done, passed end
end
if #page == 2 * limit then return cursor, done, passed end
return what == 'state' and not own and 'own:' or '', done, passed
end
end
bulk__check(what, value, limit)
refuse__unless_int('until_ms', until_ms, 0, 9007199254740991)
local most = until_ms == 0 and now or until_ms
local record__FORMAT, record__facts, record__fact, record__has, record__header, record__header_text, record__entry, record__row
record__FORMAT = '1'
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local completed__left
function completed__left() redis.call('HINCRBY', base .. ':q', 'gone', 1) end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local history__act
do
local MAX_ENTRIES = 100
local MAX_TEXT = 500
local function append(id, entry)
local key = base .. ':hs:' .. id
if redis.call('RPUSH', key, entry) <= MAX_ENTRIES then return end
local first = redis.call('LPOP', key)
redis.call('LPOP', key)
redis.call('LPUSH', key, first)
end
local function mark(header)
if not record__has(header.flags, 'Y') then header.flags = header.flags .. 'Y' end
end
function history__act(id, header, letter, outcome, now)
if outcome then
local last = redis.call('LINDEX', base .. ':hs:' .. id, -1)
if not last or string.sub(last, 1, 14) ~= string.sub(outcome, 1, 14) then
local at, attempt, duration, body = string.match(outcome, '^(%a%d+),(%d+),(%d+)\\n(.*)$')
local text = string.byte(at) == 99 and '' or string.sub(body, 1, MAX_TEXT)
append(id, table.concat({ at, attempt, duration, '', '' }, '\\t') .. '\\n' .. text)
end
end
append(id, table.concat({ letter .. string.format('%.0f', now), header.failures + header.stalls, '0', '', '' }, '\\t') .. '\\n')
mark(header)
end
end
local side__parse, side__of
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
local wake__some
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local groups__names, groups__of, groups__put, groups__forget_if_empty, groups__drop
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
end
local elsewhere__own_name
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
end
local lines__uses, lines__leave
do
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
end
local ready__put_back, ready__drop, ready__new_place
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
function ready__drop(id)
if lines__leave(id) or groups__drop(id) then return true end
if redis.call('ZREM', base .. ':pp', id) + redis.call('ZREM', base .. ':pn', id) > 0 then return true end
redis.call('HINCRBY', base .. ':q', 'ghosts', 1)
return false
end
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
end
local unique__holder, unique__hold, unique__retake
function unique__holder(key, now)
local entry = redis.call('HGET', base .. ':uk', key)
if not entry then return nil end
local id, expiry = string.match(entry, '^(.*)\\t(%d*)$')
if expiry ~= '' and tonumber(expiry) <= now then return nil end
return id
end
function unique__hold(key, id, ms, now)
local expiry = ms ~= '' and string.format('%.0f', now + ms) or ''
redis.call('HSET', base .. ':uk', key, id .. '\\t' .. expiry)
if expiry ~= '' then redis.call('ZADD', base .. ':uz', expiry, key) else redis.call('ZREM', base .. ':uz', key) end
end
function unique__retake(id, facts, now)
local key = facts ~= '' and record__fact(facts, 'u')
if not key then return true end
local holder = unique__holder(key, now)
if holder and holder ~= id then return false end
if not holder then unique__hold(key, id, '', now) end
return true
end
local aggregation__read, aggregation__withdraw
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
function aggregation__withdraw(id, number)
redis.call('ZREM', base .. ':ag', id)
redis.call('LREM', base .. ':ab:' .. number, 1, id)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return end
local _, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':af', number)
if redis.call('ZREM', base .. ':ad', number) == 1 then redis.call('HDEL', base .. ':ao', identity)
else
redis.call('HINCRBY', base .. ':q', 'batches', -1)
ready__drop('\\tb' .. number)
end
end
local aside__drop
do
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__drop(name, id)
redis.call('ZREM', base .. ':u:' .. name, id)
forget_if_empty(name)
end
end
local failures__left
do
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local withdraw__from
function withdraw__from(id, found)
if found.outcome then
redis.call('HDEL', base .. ':o', id)
if found.state ~= 'completed' and found.state ~= 'cancelled' then failures__left({ id }) end
if redis.call('ZREM', base .. ':y:' .. found.state, id) == 1 then return false end
if found.state == 'completed' then
completed__left()
return true
end
redis.call('ZREM', base .. ':f:' .. found.state, id)
elseif found.state == 'delayed' then redis.call('ZREM', base .. ':d', id)
elseif found.state == 'retrying' then redis.call('ZREM', base .. ':t', id)
elseif found.batch then aggregation__withdraw(id, found.batch)
elseif found.unclaimed then aside__drop(found.unclaimed, id)
else return not ready__drop(id) end
return false
end
local revive__job, revive__flush
do
local back = {}
function revive__job(id, found, now)
local facts = record__facts(redis.call('HGET', base .. ':j', id))
if not unique__retake(id, facts, now) then return 'D' end
local has_ghost = withdraw__from(id, found)
local row = record__row(id, redis.call('HGET', base .. ':m', id), facts)
local header = row.header
history__act(id, header, 'R', found.outcome, now)
header.failures, header.stalls, header.uncounted = 0, 0, 0
header.flags = string.gsub(header.flags, '[SX]', '')
if record__fact(facts, 'x') then header.flags = header.flags .. 'X' end
if has_ghost then header.place = ready__new_place() end
redis.call('HSET', base .. ':m', id, record__header_text(header))
back[#back + 1] = row
events__push('w', id)
return 'R'
end
function revive__flush(now, bits)
ready__put_back(back, bits)
events__flush(bits, now)
wake__some(#back)
end
end
local function act(id, found) return revive__job(id, found, now) == 'R' end
local next_cursor, done, passed = '', 0, 0
if limit > 0 then next_cursor, done, passed = bulk__each(what, value, cursor, limit, most, act) end
local bulk__count
function bulk__count(what, value, most)
local upto = string.format('%.0f', most)
if what == 'group' then return redis.call('ZCOUNT', base .. ':fe:' .. value, '-inf', upto) end
return redis.call('ZCOUNT', base .. ':f:' .. value, '-inf', upto) + redis.call('ZCARD', base .. ':y:' .. value)
end
answer = table.concat({ done, passed, string.format('%.0f', most), bulk__count(what, value, most), next_cursor }, '\\t')
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), answer)
revive__flush(now, bits)
end
local done, passed, at, left, next_cursor = string.match(answer, '^(%d+)\\t(%d+)\\t(%d+)\\t(%d+)\\t(.*)$')
return { 'OK', done, passed, next_cursor, at, left }
`,
  encode(args) {
    return [
      nowArg('retry-many', args.now),
      args.laneId,
      intArg('retry-many', 'seq', args.seq),
      args.what,
      args.value,
      intArg('retry-many', 'untilMs', args.untilMs),
      args.cursor,
      intArg('retry-many', 'limit', args.limit),
    ];
  },
  decode(raw) {
    const parts = replyParts('retry-many', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          done: intPart('retry-many', parts, 1),
          passed: intPart('retry-many', parts, 2),
          cursor: stringPart('retry-many', parts, 3),
          at: intPart('retry-many', parts, 4),
          left: intPart('retry-many', parts, 5),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('retry-many', parts);
    }
  },
};

/** Arguments of `retry`. */
export interface RetryArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  readonly ids: readonly string[];
}

/**
 * What `retry` replies.
 * - `OK`: a letter per id: R waits again, L has not ended, N no such job, D another job has its unique key
 */
export type RetryReply =
  | {
      readonly code: 'OK';
      readonly fates: string;
    }
  | { readonly code: 'OLD' };

/**
 * Send finished jobs to the back of the queue again, with a whole budget of attempts. One that expires does so no more: it was
 * asked for.
 *
 * Keys: `L`, `^rn`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `d`, `ev`, `f:<state>`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `h:<epoch>`, `hs:<id>`, `i`, `j`, `l`, `lz`, `m`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `t`, `u:<name>`, `uk`, `un`, `uz`, `w:<epoch>`, `wr`, `x`, `y:<state>`
 * Events: `w`
 */
export const retry: Script<RetryArgs, RetryReply> = {
  name: 'retry',
  repeat: 'lane',
  sha1: '30dd6b6c7b22770a79e2dcb42223ac510351bc32',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, lane_id, seq = ARGV[1], ARGV[2], tonumber(ARGV[3])
local REST = 4
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 1)
local ids, fates = {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local record__STATES
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
local locate__prepare, locate__find
do
local MAX_LOOKS = 100000
local runs, names = {}, nil
function locate__prepare(ids)
for i = 1, #ids do refuse__unless_name('id', ids[i]) end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
if #ids * #epochs > MAX_LOOKS then
refuse__call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
end
if #ids == 0 then return end
for _, epoch in ipairs(epochs) do
local held = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids))
for i = 1, #ids do
if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
end
end
end
function locate__find(id)
if redis.call('HEXISTS', base .. ':j', id) == 0 then return nil end
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
local at = redis.call('ZSCORE', base .. ':d', id)
if at then return { state = 'delayed', at = at } end
at = redis.call('ZSCORE', base .. ':t', id)
if at then return { state = 'retrying', at = at } end
if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
names = names or redis.call('SMEMBERS', base .. ':un')
for _, name in ipairs(names) do
if redis.call('ZSCORE', base .. ':u:' .. name, id) then return { state = 'waiting', unclaimed = name } end
end
local batch = redis.call('ZSCORE', base .. ':ag', id)
if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', base .. ':ad', batch) or nil } end
return { state = 'waiting' }
end
end
locate__prepare(ids)
local record__FORMAT, record__facts, record__fact, record__has, record__header, record__header_text, record__entry, record__row
record__FORMAT = '1'
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local history__act
do
local MAX_ENTRIES = 100
local MAX_TEXT = 500
local function append(id, entry)
local key = base .. ':hs:' .. id
if redis.call('RPUSH', key, entry) <= MAX_ENTRIES then return end
local first = redis.call('LPOP', key)
redis.call('LPOP', key)
redis.call('LPUSH', key, first)
end
local function mark(header)
if not record__has(header.flags, 'Y') then header.flags = header.flags .. 'Y' end
end
function history__act(id, header, letter, outcome, now)
if outcome then
local last = redis.call('LINDEX', base .. ':hs:' .. id, -1)
if not last or string.sub(last, 1, 14) ~= string.sub(outcome, 1, 14) then
local at, attempt, duration, body = string.match(outcome, '^(%a%d+),(%d+),(%d+)\\n(.*)$')
local text = string.byte(at) == 99 and '' or string.sub(body, 1, MAX_TEXT)
append(id, table.concat({ at, attempt, duration, '', '' }, '\\t') .. '\\n' .. text)
end
end
append(id, table.concat({ letter .. string.format('%.0f', now), header.failures + header.stalls, '0', '', '' }, '\\t') .. '\\n')
mark(header)
end
end
local side__parse, side__of
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
local wake__some
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
local groups__names, groups__of, groups__put, groups__forget_if_empty, groups__drop
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
end
local elsewhere__own_name
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
end
local lines__uses, lines__leave
do
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
end
local ready__put_back, ready__drop, ready__new_place
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
function ready__drop(id)
if lines__leave(id) or groups__drop(id) then return true end
if redis.call('ZREM', base .. ':pp', id) + redis.call('ZREM', base .. ':pn', id) > 0 then return true end
redis.call('HINCRBY', base .. ':q', 'ghosts', 1)
return false
end
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
end
local unique__holder, unique__hold, unique__retake
function unique__holder(key, now)
local entry = redis.call('HGET', base .. ':uk', key)
if not entry then return nil end
local id, expiry = string.match(entry, '^(.*)\\t(%d*)$')
if expiry ~= '' and tonumber(expiry) <= now then return nil end
return id
end
function unique__hold(key, id, ms, now)
local expiry = ms ~= '' and string.format('%.0f', now + ms) or ''
redis.call('HSET', base .. ':uk', key, id .. '\\t' .. expiry)
if expiry ~= '' then redis.call('ZADD', base .. ':uz', expiry, key) else redis.call('ZREM', base .. ':uz', key) end
end
function unique__retake(id, facts, now)
local key = facts ~= '' and record__fact(facts, 'u')
if not key then return true end
local holder = unique__holder(key, now)
if holder and holder ~= id then return false end
if not holder then unique__hold(key, id, '', now) end
return true
end
local aggregation__read, aggregation__withdraw
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
function aggregation__withdraw(id, number)
redis.call('ZREM', base .. ':ag', id)
redis.call('LREM', base .. ':ab:' .. number, 1, id)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return end
local _, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':af', number)
if redis.call('ZREM', base .. ':ad', number) == 1 then redis.call('HDEL', base .. ':ao', identity)
else
redis.call('HINCRBY', base .. ':q', 'batches', -1)
ready__drop('\\tb' .. number)
end
end
local aside__drop
do
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__drop(name, id)
redis.call('ZREM', base .. ':u:' .. name, id)
forget_if_empty(name)
end
end
local completed__left
function completed__left() redis.call('HINCRBY', base .. ':q', 'gone', 1) end
local failures__left
do
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local withdraw__from
function withdraw__from(id, found)
if found.outcome then
redis.call('HDEL', base .. ':o', id)
if found.state ~= 'completed' and found.state ~= 'cancelled' then failures__left({ id }) end
if redis.call('ZREM', base .. ':y:' .. found.state, id) == 1 then return false end
if found.state == 'completed' then
completed__left()
return true
end
redis.call('ZREM', base .. ':f:' .. found.state, id)
elseif found.state == 'delayed' then redis.call('ZREM', base .. ':d', id)
elseif found.state == 'retrying' then redis.call('ZREM', base .. ':t', id)
elseif found.batch then aggregation__withdraw(id, found.batch)
elseif found.unclaimed then aside__drop(found.unclaimed, id)
else return not ready__drop(id) end
return false
end
local revive__job, revive__flush
do
local back = {}
function revive__job(id, found, now)
local facts = record__facts(redis.call('HGET', base .. ':j', id))
if not unique__retake(id, facts, now) then return 'D' end
local has_ghost = withdraw__from(id, found)
local row = record__row(id, redis.call('HGET', base .. ':m', id), facts)
local header = row.header
history__act(id, header, 'R', found.outcome, now)
header.failures, header.stalls, header.uncounted = 0, 0, 0
header.flags = string.gsub(header.flags, '[SX]', '')
if record__fact(facts, 'x') then header.flags = header.flags .. 'X' end
if has_ghost then header.place = ready__new_place() end
redis.call('HSET', base .. ':m', id, record__header_text(header))
back[#back + 1] = row
events__push('w', id)
return 'R'
end
function revive__flush(now, bits)
ready__put_back(back, bits)
events__flush(bits, now)
wake__some(#back)
end
end
for i, id in ipairs(ids) do
local found = locate__find(id)
if not found then fates[i] = 'N'
elseif not found.outcome then fates[i] = 'L'
else fates[i] = revive__job(id, found, now) end
end
local text = table.concat(fates)
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), text)
revive__flush(now, bits)
return { 'OK', text }
`,
  encode(args) {
    const argv = [nowArg('retry', args.now), args.laneId, intArg('retry', 'seq', args.seq)];
    pushRows(argv, 'retry', 'ids', args.ids, 1);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('retry', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fates: stringPart('retry', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('retry', parts);
    }
  },
};

/** Arguments of `samples`. */
export interface SamplesArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
}

/**
 * What `samples` replies.
 * - `OK`: jobs = how many have a header, sampled = of so many of them
 */
export type SamplesReply = {
  readonly code: 'OK';
  readonly epochs: readonly string[];
  readonly noted: readonly string[];
  readonly jobs: number;
  readonly sampled: number;
};

/**
 * What an estimate of the memory of the queue looks at: some epochs, and of a sample of jobs those that have noted something.
 *
 * Keys: `L`, `m`
 */
export const samples: Script<SamplesArgs, SamplesReply> = {
  name: 'samples',
  repeat: 'read',
  sha1: '8b67b5123276e8b13ff2c16f52024ace6a11fc21',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg = ARGV[1]
local sample, noted = redis.call('HRANDFIELD', base .. ':m', 50, 'WITHVALUES'), {}
local record__FORMAT, record__has, record__header
record__FORMAT = '1'
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
for i = 1, #sample, 2 do
if record__has(record__header(sample[i + 1]).flags, 'N') then noted[#noted + 1] = sample[i] end
end
return { 'OK', redis.call('ZRANGE', base .. ':L', 0, 99), noted, redis.call('HLEN', base .. ':m'), #sample / 2 }
`,
  encode(args) {
    return [nowArg('samples', args.now)];
  },
  decode(raw) {
    const parts = replyParts('samples', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          epochs: stringsPart('samples', parts, 1),
          noted: stringsPart('samples', parts, 2),
          jobs: intPart('samples', parts, 3),
          sampled: intPart('samples', parts, 4),
        };
      default:
        throw unknownCode('samples', parts);
    }
  },
};

/** Arguments of `scheduleHistory`. */
export interface ScheduleHistoryArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly id: string;
}

/**
 * What `scheduleHistory` replies.
 * - `OK`: letter \t time \t when that was decided
 */
export type ScheduleHistoryReply = {
  readonly code: 'OK';
  readonly lines: readonly string[];
};

/**
 * What became of the last times of a schedule, latest first: f a job was added, m it and perhaps more were missed and passed
 * over, o passed over because the last job had not ended, u because another had its unique key, k its job was there already.
 *
 * Keys: `sh:<id>`
 */
export const scheduleHistory: Script<ScheduleHistoryArgs, ScheduleHistoryReply> = {
  name: 'schedule-history',
  repeat: 'read',
  sha1: '9638f5818889de32af7546c315a8f243c4dfd395',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, id = ARGV[1], ARGV[2]
return { 'OK', redis.call('LRANGE', base .. ':sh:' .. id, 0, -1) }
`,
  encode(args) {
    return [nowArg('schedule-history', args.now), args.id];
  },
  decode(raw) {
    const parts = replyParts('schedule-history', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          lines: stringsPart('schedule-history', parts, 1),
        };
      default:
        throw unknownCode('schedule-history', parts);
    }
  },
};

/** Arguments of `schedule`. */
export interface ScheduleArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** The lane's nonce. */
  readonly laneId: string;
  /** Of this call in its lane. */
  readonly seq: number;
  readonly id: string;
  /** Of the definition that the caller has read; '' = there was none. */
  readonly wasHash: string;
  /** The next time that it has read; 0 = none. */
  readonly wasAt: number;
  readonly revision: number;
  /** Of what is defined, revision included; letters and digits. */
  readonly hash: string;
  /** When it fires next; 0 = it does not. */
  readonly nextAt: number;
  /** For workers only. */
  readonly definition: string;
}

/**
 * What `schedule` replies.
 * - `AGAIN`: it is not as the caller has read it
 * - `NEWER`: the stored one has a higher revision
 */
export type ScheduleReply =
  | { readonly code: 'OK' }
  | { readonly code: 'AGAIN' }
  | { readonly code: 'NEWER' }
  | { readonly code: 'OLD' };

/**
 * Store a schedule, or change one that the caller has read before. One of a higher revision stays, and an equal one is not
 * touched. What it has done so far, and whether it is paused, stays as it is.
 *
 * Keys: `L`, `h:<epoch>`, `i`, `l`, `lz`, `q`, `sc`, `si`, `sn`, `sp`, `w:<epoch>`
 */
export const schedule: Script<ScheduleArgs, ScheduleReply> = {
  name: 'schedule',
  repeat: 'lane',
  sha1: '7428aced24d4d1c3b6c5e10d5d6740c85f44c42d',
  source: `local base = KEYS[1]
local now_arg, lane_id, seq, id, was_hash, was_at, revision, hash, next_at, definition = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8], tonumber(ARGV[9]), ARGV[10]
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK' } end
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local schedules__check_id
do
local MAX_ID = 240
function schedules__check_id(id)
refuse__unless_name('id of a schedule', id)
if #id <= MAX_ID and not string.find(id, '^%w%w%w%w%w%w%w%w%w~') then return end
refuse__with('INVALID_OPTION', 'The id "' .. id .. '" of a schedule is too long, or begins as those of jobs do that are minted.')
end
end
schedules__check_id(id)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('revision', revision, 0, 1000000000)
refuse__unless_int('next_at', next_at, 0, 253402300799999)
if not string.find(hash, '^%w+$') or #hash > 64 then refuse__call('The hash of a definition is not a word of letters and digits.') end
local schedules__find
do
local RECORD = '^1(%d+),(%d+),(%d+)\\t(%w+)\\t([^\\n]*)\\n(.*)$'
function schedules__find(id)
local text = redis.call('HGET', base .. ':sc', id)
if not text then return nil end
local revision, count, last, hash, job, definition = string.match(text, RECORD)
local found = { text = text, revision = tonumber(revision), count = tonumber(count), last = last, hash = hash, job = job,
definition = definition, state = 'over', at = 0 }
local at = redis.call('ZSCORE', base .. ':sn', id)
if at then found.state = 'running'
else
at = redis.call('ZSCORE', base .. ':sp', id)
if at then found.state = 'paused' end
end
found.at = tonumber(at or 0)
return found
end
end
local found = schedules__find(id)
if (found and found.hash or '') ~= was_hash or (found and found.at or 0) ~= was_at then return { 'AGAIN' } end
if found and found.revision > revision then return { 'NEWER' } end
local features__is_understood, features__enable
do
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1 }
function features__is_understood(letter)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local open = redis.call('HGET', base .. ':h:' .. epoch, '\\topen')
if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
end
return true
end
function features__enable(bits, letter)
if string.find(bits, letter, 1, true) then return bits end
if not features__is_understood(letter) then
refuse__with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
end
bits = bits .. letter
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
end
bits = features__enable(bits, 's')
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), '')
if was_hash ~= hash then
local is_paused = found and found.state == 'paused'
local schedules__write
function schedules__write(id, s)
local head = '1' .. string.format('%.0f,%.0f', s.revision, s.count) .. ',' .. s.last
redis.call('HSET', base .. ':sc', id, head .. '\\t' .. s.hash .. '\\t' .. s.job .. '\\n' .. s.definition)
redis.call('ZADD', base .. ':si', 0, id)
end
schedules__write(id, { revision = revision, count = found and found.count or 0, last = found and found.last or '0', hash = hash,
job = found and found.job or '', definition = definition })
local schedules__move
function schedules__move(id, at, is_paused)
local home, other = is_paused and (base .. ':sp') or (base .. ':sn'), is_paused and (base .. ':sn') or (base .. ':sp')
redis.call('ZREM', other, id)
if at == 0 then redis.call('ZREM', home, id) else redis.call('ZADD', home, string.format('%.0f', at), id) end
end
schedules__move(id, next_at, is_paused)
if next_at > 0 and not is_paused then 
local wake__some
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
wake__some(1) end
end
return { 'OK' }
`,
  encode(args) {
    return [
      nowArg('schedule', args.now),
      args.laneId,
      intArg('schedule', 'seq', args.seq),
      args.id,
      args.wasHash,
      intArg('schedule', 'wasAt', args.wasAt),
      intArg('schedule', 'revision', args.revision),
      args.hash,
      intArg('schedule', 'nextAt', args.nextAt),
      args.definition,
    ];
  },
  decode(raw) {
    const parts = replyParts('schedule', raw);
    switch (parts[0]) {
      case 'OK':
        return { code: 'OK' };
      case 'AGAIN':
        return { code: 'AGAIN' };
      case 'NEWER':
        return { code: 'NEWER' };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('schedule', parts);
    }
  },
};

/** Arguments of `start`. */
export interface StartArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly epoch: string;
  /** Rows, as one flat list: id, token. */
  readonly rows: readonly string[];
}

/**
 * What `start` replies.
 * - `OK`: numbers of rows that are not held by that token any more, comma-separated
 */
export type StartReply =
  | {
      readonly code: 'OK';
      readonly refused: string;
    }
  | { readonly code: 'EPOCH_GONE' };

/**
 * Mark jobs as started, before their handlers run: asked of suspects, so that a crash is charged on evidence, and of jobs whose
 * unique key is free from then on (field v).
 *
 * Keys: `h:<epoch>`, `uk`, `uz`
 */
export const start: Script<StartArgs, StartReply> = {
  name: 'start',
  repeat: 'natural',
  sha1: 'c4d63206ca701e3a63048742dfe920316cd71cfe',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, epoch = ARGV[1], ARGV[2]
local REST = 3
local refuse__with, refuse__call, refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 2)
local key = base .. ':h:' .. epoch
local fields = { '\\topen' }
local refuse__unless_name, refuse__unless_token
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
function refuse__unless_token(token)
if not string.find(token, '^%w+%.%d+$') then refuse__call('A token is not slot.seq.') end
end
for i = REST, #ARGV, 2 do
refuse__unless_name('id', ARGV[i])
refuse__unless_token(ARGV[i + 1])
fields[#fields + 1] = ARGV[i]
end
local held = redis.call('HMGET', key, unpack(fields))
if not held[1] then return { 'EPOCH_GONE' } end
local marked, refused, freed = {}, {}, {}
for i = REST, #ARGV, 2 do
local n = (i - REST) / 2 + 1
local value, token = held[1 + n], ARGV[i + 1] .. '.'
if not value or string.sub(value, 1, #token) ~= token then refused[#refused + 1] = n
elseif not string.find(value, 'M', #token + 1, true) then
marked[#marked + 1] = ARGV[i]
marked[#marked + 1] = value .. 'M'
freed[#freed + 1] = { id = ARGV[i], facts = string.match(value, '^%d*(.*)$', #token + 1) }
end
end
if #marked > 0 then redis.call('HSET', key, unpack(marked)) end
local record__fact
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
local unique__key, unique__release, unique__started
function unique__key(facts)
if facts == '' then return nil end
return record__fact(facts, 'u') or record__fact(facts, 'v')
end
function unique__release(id, facts)
local key = unique__key(facts)
local entry = key and redis.call('HGET', base .. ':uk', key)
if not entry or string.sub(entry, 1, #id + 1) ~= id .. '\\t' then return end
redis.call('HDEL', base .. ':uk', key)
redis.call('ZREM', base .. ':uz', key)
end
function unique__started(id, facts)
if facts ~= '' and record__fact(facts, 'v') then unique__release(id, facts) end
end
for _, job in ipairs(freed) do unique__started(job.id, job.facts) end
return { 'OK', table.concat(refused, ',') }
`,
  encode(args) {
    const argv = [nowArg('start', args.now), args.epoch];
    pushRows(argv, 'start', 'rows', args.rows, 2);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('start', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          refused: stringPart('start', parts, 1),
        };
      case 'EPOCH_GONE':
        return { code: 'EPOCH_GONE' };
      default:
        throw unknownCode('start', parts);
    }
  },
};

/** Arguments of `statsHistory`. */
export interface StatsHistoryArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** 1 to 400, today included. */
  readonly days: number;
}

/**
 * What `statsHistory` replies.
 * - `OK`: nine values a day, as of `day-stats`; day = today
 */
export type StatsHistoryReply = {
  readonly code: 'OK';
  readonly day: number;
  readonly rows: readonly (string | null)[];
};

/**
 * What was counted on each of the last days (UTC) for all names together, the newest last.
 *
 * Keys: `q`, `st:<day>`
 */
export const statsHistory: Script<StatsHistoryArgs, StatsHistoryReply> = {
  name: 'stats-history',
  repeat: 'read',
  sha1: '84b0ba731ebca4a9ad6796c9e0cfa2398ee830a6',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, days = ARGV[1], tonumber(ARGV[2])
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('days', days, 1, 400)
local stats__day
do
local DAY_MS, MINUTE_MS, DAY_MINUTES = 86400000, 60000, 1440
function stats__day(at) return math.floor(at / DAY_MS) end
end
local today, rows = stats__day(now), {}
local stats__LETTERS, stats__read
stats__LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }
function stats__read(day, name)
local fields = {}
for i, letter in ipairs(stats__LETTERS) do fields[i] = name .. '\\t' .. letter end
fields[#fields + 1] = name .. '\\tR'
fields[#fields + 1] = name .. '\\tW'
return redis.call('HMGET', base .. ':st:' .. day, unpack(fields))
end
for day = today - days + 1, today do
for _, value in ipairs(stats__read(day, '')) do rows[#rows + 1] = value end
end
return { 'OK', today, rows }
`,
  encode(args) {
    return [nowArg('stats-history', args.now), intArg('stats-history', 'days', args.days)];
  },
  decode(raw) {
    const parts = replyParts('stats-history', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          day: intPart('stats-history', parts, 1),
          rows: nullableStringsPart('stats-history', parts, 2),
        };
      default:
        throw unknownCode('stats-history', parts);
    }
  },
};

/** Arguments of `tag`. */
export interface TagArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  readonly id: string;
  /** 1 give, 0 take away. */
  readonly on: number;
  readonly tags: readonly string[];
}

/**
 * What `tag` replies.
 * - `OK`: T it has them, or has them no more, M it would have more than 32, N no such job
 */
export type TagReply =
  | {
      readonly code: 'OK';
      readonly fate: string;
    }
  | { readonly code: 'OLD' };

/**
 * Give a job tags, or take some from it, whatever its state. Tags that it has already, or has not, change nothing.
 *
 * Keys: `L`, `ad`, `ag`, `d`, `h:<epoch>`, `j`, `l`, `lz`, `m`, `o`, `q`, `t`, `tc`, `tg:<tag>`, `u:<name>`, `un`, `x`
 */
export const tag: Script<TagArgs, TagReply> = {
  name: 'tag',
  repeat: 'lane',
  sha1: '3fe206c844ad8c9588912034eb336ed5ed9f6ba2',
  source: `local base = KEYS[1]
local now_arg, lane_id, seq, id, on = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local REST = 6
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(redis.call('HGET', base .. ':q', 'bits') or '')
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('on', on, 0, 1)
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 1)
if #ARGV < REST then refuse__call('A call without a tag.') end
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
for i = REST, #ARGV do refuse__unless_name('tag', ARGV[i]) end
local record__STATES
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
local locate__prepare, locate__find
do
local MAX_LOOKS = 100000
local runs, names = {}, nil
function locate__prepare(ids)
for i = 1, #ids do refuse__unless_name('id', ids[i]) end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
if #ids * #epochs > MAX_LOOKS then
refuse__call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
end
if #ids == 0 then return end
for _, epoch in ipairs(epochs) do
local held = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids))
for i = 1, #ids do
if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
end
end
end
function locate__find(id)
if redis.call('HEXISTS', base .. ':j', id) == 0 then return nil end
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
local at = redis.call('ZSCORE', base .. ':d', id)
if at then return { state = 'delayed', at = at } end
at = redis.call('ZSCORE', base .. ':t', id)
if at then return { state = 'retrying', at = at } end
if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
names = names or redis.call('SMEMBERS', base .. ':un')
for _, name in ipairs(names) do
if redis.call('ZSCORE', base .. ':u:' .. name, id) then return { state = 'waiting', unclaimed = name } end
end
local batch = redis.call('ZSCORE', base .. ':ag', id)
if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', base .. ':ad', batch) or nil } end
return { state = 'waiting' }
end
end
locate__prepare({ id })
local found = locate__find(id)
local side__parse, side__of
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
local had = found and side__of(id).t or {}
local has, changed = {}, {}
for _, tag in ipairs(had) do has[tag] = true end
for i = REST, #ARGV do
if (on == 1) ~= (has[ARGV[i]] == true) then
has[ARGV[i]] = on == 1
changed[#changed + 1] = ARGV[i]
end
end
local fate = not found and 'N' or (on == 1 and #had + #changed > 32 and 'M' or 'T')
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), fate)
if fate ~= 'T' or #changed == 0 then return { 'OK', fate } end
local left = {}
for _, tag in ipairs(had) do
if has[tag] then left[#left + 1] = tag end
end
local record__FORMAT, record__header, record__header_text
record__FORMAT = '1'
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
if on == 1 then
for _, tag in ipairs(changed) do left[#left + 1] = tag end
local tags__add
function tags__add(id, names, now)
for i = 1, #names do
if redis.call('ZADD', base .. ':tg:' .. names[i], 'NX', string.format('%.0f', now), id) == 1 then
redis.call('ZINCRBY', base .. ':tc', 1, names[i])
end
end
end
tags__add(id, changed, now)
local record__has
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
local mark__set
function mark__set(id, found, letter)
local header = record__header(redis.call('HGET', base .. ':m', id))
if not record__has(header.flags, letter) then
header.flags = header.flags .. letter
redis.call('HSET', base .. ':m', id, record__header_text(header))
end
if not found.held then return end
local facts = string.match(found.held, '^[^.]*%.%d+%.%d*(.*)$')
local missing = (record__has(facts, 'H') and '' or 'H') .. (record__has(facts, letter) and '' or letter)
if missing ~= '' then redis.call('HSET', base .. ':h:' .. found.epoch, id, found.held .. missing) end
end
mark__set(id, found, 'T')
else
local tags__drop
function tags__drop(id, names)
for i = 1, #names do
if redis.call('ZREM', base .. ':tg:' .. names[i], id) == 1 and tonumber(redis.call('ZINCRBY', base .. ':tc', -1, names[i])) < 1 then
redis.call('ZREM', base .. ':tc', names[i])
end
end
end
tags__drop(id, changed)
if #left == 0 then 
local mark__clear
function mark__clear(id, letter)
local header = record__header(redis.call('HGET', base .. ':m', id))
header.flags = string.gsub(header.flags, letter, '')
redis.call('HSET', base .. ':m', id, record__header_text(header))
end
mark__clear(id, 'T') end
end
local side__put
function side__put(id, letter, values)
local lines = {}
for line in string.gmatch(redis.call('HGET', base .. ':x', id) or '', '[^\\n]+') do
if string.sub(line, 1, 1) ~= letter then lines[#lines + 1] = line end
end
if #values > 0 then lines[#lines + 1] = letter .. '\\t' .. table.concat(values, '\\t') end
if #lines > 0 then redis.call('HSET', base .. ':x', id, table.concat(lines, '\\n'))
else redis.call('HDEL', base .. ':x', id) end
end
side__put(id, 't', left)
return { 'OK', fate }
`,
  encode(args) {
    const argv = [
      nowArg('tag', args.now),
      args.laneId,
      intArg('tag', 'seq', args.seq),
      args.id,
      intArg('tag', 'on', args.on),
    ];
    pushRows(argv, 'tag', 'tags', args.tags, 1);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('tag', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fate: stringPart('tag', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('tag', parts);
    }
  },
};

/** Arguments of `tagged`. */
export interface TaggedArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly tag: string;
  /** As of `list`. */
  readonly cursor: string;
  /** 1 to 1,000. */
  readonly limit: number;
  /** 1 = the latest first. */
  readonly reverse: number;
}

/** What `tagged` replies. */
export type TaggedReply = {
  readonly code: 'OK';
  readonly ids: readonly string[];
  readonly cursor: string;
  readonly total: number;
};

/**
 * Ids of the jobs that have a tag, in the order in which they got it, a page at a time.
 *
 * Keys: `tg:<tag>`
 */
export const tagged: Script<TaggedArgs, TaggedReply> = {
  name: 'tagged',
  repeat: 'read',
  sha1: 'cbf569aefb6cebb802163eddb47cf133ba03e52a',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, tag, cursor, limit, reverse = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local refuse__with, refuse__call, refuse__unless_name
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
refuse__unless_name('tag', tag)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('limit', limit, 1, 1000)
local ids = {}
local listing__refuse_cursor, listing__rank_after, listing__sorted
function listing__refuse_cursor()
refuse__with('INVALID_OPTION', 'The cursor is none of this list. Go on with that of its last page, or begin without one.')
end
function listing__rank_after(key, cursor, reverse)
if cursor == '' then return 0 end
local score, id = string.match(cursor, '^(%d+%.?%d*)/(.*)$')
if not score then listing__refuse_cursor() end
local rank = reverse and redis.call('ZREVRANK', key, id) or (not reverse and redis.call('ZRANK', key, id))
if rank then return rank + 1 end
if reverse then return redis.call('ZCOUNT', key, '(' .. score, '+inf') end
return redis.call('ZCOUNT', key, '-inf', '(' .. score)
end
function listing__sorted(key, cursor, limit, reverse, ids)
local from = listing__rank_after(key, cursor, reverse)
local found = reverse and redis.call('ZREVRANGE', key, from, from + limit - 1, 'WITHSCORES')
or redis.call('ZRANGE', key, from, from + limit - 1, 'WITHSCORES')
for i = 1, #found, 2 do ids[#ids + 1] = found[i] end
if #found < 2 * limit then return '' end
return found[#found] .. '/' .. found[#found - 1]
end
local next_cursor = listing__sorted(base .. ':tg:' .. tag, cursor, limit, reverse == 1, ids)
return { 'OK', ids, next_cursor, redis.call('ZCARD', base .. ':tg:' .. tag) }
`,
  encode(args) {
    return [
      nowArg('tagged', args.now),
      args.tag,
      args.cursor,
      intArg('tagged', 'limit', args.limit),
      intArg('tagged', 'reverse', args.reverse),
    ];
  },
  decode(raw) {
    const parts = replyParts('tagged', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          ids: stringsPart('tagged', parts, 1),
          cursor: stringPart('tagged', parts, 2),
          total: intPart('tagged', parts, 3),
        };
      default:
        throw unknownCode('tagged', parts);
    }
  },
};

/** Arguments of `tally`. */
export interface TallyArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  /** How many ms ago that was. */
  readonly age: number;
  /**
   * Names of jobs, each once; spreads as in lua/records.md, '' = none.
   * Rows, as one flat list: name, completed, runs, waits.
   */
  readonly rows: readonly string[];
}

/** What `tally` replies. */
export type TallyReply =
  | {
      readonly code: 'OK';
      readonly now: number;
    }
  | { readonly code: 'OLD' };

/**
 * What a worker has counted since it told last: successes, how long attempts ran, and how long jobs had waited for them. Without
 * rows it only asks for the time.
 *
 * Keys: `l`, `lz`, `mi`, `q`, `sd`, `sm`, `st:<day>`
 */
export const tally: Script<TallyArgs, TallyReply> = {
  name: 'tally',
  repeat: 'lane',
  sha1: '493d55a600ab329272387cbcba9f0d0e9289def6',
  source: `local base = KEYS[1]
local now_arg, lane_id, seq, age = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local REST = 5
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', now } end
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('age', age, 0, 86400000)
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 4)
if #ARGV - REST + 1 > 400 then refuse__call('More than 100 names in one call.') end
local rows = {}
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local spread__parse
do
local BUCKETS = 29
function spread__parse(text)
local numbers = {}
for piece in string.gmatch(text, '[^,]+') do numbers[#numbers + 1] = tonumber(piece) or refuse__call('A spread of times cannot be read.') end
if #numbers == 0 then return { count = 0, mean = 0, squares = 0, buckets = {} } end
if #numbers < 3 or #numbers > 3 + BUCKETS or numbers[1] < 1 then refuse__call('A spread of times cannot be read.') end
local parsed = { count = numbers[1], mean = numbers[2], squares = numbers[3], buckets = {} }
for i = 4, #numbers do parsed.buckets[i - 3] = numbers[i] end
return parsed
end
end
for i = REST, #ARGV, 4 do
refuse__unless_name('name', ARGV[i])
local row = { name = ARGV[i], completed = tonumber(ARGV[i + 1]), R = spread__parse(ARGV[i + 2]), W = spread__parse(ARGV[i + 3]) }
refuse__unless_int('completed', row.completed, 0, 9007199254740991)
rows[#rows + 1] = row
end
local spread__merge, spread__text
function spread__merge(a, b)
if a.count == 0 then return b end
if b.count == 0 then return a end
local count, apart, buckets = a.count + b.count, b.mean - a.mean, {}
for i = 1, math.max(#a.buckets, #b.buckets) do buckets[i] = (a.buckets[i] or 0) + (b.buckets[i] or 0) end
return { count = count, mean = a.mean + apart * b.count / count,
squares = a.squares + b.squares + apart * apart * a.count * b.count / count, buckets = buckets }
end
function spread__text(s)
if s.count == 0 then return '' end
local parts = { string.format('%.0f,%.17g,%.17g', s.count, s.mean, s.squares) }
for i = 1, #s.buckets do parts[i + 1] = string.format('%.0f', s.buckets[i]) end
return table.concat(parts, ',')
end
local stats__known_name, stats__note_day
do
local MAX_NAMES = 1000
local REST_NAME = '*'
function stats__known_name(name, day)
local last = redis.call('ZSCORE', base .. ':sm', name)
if not last and redis.call('ZCARD', base .. ':sm') >= MAX_NAMES then name = REST_NAME end
if not last or tonumber(last) < day then redis.call('ZADD', base .. ':sm', day, name) end
return name
end
function stats__note_day(day) redis.call('ZADD', base .. ':sd', day, day) end
end
local function add(day)
local fields, sums = {}, {}
local function put(name, kind, more)
local field = name .. '\\t' .. kind
if sums[field] then sums[field] = spread__merge(sums[field], more)
elseif more.count > 0 then
sums[field] = more
fields[#fields + 1] = field
end
end
for _, row in ipairs(rows) do
local name = stats__known_name(row.name, day)
for _, kind in ipairs({ 'R', 'W' }) do
put(name, kind, row[kind])
put('', kind, row[kind])
end
end
if #fields == 0 then return end
stats__note_day(day)
local stored, values = redis.call('HMGET', base .. ':st:' .. day, unpack(fields)), {}
for i, field in ipairs(fields) do
values[#values + 1] = field
values[#values + 1] = spread__text(spread__merge(spread__parse(stored[i] or ''), sums[field]))
end
redis.call('HSET', base .. ':st:' .. day, unpack(values))
end
if #rows == 0 then return { 'OK', now } end
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), '')
local stats__LETTERS, stats__count, stats__day, stats__flush
do
local DAY_MS, MINUTE_MS, DAY_MINUTES = 86400000, 60000, 1440
stats__LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }
local counted, order = {}, {}
function stats__count(name, letter, n)
if n == 0 then return end
local counts = counted[name]
if not counts then counts = {}; counted[name] = counts; order[#order + 1] = name end
counts[letter] = (counts[letter] or 0) + n
end
function stats__day(at) return math.floor(at / DAY_MS) end
local function add_to_minute(at, totals)
local minute = math.floor(at / MINUTE_MS)
local field, counts = minute % DAY_MINUTES, {}
local stored = redis.call('HGET', base .. ':mi', field)
local since, rest = string.match(stored or '', '^(%d+)(.*)$')
if since and tonumber(since) > minute then return end
if tonumber(since) ~= minute then rest = '' end
for n in string.gmatch(rest, '%d+') do counts[#counts + 1] = tonumber(n) end
for i, letter in ipairs(stats__LETTERS) do counts[i] = string.format('%.0f', (counts[i] or 0) + (totals[letter] or 0)) end
redis.call('HSET', base .. ':mi', field, string.format('%.0f', minute) .. ',' .. table.concat(counts, ','))
end
function stats__flush(at)
if #order == 0 then return end
local day, totals = stats__day(at), {}
local key = base .. ':st:' .. day
stats__note_day(day)
for _, name in ipairs(order) do
local known = stats__known_name(name, day)
for letter, n in pairs(counted[name]) do
redis.call('HINCRBY', key, known .. '\\t' .. letter, n)
totals[letter] = (totals[letter] or 0) + n
end
end
for letter, n in pairs(totals) do
redis.call('HINCRBY', key, '\\t' .. letter, n)
redis.call('HINCRBY', base .. ':st:' .. 'all', '\\t' .. letter, n)
end
add_to_minute(at, totals)
counted, order = {}, {}
end
end
for _, row in ipairs(rows) do stats__count(row.name, 'c', row.completed) end
stats__flush(now - age)
add(stats__day(now - age))
return { 'OK', now }
`,
  encode(args) {
    const argv = [
      nowArg('tally', args.now),
      args.laneId,
      intArg('tally', 'seq', args.seq),
      intArg('tally', 'age', args.age),
    ];
    pushRows(argv, 'tally', 'rows', args.rows, 4);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('tally', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          now: intPart('tally', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('tally', parts);
    }
  },
};

/** Arguments of `throughput`. */
export interface ThroughputArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** 1 to 1,440 minutes, the present one included. */
  readonly count: number;
}

/**
 * What `throughput` replies.
 * - `OK`: counts of c f t b x r s, comma-separated, '' = nothing; minute = the present one, since 1970
 */
export type ThroughputReply = {
  readonly code: 'OK';
  readonly minute: number;
  readonly rows: readonly string[];
};

/**
 * How much happened in each of the last minutes, the newest last.
 *
 * Keys: `mi`, `q`
 */
export const throughput: Script<ThroughputArgs, ThroughputReply> = {
  name: 'throughput',
  repeat: 'read',
  sha1: 'a7d23fa95c17a298d5321d177a69f6debf85ecf2',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, count = ARGV[1], tonumber(ARGV[2])
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('count', count, 1, 1440)
local present, fields, rows = math.floor(now / 60000), {}, {}
for i = 1, count do fields[i] = (present - count + i) % 1440 end
for i, text in ipairs(redis.call('HMGET', base .. ':mi', unpack(fields))) do
local minute, counts = string.match(text or '', '^(%d+),(.*)$')
rows[i] = tonumber(minute) == present - count + i and counts or ''
end
return { 'OK', present, rows }
`,
  encode(args) {
    return [nowArg('throughput', args.now), intArg('throughput', 'count', args.count)];
  },
  decode(raw) {
    const parts = replyParts('throughput', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          minute: intPart('throughput', parts, 1),
          rows: stringsPart('throughput', parts, 2),
        };
      default:
        throw unknownCode('throughput', parts);
    }
  },
};

/** Arguments of `topTags`. */
export interface TopTagsArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** How many to pass over. */
  readonly offset: number;
  /** 1 to 1,000. */
  readonly limit: number;
  /** Only tags that so many jobs have. */
  readonly least: number;
}

/**
 * What `topTags` replies.
 * - `OK`: tag, count, tag, count …; how many tags there are
 */
export type TopTagsReply = {
  readonly code: 'OK';
  readonly tags: readonly string[];
  readonly total: number;
};

/**
 * The tags that most jobs have, with how many have them.
 *
 * Keys: `tc`
 */
export const topTags: Script<TopTagsArgs, TopTagsReply> = {
  name: 'top-tags',
  repeat: 'read',
  sha1: 'b702529f5ed3771fc159fc6a062b82f9a2150cc0',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, offset, limit, least = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local refuse__with, refuse__call, refuse__unless_int
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('offset', offset, 0, 9007199254740991)
refuse__unless_int('limit', limit, 1, 1000)
refuse__unless_int('least', least, 1, 9007199254740991)
local all = redis.call('ZREVRANGE', base .. ':tc', offset, offset + limit - 1, 'WITHSCORES')
local top = {}
for i = 1, #all, 2 do
if tonumber(all[i + 1]) < least then break end
top[#top + 1] = all[i]
top[#top + 1] = all[i + 1]
end
return { 'OK', top, redis.call('ZCARD', base .. ':tc') }
`,
  encode(args) {
    return [
      nowArg('top-tags', args.now),
      intArg('top-tags', 'offset', args.offset),
      intArg('top-tags', 'limit', args.limit),
      intArg('top-tags', 'least', args.least),
    ];
  },
  decode(raw) {
    const parts = replyParts('top-tags', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          tags: stringsPart('top-tags', parts, 1),
          total: intPart('top-tags', parts, 2),
        };
      default:
        throw unknownCode('top-tags', parts);
    }
  },
};

/** Arguments of `track`. */
export interface TrackArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  /** 1 track, 0 do so no more. */
  readonly on: number;
  readonly ids: readonly string[];
}

/**
 * What `track` replies.
 * - `OK`: a letter per id: T tracked, U not tracked (any more), M 1,000 are tracked already, N no such job
 */
export type TrackReply =
  | {
      readonly code: 'OK';
      readonly fates: string;
    }
  | { readonly code: 'OLD' };

/**
 * Keep an eye on jobs: a short list of ids that stays until they are taken off it, whatever becomes of the jobs.
 *
 * Keys: `ev`, `j`, `l`, `lz`, `n`, `q`, `tk`
 * Events: `v`, `u`
 */
export const track: Script<TrackArgs, TrackReply> = {
  name: 'track',
  repeat: 'lane',
  sha1: 'c6f8aa8d6dd021bee0f68476819250b04a59faf1',
  source: `local base = KEYS[1]
local now_arg, lane_id, seq, on = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local REST = 5
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('on', on, 0, 1)
local refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 1)
local MOST = 1000
local fates, added, dropped, seen = {}, {}, {}, {}
local count = redis.call('ZCARD', base .. ':tk')
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
for i = REST, #ARGV do
local id = ARGV[i]
refuse__unless_name('id', id)
local is_tracked = redis.call('ZSCORE', base .. ':tk', id) and true or false
if seen[id] ~= nil then is_tracked = seen[id] end
local fate = on == 1 and 'T' or 'U'
if on == 1 and not is_tracked then
if redis.call('HEXISTS', base .. ':j', id) == 0 then fate = 'N'
elseif count + #added / 2 >= MOST then fate = 'M'
else
added[#added + 1] = string.format('%.0f', now)
added[#added + 1] = id
seen[id] = true
events__push('v', id)
end
elseif on == 0 and is_tracked then
dropped[#dropped + 1] = id
seen[id] = false
events__push('u', id)
end
fates[#fates + 1] = fate
end
local text = table.concat(fates)
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), text)
if #added > 0 then redis.call('ZADD', base .. ':tk', unpack(added)) end
if #dropped > 0 then redis.call('ZREM', base .. ':tk', unpack(dropped)) end
events__flush(bits, now)
return { 'OK', text }
`,
  encode(args) {
    const argv = [
      nowArg('track', args.now),
      args.laneId,
      intArg('track', 'seq', args.seq),
      intArg('track', 'on', args.on),
    ];
    pushRows(argv, 'track', 'ids', args.ids, 1);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('track', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fates: stringPart('track', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('track', parts);
    }
  },
};

/** Arguments of `tracked`. */
export interface TrackedArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
}

/** What `tracked` replies. */
export type TrackedReply = {
  readonly code: 'OK';
  readonly ids: readonly string[];
};

/**
 * The ids that are tracked, the one that was tracked first at the head.
 *
 * Keys: `tk`
 */
export const tracked: Script<TrackedArgs, TrackedReply> = {
  name: 'tracked',
  repeat: 'read',
  sha1: 'e01fb0155d1ca21e14e5052458051c85b9ccc6ea',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg = ARGV[1]
return { 'OK', redis.call('ZRANGE', base .. ':tk', 0, -1) }
`,
  encode(args) {
    return [nowArg('tracked', args.now)];
  },
  decode(raw) {
    const parts = replyParts('tracked', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          ids: stringsPart('tracked', parts, 1),
        };
      default:
        throw unknownCode('tracked', parts);
    }
  },
};

/** Arguments of `unheard`. */
export interface UnheardArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly ids: readonly string[];
}

/** What `unheard` replies. */
export type UnheardReply = {
  readonly code: 'OK';
  readonly ids: readonly string[];
};

/**
 * Of jobs whose runs somebody ended (`cancel`, `expire`, a replacing `add-checked`), those whose workers live and have not shown yet
 * that they know it.
 *
 * Keys: `L`, `h:<epoch>`
 */
export const unheard: Script<UnheardArgs, UnheardReply> = {
  name: 'unheard',
  repeat: 'read',
  sha1: 'bee8cf44e5b6a8950d81f2a1fe8f11a6b3867d17',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg = ARGV[1]
local REST = 2
local refuse__with, refuse__call, refuse__unless_rows
do
local MAX_ROWS = 1000
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_rows(count, width)
if count % width ~= 0 then refuse__call('The last row is not complete.') end
if count > MAX_ROWS * width then refuse__call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end
end
refuse__unless_rows(#ARGV - REST + 1, 1)
local asked, unheard = {}, {}
for i = REST, #ARGV do asked[ARGV[i]] = true end
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local facts = redis.call('HMGET', base .. ':h:' .. epoch, '\\topen', '\\ttaken')
if facts[1] and facts[2] then
for id in string.gmatch(facts[2], '\\n%d+\\t([^\\t\\n]*)\\t') do
if asked[id] then
unheard[#unheard + 1] = id
asked[id] = false
end
end
end
end
return { 'OK', unheard }
`,
  encode(args) {
    const argv = [nowArg('unheard', args.now)];
    pushRows(argv, 'unheard', 'ids', args.ids, 1);
    return argv;
  },
  decode(raw) {
    const parts = replyParts('unheard', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          ids: stringsPart('unheard', parts, 1),
        };
      default:
        throw unknownCode('unheard', parts);
    }
  },
};

/** Arguments of `unschedule`. */
export interface UnscheduleArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  readonly id: string;
  /** Only if it has this definition; '' = whichever it has. */
  readonly hash: string;
}

/**
 * What `unschedule` replies.
 * - `OK`: 0 = there was none such
 */
export type UnscheduleReply =
  | {
      readonly code: 'OK';
      readonly removed: number;
    }
  | { readonly code: 'OLD' };

/**
 * Delete a schedule. The jobs that it has added stay.
 *
 * Keys: `l`, `lz`, `q`, `sc`, `sh:<id>`, `si`, `sn`, `sp`
 */
export const unschedule: Script<UnscheduleArgs, UnscheduleReply> = {
  name: 'unschedule',
  repeat: 'lane',
  sha1: 'fc19388578bba51e473a7e75fa0f411656f332c8',
  source: `#!lua flags=allow-oom
local base = KEYS[1]
local now_arg, lane_id, seq, id, hash = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', tonumber(answer) } end
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local schedules__find
do
local RECORD = '^1(%d+),(%d+),(%d+)\\t(%w+)\\t([^\\n]*)\\n(.*)$'
function schedules__find(id)
local text = redis.call('HGET', base .. ':sc', id)
if not text then return nil end
local revision, count, last, hash, job, definition = string.match(text, RECORD)
local found = { text = text, revision = tonumber(revision), count = tonumber(count), last = last, hash = hash, job = job,
definition = definition, state = 'over', at = 0 }
local at = redis.call('ZSCORE', base .. ':sn', id)
if at then found.state = 'running'
else
at = redis.call('ZSCORE', base .. ':sp', id)
if at then found.state = 'paused' end
end
found.at = tonumber(at or 0)
return found
end
end
local found = schedules__find(id)
local removed = found and (hash == '' or hash == found.hash) and 1 or 0
if removed == 1 then
local schedules__forget
function schedules__forget(id)
redis.call('HDEL', base .. ':sc', id)
redis.call('ZREM', base .. ':sn', id)
redis.call('ZREM', base .. ':sp', id)
redis.call('ZREM', base .. ':si', id)
redis.call('DEL', base .. ':sh:' .. id)
end
schedules__forget(id)
local schedules__are_none
function schedules__are_none() return redis.call('EXISTS', base .. ':sc') == 0 end
if schedules__are_none() then 
local features__disable
function features__disable(bits, letter)
if not string.find(bits, letter, 1, true) then return bits end
bits = string.gsub(bits, letter, '')
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
features__disable(bits, 's') end
end
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), tostring(removed))
return { 'OK', removed }
`,
  encode(args) {
    return [nowArg('unschedule', args.now), args.laneId, intArg('unschedule', 'seq', args.seq), args.id, args.hash];
  },
  decode(raw) {
    const parts = replyParts('unschedule', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          removed: intPart('unschedule', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('unschedule', parts);
    }
  },
};

/** Arguments of `update`. */
export interface UpdateArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly laneId: string;
  readonly seq: number;
  readonly id: string;
  /** What is to change: d or a its time, p its priority, as in a row of `add`. */
  readonly how: string;
  /** 1 = its payload becomes what follows, 0 = it stays. */
  readonly hasData: number;
  readonly data: string;
}

/**
 * What `update` replies.
 * - `OK`: U changed, A is active (only a priority can change), F has ended, N no such job
 */
export type UpdateReply =
  | {
      readonly code: 'OK';
      readonly fate: string;
    }
  | { readonly code: 'OLD' };

/**
 * Change the payload, the priority or the time of a job that has not ended. One that waits and gets a time is delayed; one that
 * waits for its time and gets a time that has come waits no more. Its unique key stays the one that it has.
 *
 * Keys: `L`, `^rn`, `^rw:<resource>`, `ab:<number>`, `ad`, `af`, `ag`, `ao`, `d`, `ev`, `f:<state>`, `fe:<group>`, `fg`, `fk`, `g:<group>`, `gc`, `gl`, `gn`, `gr:<group>`, `gs:<group>`, `gw`, `h:<epoch>`, `i`, `j`, `l`, `lz`, `m`, `n`, `o`, `pn`, `pp`, `q`, `r`, `rf`, `t`, `u:<name>`, `un`, `w:<epoch>`, `wr`, `x`, `y:<state>`
 * Events: `w`, `d`
 */
export const update: Script<UpdateArgs, UpdateReply> = {
  name: 'update',
  repeat: 'lane',
  sha1: '40cb901501f2e808f0e18ffc8910a922d8a37828',
  source: `local base = KEYS[1]
local now_arg, lane_id, seq, id, how, has_data, data = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7]
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
local lane__answer
function lane__answer(id, seq)
if not string.find(id, '^%C+$') then refuse__call('The lane is empty or has a control character.') end
if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
refuse__call('seq is not a whole number from 1 to 9007199254740991.')
end
local stored = redis.call('HGET', base .. ':l', id)
if not stored then return nil end
local last, answer = string.match(stored, '^1(%d+),%d+\\t(.*)$')
last = tonumber(last)
if seq > last then return nil end
if seq < last then return 'OLD' end
return true, answer
end
local again, answer = lane__answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local bits = redis.call('HGET', base .. ':q', 'bits') or ''
local features__are_known, features__need_known
function features__are_known(bits)
return string.find(bits, '[^paegslwbo]') == nil
end
function features__need_known(bits)
if features__are_known(bits) then return end
refuse__with('UPGRADE_REQUIRED', 'The queue uses features (' .. bits .. ') that this release does not know.')
end
features__need_known(bits)
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
local intake__read
do
local PLAIN = { d = '^%d+$', a = '^%d+$', p = '^%-?%d+$' }
local GIVEN = { d = PLAIN.d, a = PLAIN.a, p = PLAIN.p, c = '^[kjr]$', m = '^%d+$', x = '^$' }
local function parse(text, allowed)
local how = {}
for piece in string.gmatch(text, '[^,]+') do
local letter, value = string.sub(piece, 1, 1), string.sub(piece, 2)
if not allowed[letter] or #value > 15 or not string.find(value, allowed[letter]) then
refuse__call('The instruction "' .. piece .. '" of a job is none.')
end
how[letter] = value
end
if how.p then refuse__unless_int('The priority', tonumber(how.p), -1000, 1000) end
if how.c and not how.m then refuse__call('A given id without m<ms>.') end
how.is_plain = not (how.d or how.a or how.p)
return how
end
local parsed = {}
local NONE = { is_plain = true }
function intake__read(text, is_given)
local at = string.find(text, '%c')
if not at and text ~= '' then return text, NONE, '' end
if not at or at == 1 or string.byte(text, at) ~= 9 then refuse__call('An id is empty or has a control character.') end
local last = is_given and string.find(text, '\\n', at, true) or #text + 1
local how = string.sub(text, at + 1, last - 1)
parsed[how] = parsed[how] or parse(how, is_given and GIVEN or PLAIN)
return string.sub(text, 1, at - 1), parsed[how], string.sub(text, last + 1)
end
end
local _, asked = intake__read(id .. '\\t' .. how)
local record__STATES
record__STATES = { c = 'completed', f = 'failed', t = 'timed_out', b = 'broken', x = 'cancelled' }
local refuse__unless_name
function refuse__unless_name(what, text)
if text == '' or string.find(text, '%c') then refuse__call('The ' .. what .. ' is empty or has a control character.') end
end
local locate__prepare, locate__find
do
local MAX_LOOKS = 100000
local runs, names = {}, nil
function locate__prepare(ids)
for i = 1, #ids do refuse__unless_name('id', ids[i]) end
local epochs = redis.call('ZRANGE', base .. ':L', 0, -1)
if #ids * #epochs > MAX_LOOKS then
refuse__call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
end
if #ids == 0 then return end
for _, epoch in ipairs(epochs) do
local held = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids))
for i = 1, #ids do
if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
end
end
end
function locate__find(id)
if redis.call('HEXISTS', base .. ':j', id) == 0 then return nil end
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { state = record__STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
local at = redis.call('ZSCORE', base .. ':d', id)
if at then return { state = 'delayed', at = at } end
at = redis.call('ZSCORE', base .. ':t', id)
if at then return { state = 'retrying', at = at } end
if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
names = names or redis.call('SMEMBERS', base .. ':un')
for _, name in ipairs(names) do
if redis.call('ZSCORE', base .. ':u:' .. name, id) then return { state = 'waiting', unclaimed = name } end
end
local batch = redis.call('ZSCORE', base .. ':ag', id)
if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', base .. ':ad', batch) or nil } end
return { state = 'waiting' }
end
end
locate__prepare({ id })
local found = locate__find(id)
local fate = 'U'
if not found then fate = 'N' elseif found.outcome then fate = 'F' elseif found.state == 'active' then fate = 'A' end
if fate == 'U' and (tonumber(asked.p) or 0) ~= 0 then 
local features__is_understood, features__enable
do
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1 }
function features__is_understood(letter)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local open = redis.call('HGET', base .. ':h:' .. epoch, '\\topen')
if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
end
return true
end
function features__enable(bits, letter)
if string.find(bits, letter, 1, true) then return bits end
if not features__is_understood(letter) then
refuse__with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
end
bits = bits .. letter
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
end
bits = features__enable(bits, 'p') end
local lane__store
function lane__store(id, seq, at, answer)
local text = '1' .. string.format('%.0f', seq) .. ',' .. at .. '\\t' .. answer
if redis.call('HSET', base .. ':l', id, text) == 1 then redis.call('ZADD', base .. ':lz', at, id) end
end
lane__store(lane_id, seq, string.format('%.0f', now), fate)
if fate ~= 'U' then return { 'OK', fate } end
local record__fact
function record__fact(facts, letter)
return string.match(',' .. facts, ',' .. letter .. '([%d:%-]*)')
end
if has_data == 1 then 
local amend__envelope
function amend__envelope(envelope, name, payload)
local head, own_name, fields, options, rest = string.match(envelope, '^(1[^\\t]*)\\t([^\\t]*)\\t([^\\t]*)\\t([^\\n]*)\\n(.*)$')
if payload then rest = string.sub(rest, 1, tonumber(record__fact(fields, 'f')) or 0) .. payload end
return head .. '\\t' .. (name or own_name) .. '\\t' .. fields .. '\\t' .. options .. '\\n' .. rest
end
redis.call('HSET', base .. ':j', id, amend__envelope(redis.call('HGET', base .. ':j', id), nil, data)) end
local at = asked.a and tonumber(asked.a) or (asked.d and now + asked.d) or nil
local envelope = redis.call('HGET', base .. ':j', id)
local record__FORMAT, record__facts, record__header, record__row
record__FORMAT = '1'
function record__facts(envelope)
if string.byte(envelope, 15) == 9 then return '' end
return string.match(envelope, '^1[^\\t]*\\t[^\\t]*\\t([^\\t]*)\\t') or ''
end
function record__header(text)
local format, failures, stalls, uncounted, place, flags, priority, rest =
string.match(text or '', '^(%w)(%d+),(%d+),(%d+),(%d+),(%a*),(%-?%d*)(.*)$')
if not format then
return { format = record__FORMAT, failures = 0, stalls = 0, uncounted = 0, place = '0', flags = '', priority = '', rest = '' }
end
return { format = format, failures = tonumber(failures), stalls = tonumber(stalls), uncounted = tonumber(uncounted),
place = place, flags = flags, priority = priority, rest = rest }
end
function record__row(id, stored, facts)
local header = record__header(stored)
if header.priority == '' then header.priority = record__fact(facts, 'p') or '' end
return { id = id, header = header, stored = stored, priority = tonumber(header.priority) or 0 }
end
local row = record__row(id, redis.call('HGET', base .. ':m', id), record__facts(envelope))
if asked.p then row.priority = tonumber(asked.p) end
local is_ready = found.state == 'waiting' and not found.unclaimed
local is_later = at and at > now
local leaves = is_ready and asked.p or found.state == 'waiting' and is_later or found.at and at
local side__parse, side__of
function side__parse(text)
local said = {}
for line in string.gmatch(text, '[^\\n]+') do
local values = {}
for value in string.gmatch(string.sub(line, 2) .. '\\t', '\\t([^\\t]*)') do values[#values + 1] = value end
values[#values] = nil
said[string.sub(line, 1, 1)] = values
end
return said
end
function side__of(id) return side__parse(redis.call('HGET', base .. ':x', id) or '') end
local groups__forget_if_empty, groups__drop
function groups__forget_if_empty(name)
if redis.call('EXISTS', base .. ':g:' .. name, base .. ':gs:' .. name, base .. ':gr:' .. name) > 0 then return end
if redis.call('HEXISTS', base .. ':gc', name) == 0 then redis.call('ZREM', base .. ':gn', name) end
end
function groups__drop(id)
if redis.call('ZREM', base .. ':gw', id) == 0 then return false end
local name = side__of(id).g[1]
redis.call('ZREM', base .. ':g:' .. name, id)
if redis.call('EXISTS', base .. ':g:' .. name) == 0 then
redis.call('ZREM', base .. ':gl', name)
groups__forget_if_empty(name)
end
return true
end
local elsewhere__own_name
do
local function head() return string.match(base, '^(.-{[^}]*})%d+:') end
function elsewhere__own_name()
local before = head()
return before and string.match(base, '^%d+:(.*)$', #before + 1)
end
end
local lines__uses, lines__leave
do
local function member(id) return (elsewhere__own_name() or '') .. '\\t' .. id end
function lines__uses(values)
local uses = {}
for i = 1, #values - 1, 2 do uses[#uses + 1] = { name = values[i], amount = tonumber(values[i + 1]) } end
return uses
end
local function drop(name, who)
if redis.call('ZREM', string.match(base, '^.-}') .. ':rw:' .. name, who) == 0 then return end
if redis.call('EXISTS', string.match(base, '^.-}') .. ':rw:' .. name) == 0 then redis.call('SREM', string.match(base, '^.-}') .. ':rn', name) end
end
function lines__leave(id)
if redis.call('ZREM', base .. ':wr', id) == 0 then return false end
for _, use in ipairs(lines__uses(side__of(id).r or {})) do drop(use.name, member(id)) end
return true
end
end
local ready__drop
function ready__drop(id)
if lines__leave(id) or groups__drop(id) then return true end
if redis.call('ZREM', base .. ':pp', id) + redis.call('ZREM', base .. ':pn', id) > 0 then return true end
redis.call('HINCRBY', base .. ':q', 'ghosts', 1)
return false
end
local aggregation__read, aggregation__withdraw
function aggregation__read(number)
local text = redis.call('HGET', base .. ':af', number)
if not text then return nil end
local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\\t(.*)$')
return tonumber(priority), tonumber(first), tonumber(most), identity
end
function aggregation__withdraw(id, number)
redis.call('ZREM', base .. ':ag', id)
redis.call('LREM', base .. ':ab:' .. number, 1, id)
if redis.call('EXISTS', base .. ':ab:' .. number) == 1 then return end
local _, _, _, identity = aggregation__read(number)
redis.call('HDEL', base .. ':af', number)
if redis.call('ZREM', base .. ':ad', number) == 1 then redis.call('HDEL', base .. ':ao', identity)
else
redis.call('HINCRBY', base .. ':q', 'batches', -1)
ready__drop('\\tb' .. number)
end
end
local aside__drop
do
local function forget_if_empty(name)
if redis.call('EXISTS', base .. ':u:' .. name) == 0 then redis.call('SREM', base .. ':un', name) end
end
function aside__drop(name, id)
redis.call('ZREM', base .. ':u:' .. name, id)
forget_if_empty(name)
end
end
local completed__left
function completed__left() redis.call('HINCRBY', base .. ':q', 'gone', 1) end
local failures__left
do
local function gather(lists, key)
local list = lists[key]
if not list then list = {}; lists[key] = list; lists[#lists + 1] = key end
return list
end
function failures__left(ids)
if #ids == 0 then return end
local stored, lists = redis.call('HMGET', base .. ':fk', unpack(ids)), {}
for i = 1, #ids do
if stored[i] then
local list = gather(lists, stored[i])
list[#list + 1] = ids[i]
end
end
if #lists == 0 then return end
redis.call('HDEL', base .. ':fk', unpack(ids))
for _, group in ipairs(lists) do
redis.call('ZREM', base .. ':fe:' .. group, unpack(lists[group]))
if tonumber(redis.call('ZINCRBY', base .. ':fg', -#lists[group], group)) < 1 then redis.call('ZREM', base .. ':fg', group) end
end
end
end
local withdraw__from
function withdraw__from(id, found)
if found.outcome then
redis.call('HDEL', base .. ':o', id)
if found.state ~= 'completed' and found.state ~= 'cancelled' then failures__left({ id }) end
if redis.call('ZREM', base .. ':y:' .. found.state, id) == 1 then return false end
if found.state == 'completed' then
completed__left()
return true
end
redis.call('ZREM', base .. ':f:' .. found.state, id)
elseif found.state == 'delayed' then redis.call('ZREM', base .. ':d', id)
elseif found.state == 'retrying' then redis.call('ZREM', base .. ':t', id)
elseif found.batch then aggregation__withdraw(id, found.batch)
elseif found.unclaimed then aside__drop(found.unclaimed, id)
else return not ready__drop(id) end
return false
end
if leaves and withdraw__from(id, found) then 
local ready__new_place
function ready__new_place()
return string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'places', 1))
end
row.header.place = ready__new_place() end
if asked.p or leaves then
row.header.priority = tostring(row.priority)
local record__header_text
function record__header_text(h)
return h.format .. h.failures .. ',' .. h.stalls .. ',' .. h.uncounted .. ',' .. h.place .. ',' .. h.flags .. ','
.. h.priority .. h.rest
end
redis.call('HSET', base .. ':m', id, record__header_text(row.header))
end
if not leaves then return { 'OK', fate } end
local record__name
function record__name(envelope)
return string.match(envelope, '^1[^\\t]*\\t([^\\t]*)\\t') or ''
end
local events__push, events__newest, events__flush
do
local noted = {}
function events__push(letter, id, name)
local n = #noted
noted[n + 1] = letter
noted[n + 2] = id
noted[n + 3] = name or ''
end
local function write(now, lines, from, to, previous)
return redis.call('XADD', base .. ':ev', 'MAXLEN', '~', 1000, '*', 't', now, 'b', table.concat(lines, '\\n', from, to), 'p', previous)
end
function events__newest()
local newest = redis.call('XREVRANGE', base .. ':ev', '+', '-', 'COUNT', 1)
return newest[1] and newest[1][1] or '0-0'
end
function events__flush(bits, now)
if #noted == 0 then return end
local told, lines = noted, {}
noted = {}
if not string.find(bits, 'e', 1, true) then return end
for i = 1, #told, 3 do lines[#lines + 1] = told[i] .. '\\t' .. told[i + 1] .. '\\t' .. told[i + 2] end
local from, bytes, previous = 1, 0, events__newest()
for i = 1, #lines do
bytes = bytes + #lines[i] + 1
if i > from and (i - from >= 100 or bytes > 16384) then
previous = write(now, lines, from, i - 1, previous)
from, bytes = i, #lines[i] + 1
end
end
write(now, lines, from, #lines, previous)
redis.call('PUBLISH', base .. ':n', '')
end
end
local wake__some
function wake__some(n)
local left = n
for _ = 1, 8 do
if left <= 0 then return end
local epoch = redis.call('SPOP', base .. ':i')
if not epoch then return end
if redis.call('PUBLISH', base .. ':w:' .. epoch, 'w') > 0 then left = left - 1 end
end
end
if not is_later then
local record__has, record__entry
function record__has(facts, letter)
return string.find(facts, letter, 1, true) ~= nil
end
function record__entry(id, place) return place == '0' and id or id .. '\\t' .. place end
local groups__names, groups__of, groups__put
do
function groups__names(ids, flags)
local grouped, found = {}, {}
for i = 1, #ids do
if record__has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
end
local texts = #grouped > 0 and redis.call('HMGET', base .. ':x', unpack(grouped)) or {}
for i = 1, #grouped do found[grouped[i]] = (side__parse(texts[i] or '').g or {})[1] end
return found
end
function groups__of(rows)
local ids, flags = {}, {}
for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
return groups__names(ids, flags)
end
local function join(names)
if #names == 0 then return 0 end
local turn, members = string.format('%.0f', redis.call('HINCRBY', base .. ':q', 'ring', 1)), {}
for i = 1, #names do
members[#members + 1] = turn
members[#members + 1] = names[i]
end
return redis.call('ZADD', base .. ':gl', 'NX', unpack(members))
end
function groups__put(jobs)
local names, known, all = {}, {}, {}
for name, members in pairs(jobs) do
redis.call('ZADD', base .. ':g:' .. name, unpack(members))
for i = 1, #members do all[#all + 1] = members[i] end
names[#names + 1] = name
known[#known + 1] = '0'
known[#known + 1] = name
end
if #names == 0 then return end
redis.call('ZADD', base .. ':gw', unpack(all))
redis.call('ZADD', base .. ':gn', unpack(known))
join(names)
end
end
local ready__put_back
do
local TURN = 4398046511104
local function score(priority, turn)
return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end
local function put(rows, side, bits)
local list, above, below, grouped = {}, {}, {}, {}
local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups__of(rows) or {}
for i = 1, #rows do
local row = rows[i]
local group = group_of[row.id]
if row.priority == 0 and not group then
list[#list + 1] = record__entry(row.id, row.header.place)
else
if turn == 0 then turn = tonumber(redis.call('HINCRBY', base .. ':q', side == 'front' and 'head' or 'turn', #rows)) end
if group then grouped[group] = grouped[group] or {} end
local z = grouped[group] or (row.priority > 0 and above or below)
local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
z[#z + 1] = score(row.priority, n)
z[#z + 1] = row.id
end
end
if string.find(bits, 'o', 1, true) then groups__put(grouped) end
if #above > 0 then redis.call('ZADD', base .. ':pp', unpack(above)) end
if #below > 0 then redis.call('ZADD', base .. ':pn', unpack(below)) end
if #list > 0 and side == 'front' then
for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
redis.call('LPUSH', string.find(bits, 'g', 1, true) and (base .. ':rf') or (base .. ':r'), unpack(list))
elseif #list > 0 then
redis.call('RPUSH', base .. ':r', unpack(list))
end
end
function ready__put_back(rows, bits) put(rows, 'back', bits) end
end
ready__put_back({ row }, bits)
wake__some(1)
if found.at then events__push('w', id, record__name(envelope)) end
elseif found.state == 'retrying' then
redis.call('ZADD', base .. ':t', string.format('%.0f', at), id)
else
local due__delay, due__next
function due__delay(rows)
local first = due__next()
redis.call('ZADD', base .. ':d', unpack(rows))
if first == 0 or due__next() < first then wake__some(1) end
end
function due__next()
local first = 0
for _, key in ipairs({ (base .. ':d'), (base .. ':t') }) do
local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
if head[2] and (first == 0 or tonumber(head[2]) < first) then first = tonumber(head[2]) end
end
return first
end
due__delay({ string.format('%.0f', at), id })
events__push('d', id, record__name(envelope))
end
events__flush(bits, now)
return { 'OK', fate }
`,
  encode(args) {
    return [
      nowArg('update', args.now),
      args.laneId,
      intArg('update', 'seq', args.seq),
      args.id,
      args.how,
      intArg('update', 'hasData', args.hasData),
      args.data,
    ];
  },
  decode(raw) {
    const parts = replyParts('update', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          fate: stringPart('update', parts, 1),
        };
      case 'OLD':
        return { code: 'OLD' };
      default:
        throw unknownCode('update', parts);
    }
  },
};

/** Arguments of `wait`. */
export interface WaitArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  readonly id: string;
  /** Without blanks. */
  readonly channel: string;
  /** How long the wait is remembered; ask again before. */
  readonly forMs: number;
}

/** What `wait` replies. */
export type WaitReply =
  | {
      readonly code: 'ENDED';
      readonly outcome: string;
    }
  | { readonly code: 'WAIT' }
  | { readonly code: 'NOT_FOUND' };

/**
 * The outcome of a job, or the promise that it will be published to `channel` in the moment in which the job ends.
 *
 * Keys: `L`, `aw`, `h:<epoch>`, `j`, `o`, `q`
 */
export const wait: Script<WaitArgs, WaitReply> = {
  name: 'wait',
  repeat: 'natural',
  sha1: '273eadb7584d7acddb70f21d51c9fd671d22749f',
  source: `local base = KEYS[1]
local now_arg, id, channel, for_ms = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local refuse__with, refuse__call
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
local clock__now
function clock__now(given)
if given == '' then
local t = redis.call('TIME')
return t[1] * 1000 + math.floor(t[2] / 1000)
end
if redis.call('HGET', base .. ':q', 'virtual') ~= '1' then
refuse__with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
end
if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
refuse__call('The time is not a number of ms with 13 digits.')
end
return tonumber(given)
end
local now = clock__now(now_arg)
if not string.find(channel, '^[^%s%c]+$') then refuse__call('The channel is empty or has a blank.') end
local refuse__unless_int
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('for_ms', for_ms, 1, 1000000000)
local outcome = redis.call('HGET', base .. ':o', id)
if outcome then return { 'ENDED', outcome } end
if redis.call('HEXISTS', base .. ':j', id) == 0 then return { 'NOT_FOUND' } end
local features__is_understood, features__enable
do
local SINCE = { p = 1, a = 1, e = 1, g = 1, s = 1, l = 1, w = 1, b = 1, o = 1 }
function features__is_understood(letter)
for _, epoch in ipairs(redis.call('ZRANGE', base .. ':L', 0, 999)) do
local open = redis.call('HGET', base .. ':h:' .. epoch, '\\topen')
if open and tonumber(string.match(open, '^%d+')) < SINCE[letter] then return false end
end
return true
end
function features__enable(bits, letter)
if string.find(bits, letter, 1, true) then return bits end
if not features__is_understood(letter) then
refuse__with('UPGRADE_REQUIRED', 'A running worker is too old for this. Stop the old release first.')
end
bits = bits .. letter
redis.call('HSET', base .. ':q', 'bits', bits)
return bits
end
end
features__enable(redis.call('HGET', base .. ':q', 'bits') or '', 'a')
local stored = redis.call('HGET', base .. ':aw', id)
local until_ms, channels = string.match(stored or '0\\t', '^(%d+)\\t(.*)$')
if not string.find(' ' .. channels .. ' ', ' ' .. channel .. ' ', 1, true) then
channels = channels == '' and channel or channels .. ' ' .. channel
end
redis.call('HSET', base .. ':aw', id, string.format('%.0f', math.max(tonumber(until_ms), now + for_ms)) .. '\\t' .. channels)
return { 'WAIT' }
`,
  encode(args) {
    return [nowArg('wait', args.now), args.id, args.channel, intArg('wait', 'forMs', args.forMs)];
  },
  decode(raw) {
    const parts = replyParts('wait', raw);
    switch (parts[0]) {
      case 'ENDED':
        return {
          code: 'ENDED',
          outcome: stringPart('wait', parts, 1),
        };
      case 'WAIT':
        return { code: 'WAIT' };
      case 'NOT_FOUND':
        return { code: 'NOT_FOUND' };
      default:
        throw unknownCode('wait', parts);
    }
  },
};

/** Arguments of `workers`. */
export interface WorkersArgs {
  /** Virtual time in ms. Left out, the clock of Redis counts. */
  readonly now?: number | undefined;
  /** How many to pass over. */
  readonly offset: number;
  /** 1 to 100. */
  readonly limit: number;
}

/**
 * What `workers` replies.
 * - `OK`: six each: epoch, lease end, jobs held, info, since when, lines of `report`; how many there are
 */
export type WorkersReply = {
  readonly code: 'OK';
  readonly rows: readonly (string | null)[];
  readonly total: number;
};

/**
 * The live workers of the queue, by the ends of their leases: what each says of itself, how many jobs it holds, and what it said
 * last that it runs, as far as it still does.
 *
 * Keys: `L`, `h:<epoch>`, `wk`, `ws`
 */
export const workers: Script<WorkersArgs, WorkersReply> = {
  name: 'workers',
  repeat: 'read',
  sha1: 'c50906cbd77c53107d0c1a0d54247394ce780a62',
  source: `#!lua flags=no-writes
local base = KEYS[1]
local now_arg, offset, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local refuse__with, refuse__call, refuse__unless_int
function refuse__with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end
function refuse__call(sentence) refuse__with('PROTOCOL', sentence) end
function refuse__unless_int(name, value, least, most)
if value and value >= least and value <= most and value == math.floor(value) then return end
refuse__call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end
refuse__unless_int('offset', offset, 0, 9007199254740991)
refuse__unless_int('limit', limit, 1, 100)
local function running(epoch)
local lines, ids, tokens = {}, {}, {}
for line, id, token in string.gmatch(redis.call('HGET', base .. ':wk', epoch) or '', '(([^\\t\\n]*)\\t([^\\t\\n]*)[^\\n]*)\\n') do
lines[#lines + 1], ids[#ids + 1], tokens[#tokens + 1] = line, id, token .. '.'
end
if #ids == 0 then return '' end
local held, kept = redis.call('HMGET', base .. ':h:' .. epoch, unpack(ids)), {}
for i = 1, #ids do
if held[i] and string.sub(held[i], 1, #tokens[i]) == tokens[i] then kept[#kept + 1] = lines[i] end
end
return table.concat(kept, '\\n')
end
local rows = {}
local live = redis.call('ZRANGE', base .. ':L', offset, offset + limit - 1, 'WITHSCORES')
local holds__count
do
local OWN = { '\\topen', '\\ttable', '\\ttaken', '\\tpause', '\\tgrace', '\\tlate', '\\tleased' }
function holds__count(epoch)
local fields = redis.call('HLEN', base .. ':h:' .. epoch)
if fields == 0 then return 0 end
local own = redis.call('HMGET', base .. ':h:' .. epoch, '\\tslots', unpack(OWN))
local slots = own[1] and tonumber(own[1]) + 1 or 0
fields = fields - slots
for i = 2, #OWN + 1 do
if own[i] then fields = fields - 1 end
end
return fields
end
end
for i = 1, #live, 2 do
local open = redis.call('HGET', base .. ':h:' .. live[i], '\\topen')
local row = { live[i], live[i + 1], tostring(holds__count(live[i])), redis.call('HGET', base .. ':ws', live[i]),
open and string.match(open, '%d+$'), running(live[i]) }
for n = 1, 6 do rows[#rows + 1] = row[n] or false end
end
return { 'OK', rows, redis.call('ZCARD', base .. ':L') }
`,
  encode(args) {
    return [
      nowArg('workers', args.now),
      intArg('workers', 'offset', args.offset),
      intArg('workers', 'limit', args.limit),
    ];
  },
  decode(raw) {
    const parts = replyParts('workers', raw);
    switch (parts[0]) {
      case 'OK':
        return {
          code: 'OK',
          rows: nullableStringsPart('workers', parts, 1),
          total: intPart('workers', parts, 2),
        };
      default:
        throw unknownCode('workers', parts);
    }
  },
};

/** Every command, by name: to load them all into Redis ahead of their first call. */
export const SCRIPTS = [
  addChecked,
  add,
  batches,
  cancel,
  checkpoint,
  claim,
  close,
  configure,
  counts,
  dayStats,
  declare,
  discard,
  drain,
  dueSchedules,
  exchange,
  expire,
  failures,
  fireBatches,
  fire,
  forgetQueue,
  getSchedules,
  get,
  groups,
  heads,
  history,
  housekeep,
  limitGroup,
  limitResources,
  listSchedules,
  list,
  move,
  note,
  notes,
  nudge,
  open,
  pauseSchedule,
  pause,
  paused,
  prioritize,
  promote,
  readEvents,
  reconcile,
  register,
  remove,
  renew,
  report,
  resources,
  retire,
  retryMany,
  retry,
  samples,
  scheduleHistory,
  schedule,
  start,
  statsHistory,
  tag,
  tagged,
  tally,
  throughput,
  topTags,
  track,
  tracked,
  unheard,
  unschedule,
  update,
  wait,
  workers,
] as const;

/** Every key of a queue, by what follows its base; `<…>` stands for a name. */
export const KEYS = [
  'L',
  '^rm',
  '^rn',
  '^ru',
  '^rw:<resource>',
  'ab:<number>',
  'ad',
  'af',
  'ag',
  'ao',
  'aw',
  'd',
  'e',
  'ev',
  'f:<state>',
  'fc',
  'fe:<group>',
  'fg',
  'fk',
  'g:<group>',
  'gc',
  'gd',
  'gl',
  'gn',
  'gr:<group>',
  'gs:<group>',
  'gw',
  'gz',
  'h:<epoch>',
  'hs:<id>',
  'i',
  'ids',
  'j',
  'l',
  'lz',
  'm',
  'mi',
  'o',
  'pn',
  'pp',
  'q',
  'r',
  'rf',
  'rl',
  's:<id>',
  'sc',
  'sd',
  'sh:<id>',
  'si',
  'sm',
  'sn',
  'sp',
  'st:<day>',
  't',
  'tc',
  'tg:<tag>',
  'tk',
  'u:<name>',
  'uk',
  'un',
  'uz',
  'wk',
  'wr',
  'ws',
  'x',
  'y:<state>',
] as const;
