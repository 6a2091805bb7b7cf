-- Jobs that wait for their batch. Those of one name and key gather in an open batch; when it fires it becomes an entry of the
-- ready list, `\tb<number>`, which no job can have, and a worker leases all its members at once (`units`).
-- @require ready, events, wake
-- @key gathered ag zset id -> number of its batch
-- @key batch ab:<number> list its ids, in the order in which they came
-- @key facts af hash number -> priority , time of the first , most \t identity
-- @key open ao hash identity -> number of the open batch
-- @key times ad zset number of an open batch -> when it fires
-- @key meta q hash
local aggregation = {}

local MAX_SIZE = 1000

local joining = {}

-- Name and key, so that no two pairs are one.
function aggregation.identity(name, key) return #name .. ':' .. name .. ':' .. key end

-- An end `a`: its text is grace , delay , most , key.
function aggregation.join(e, row)
  local grace, delay, most, key = string.match(e.body, '^(%d+),(%d+),(%d+),(%C*)$')
  local identity = aggregation.identity(e.name, key)
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
  events.push('o', e.id, e.name)
end

-- Priority, time of the first, most, identity; nil if there is no such batch.
function aggregation.read(number)
  local text = redis.call('HGET', k.facts, number)
  if not text then return nil end
  local priority, first, most, identity = string.match(text, '^(%-?%d+),(%d+),(%d+)\t(.*)$')
  return tonumber(priority), tonumber(first), tonumber(most), identity
end

local function write(number, priority, first, most, identity)
  redis.call('HSET', k.facts, number, priority .. ',' .. string.format('%.0f', first) .. ',' .. most .. '\t' .. identity)
end

-- How a batch stands among the jobs that wait for a worker.
function aggregation.row(number, priority)
  return { id = '\tb' .. number, header = { place = '0' }, priority = priority }
end

-- Lets an open batch run: to the back of the queue, as urgent as its most urgent member was when it joined.
function aggregation.fire(number, bits)
  local priority, _, _, identity = aggregation.read(number)
  redis.call('ZREM', k.times, number)
  -- Nothing is known of it any more.
  if not priority then return end
  redis.call('HDEL', k.open, identity)
  ready.put_back({ aggregation.row(number, priority) }, bits)
  redis.call('HINCRBY', k.meta, 'batches', 1)
  wake.some(1)
end

-- The open batch of the identity, made if there is none: its number, priority, time of the first, size.
local function opened(identity, group, now)
  local number = redis.call('HGET', k.open, identity)
  local priority, first
  if number then priority, first = aggregation.read(number) end
  if priority then
    return number, math.max(priority, group.priority), first, redis.call('LLEN', k.batch .. number)
  end
  number = string.format('%.0f', redis.call('HINCRBY', k.meta, 'batch', 1))
  redis.call('HSET', k.open, identity, number)
  return number, group.priority, now, 0
end

local function add(identity, group, from, now, bits)
  local number, priority, first, size = opened(identity, group, now)
  local last = math.min(#group.ids, from + math.max(1, group.most - size) - 1)
  local scores = {}
  for i = from, last do scores[#scores + 1] = number; scores[#scores + 1] = group.ids[i] end
  redis.call('RPUSH', k.batch .. number, unpack(group.ids, from, last))
  redis.call('ZADD', k.gathered, unpack(scores))
  write(number, priority, first, group.most, identity)
  redis.call('ZADD', k.times, string.format('%.0f', math.min(now + group.grace, first + group.delay)), number)
  if size + last - from + 1 >= group.most then aggregation.fire(number, bits) end
  return last + 1
end

-- Puts what was collected into batches; one that is full fires.
function aggregation.flush(now, bits)
  for _, identity in ipairs(joining) do
    local group, from = joining[identity], 1
    while from <= #group.ids do from = add(identity, group, from, now, bits) end
  end
  joining = {}
end

-- Fires batches whose time has come, `budget` at most; true if there may be more.
function aggregation.fire_due(now, budget, bits)
  if not string.find(bits, 'b', 1, true) then return false end
  local numbers = redis.call('ZRANGEBYSCORE', k.times, '-inf', string.format('%.0f', now), 'LIMIT', 0, budget)
  for _, number in ipairs(numbers) do aggregation.fire(number, bits) end
  return #numbers == budget
end

-- Takes a member out. A batch without members is none; where it had fired, its entry goes.
function aggregation.withdraw(id, number)
  redis.call('ZREM', k.gathered, id)
  redis.call('LREM', k.batch .. number, 1, id)
  if redis.call('EXISTS', k.batch .. number) == 1 then return end
  local _, _, _, identity = aggregation.read(number)
  if not identity then return end
  redis.call('HDEL', k.facts, number)
  if redis.call('ZREM', k.times, number) == 1 then redis.call('HDEL', k.open, identity)
  else
    redis.call('HINCRBY', k.meta, 'batches', -1)
    ready.drop('\tb' .. number)
  end
end

-- A batch leaves the queue, or its first `n` members do, to a worker.
function aggregation.hand_over(number, ids)
  redis.call('ZREM', k.gathered, unpack(ids))
  redis.call('LTRIM', k.batch .. number, #ids, -1)
  if redis.call('EXISTS', k.batch .. number) == 1 then return true end
  redis.call('HDEL', k.facts, number)
  redis.call('HINCRBY', k.meta, 'batches', -1)
  return false
end
