-- Batches that have fired (see `aggregation`) on their way to a worker: what a call leases of them, and how its answer tells
-- them apart. In a held value the field a<number> says as which batch a job was leased.
-- @require aggregation, ready
-- @key jobs j hash
-- @key headers m hash
-- @key batch ab:<number> list
-- @key meta q hash
local units = {}

-- The most members that one call hands over: with as many other jobs they are what Lua can pass to a command.
local MAX_MEMBERS = 1000
-- As in `lease`: a larger batch is handed over in parts.
local MAX_BYTES = 4194304

-- Reads members into a batch of `lease` until its bytes are enough; returns their ids.
local function read(batch, number, chunk)
  local ids, taken = redis.call('LRANGE', k.batch .. number, 0, MAX_MEMBERS - 1), {}
  while #taken < #ids and batch.bytes < MAX_BYTES do
    local part = {}
    for i = #taken + 1, math.min(#taken + chunk, #ids) do part[#part + 1] = ids[i] end
    local envelopes = redis.call('HMGET', k.jobs, unpack(part))
    local stored = redis.call('HMGET', k.headers, unpack(part))
    for i = 1, #part do
      local n = #batch.ids + 1
      taken[#taken + 1] = part[i]
      -- One without a record is passed over.
      if envelopes[i] then
        batch.bytes = batch.bytes + #envelopes[i]
        batch.ids[n], batch.envelopes[n], batch.headers[n], batch.facts[n] = part[i], envelopes[i], stored[i], 'a' .. number
        batch.odd[#batch.odd + 1] = n
      end
    end
  end
  return taken
end

-- Takes the members of the batches that came up, as many as a call may; the others go back to the front. Each counts as one
-- job of those wanted: `extra` are the rest.
function units.expand(batch, chunk, bits)
  local back = {}
  for _, number in ipairs(batch.units) do
    local priority = aggregation.read(number)
    if not priority then redis.call('HINCRBY', k.meta, 'ghosts', -1)
    elseif batch.members > 0 and batch.members + redis.call('LLEN', k.batch .. number) > MAX_MEMBERS or batch.bytes >= MAX_BYTES then
      back[#back + 1] = aggregation.row(number, priority)
    else
      local before = #batch.ids
      local taken = read(batch, number, chunk)
      batch.members, batch.extra = batch.members + #taken, batch.extra + math.max(#batch.ids - before - 1, 0)
      if aggregation.hand_over(number, taken) then back[#back + 1] = aggregation.row(number, priority) end
    end
  end
  batch.units = {}
  if #back > 0 then
    ready.put_front(back, bits)
    -- The call ends here, and there is more.
    batch.bytes, batch.dry = MAX_BYTES, false
  end
end

-- The batch as which a job was leased, by its facts; nil if as none.
local function of(facts) return string.match(facts, '^a(%d+)') end

-- The facts of a job that was read as a member.
function units.mark(member, facts)
  if facts == '' or string.byte(facts) == 72 then return member .. facts end
  return member .. ',' .. facts
end

-- How many of the jobs with these facts are beyond the first of their batch.
function units.extra(facts)
  local extra, last = 0, nil
  for i = 1, #facts do
    local number = of(facts[i])
    if number and number == last then extra = extra + 1 end
    last = number
  end
  return extra
end

-- Tells a worker which of the jobs with these facts are one batch: `first-last`, number among the headers.
function units.tell(facts, headers)
  local from, last = 1, nil
  for i = 1, #facts + 1 do
    local number = facts[i] and of(facts[i])
    if number ~= last then
      if last then headers[#headers + 1] = from .. '-' .. (i - 1); headers[#headers + 1] = last end
      from, last = i, number
    end
  end
end
