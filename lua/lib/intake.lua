-- New jobs on their way into the queue: collected row by row, then written variadic.
-- @require record, ready, refuse, events, wake, due, failure, side, tags, unique
-- @key jobs j hash
-- @key headers m hash
-- @key sides x hash
-- @key blocked b zset
local intake = {}

local envelopes, list, ordered, delayed, blocked, headers, sides = {}, {}, {}, {}, {}, {}, {}

-- What the instructions of a row may say, by letter: d delay in ms, a a time, p priority; for a given id c policy, m how
-- long it is remembered, x even if it runs.
local PLAIN = { d = '^%d+$', a = '^%d+$', p = '^%-?%d+$' }
local GIVEN = { d = PLAIN.d, a = PLAIN.a, p = PLAIN.p, c = '^[kjr]$', m = '^%d+$', x = '^$' }

local function parse(text, allowed)
  local how = {}
  for piece in string.gmatch(text, '[^,]+') do
    local letter, value = string.sub(piece, 1, 1), string.sub(piece, 2)
    if not allowed[letter] or #value > 15 or not string.find(value, allowed[letter]) then
      refuse.call('The instruction "' .. piece .. '" of a job is none.')
    end
    how[letter] = value
  end
  if how.p then refuse.unless_int('The priority', tonumber(how.p), -1000, 1000) end
  if how.c and not how.m then refuse.call('A given id without m<ms>.') end
  how.is_plain = not (how.d or how.a or how.p)
  return how
end

-- Instructions repeat within a call.
local parsed = {}
local NONE = { is_plain = true }

-- The id of a row, its instructions, and what follows them.
function intake.read(text, is_given)
  local at = string.find(text, '%c')
  if not at and text ~= '' then return text, NONE, '' end
  if not at or at == 1 or string.byte(text, at) ~= 9 then refuse.call('An id is empty or has a control character.') end
  local last = is_given and string.find(text, '\n', at, true) or #text + 1
  local how = string.sub(text, at + 1, last - 1)
  parsed[how] = parsed[how] or parse(how, is_given and GIVEN or PLAIN)
  return string.sub(text, 1, at - 1), parsed[how], string.sub(text, last + 1)
end

-- Flags, fields and instructions say the same: a priority that only one of them knows would put the job where nobody looks.
local function agree(body, how)
  local priority = record.fact(string.match(body, '^%a*\t[^\t]*\t([^\t]*)\t'), 'p')
  return record.agrees(body) and (tonumber(priority) or 0) == (tonumber(how.p) or 0)
end

-- Refuses what cannot be stored; `said` = the lines of the job, if it has some. True if the job, or the one that it has in
-- store, comes with a priority.
function intake.check(body, how, said)
  -- Nothing but a delay is said of it: what nearly all rows are. Looking closer took more than half of an add with a delay.
  if not how.p and not said and string.find(body, record.PLAIN_BODY) then return false end
  if not record.is_body(body) then refuse.call('The body of a job is not flags, name, fields, options and payload.') end
  if not agree(body, how) then refuse.call('The flags, fields and instructions of a job do not agree.') end
  unique.check(said and said.u, body)
  return failure.check(body) or how.p ~= nil
end

local function store(id, envelope)
  envelopes[#envelopes + 1] = id
  envelopes[#envelopes + 1] = envelope
end

local tagged = {}

-- Keeps what the lines of a job say, and returns the letters for its header.
local function keep(id, said)
  local text, flags = side.kept(said)
  if flags == '' then return flags end
  sides[#sides + 1] = id
  sides[#sides + 1] = text
  if said.t then tagged[id] = said.t end
  return flags
end

-- `place` is '0' unless an old list entry of the id may still lie there; `said` = the lines of the job, if it has some.
function intake.push(id, envelope, how, place, now, said)
  store(id, envelope)
  local flags = said and keep(id, said) or ''
  if how.is_plain and place == '0' and flags == '' then
    list[#list + 1] = id
    return
  end
  local at = how.a and tonumber(how.a) or now + (how.d or 0)
  if at > now and place == '0' and flags == '' and not how.p then
    how.text = how.text or string.format('%.0f', at)
    delayed[#delayed + 1], delayed[#delayed + 2] = how.text, id
    return
  end
  local header = record.header(nil)
  local priority = tonumber(how.p) or 0
  header.place, header.flags = place, flags
  if said and said.d then
    blocked[#blocked + 1] = at > now and string.format('%.0f', at) or '0'
    blocked[#blocked + 1] = id
    if priority ~= 0 then header.priority = how.p end
  elseif at > now then
    delayed[#delayed + 1] = string.format('%.0f', at)
    delayed[#delayed + 1] = id
    -- Promoting must not read the envelope, which may be large.
    if priority ~= 0 then header.priority = how.p end
  elseif priority ~= 0 or record.has(flags, 'G') then ordered[#ordered + 1] = { id = id, header = header, priority = priority }
  else list[#list + 1] = record.entry(id, place) end
  if place ~= '0' or header.priority ~= '' or flags ~= '' then
    headers[#headers + 1] = id
    headers[#headers + 1] = record.header_text(header)
  end
end

local function tell(bits)
  if not string.find(bits, 'e', 1, true) then return end
  local letters = {}
  for i = 2, #delayed, 2 do letters[delayed[i]] = 'd' end
  for i = 2, #blocked, 2 do letters[blocked[i]] = 'k' end
  for i = 1, #envelopes, 2 do
    events.push(letters[envelopes[i]] or 'w', envelopes[i], record.name(envelopes[i + 1]))
  end
end

-- Forgets what was written: more is to be collected, perhaps for another queue.
function intake.clear()
  envelopes, list, ordered, delayed, blocked, headers, sides, tagged = {}, {}, {}, {}, {}, {}, {}, {}
end

-- Writes what was collected. If a row has a priority, `bits` say so already.
function intake.flush(bits, now)
  if #envelopes > 0 then
    redis.call('HSET', k.jobs, unpack(envelopes))
    if #headers > 0 then redis.call('HSET', k.headers, unpack(headers)) end
    if #sides > 0 then redis.call('HSET', k.sides, unpack(sides)) end
    for id, names in pairs(tagged) do tags.add(id, names, now) end
    ready.append(list)
    ready.put_back(ordered, bits)
    if #delayed > 0 then due.delay(delayed) end
    if #blocked > 0 then redis.call('ZADD', k.blocked, unpack(blocked)) end
    tell(bits)
  end
  events.flush(bits, now)
  wake.some(#list + #ordered)
end
