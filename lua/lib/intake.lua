-- New jobs on their way into the queue: collected row by row, then written variadic.
-- @require record, ready, features, events, wake, due
-- @key jobs j hash
-- @key headers m hash
-- @key delayed d zset
local intake = {}

local envelopes, list, ordered, delayed, headers = {}, {}, {}, {}, {}

-- The instructions of a row, `d1000,p5`, by letter.
function intake.parse(text)
  local how = {}
  for letter, value in string.gmatch(text, '(%a)([^,]*)') do how[letter] = value end
  return how
end

local function store(id, envelope)
  envelopes[#envelopes + 1] = id
  envelopes[#envelopes + 1] = envelope
end

-- A job without instructions: to the back of the list.
function intake.plain(id, envelope)
  list[#list + 1] = id
  store(id, envelope)
end

-- how: d delay in ms, a time, p priority; `place` is '0' unless an old list entry of the id may still lie there.
function intake.push(id, envelope, how, place, now)
  store(id, envelope)
  local header = record.header(nil)
  header.place = place
  if place ~= '0' then
    headers[#headers + 1] = id
    headers[#headers + 1] = record.header_text(header)
  end
  local at = how.a and tonumber(how.a) or now + (how.d or 0)
  local priority = tonumber(how.p) or 0
  if at > now then
    delayed[#delayed + 1] = string.format('%.0f', at)
    delayed[#delayed + 1] = id
  elseif priority ~= 0 then ordered[#ordered + 1] = { id = id, header = header, priority = priority }
  else list[#list + 1] = place == '0' and id or id .. '\t' .. place end
end

-- The new head of the delayed jobs wakes a worker, so that it sets its timer.
local function delay()
  local first = due.next()
  redis.call('ZADD', k.delayed, unpack(delayed))
  if first == 0 or due.next() < first then wake.some(1) end
end

local function tell(bits)
  if not string.find(bits, 'e', 1, true) then return end
  local later = {}
  for i = 2, #delayed, 2 do later[delayed[i]] = true end
  for i = 1, #envelopes, 2 do
    events.push(later[envelopes[i]] and 'd' or 'w', envelopes[i], record.name(envelopes[i + 1]))
  end
end

-- Writes what was collected; `prioritised` = a row has a priority, so the queue's bits must say so from now on.
function intake.flush(bits, prioritised, now)
  if #envelopes == 0 then return end
  redis.call('HSET', k.jobs, unpack(envelopes))
  if prioritised then bits = features.enable(bits, 'p') end
  if #headers > 0 then redis.call('HSET', k.headers, unpack(headers)) end
  ready.append(list)
  ready.put_back(ordered, bits)
  if #delayed > 0 then delay() end
  tell(bits)
  events.flush(bits, now)
  wake.some(#list + #ordered)
end
