-- Delayed and retrying jobs whose time has come join the back of the queue.
-- @require record, ready, events, wake
-- @key headers m hash
-- @key delayed d zset
-- @key retrying t zset
-- @key firing sn zset
-- @key times ad zset
local due = {}

local function move(key, now, budget, bits)
  local ids = redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now), 'LIMIT', 0, budget)
  if #ids == 0 then return 0 end
  redis.call('ZREM', key, unpack(ids))
  due.put_back(ids, bits)
  return #ids
end

-- Jobs that were taken out of a set in which they waited go to the back of the queue.
function due.put_back(ids, bits)
  if #ids == 0 then return end
  local stored, rows = redis.call('HMGET', k.headers, unpack(ids)), {}
  for i = 1, #ids do
    rows[i] = record.row(ids[i], stored[i], '')
    events.push('w', ids[i])
  end
  ready.put_back(rows, bits)
end

-- Adds delayed jobs: time, id, time, id … A new head of them wakes a worker, so that it sets its timer.
function due.delay(rows)
  local first = due.next()
  redis.call('ZADD', k.delayed, unpack(rows))
  if first == 0 or due.next() < first then wake.some(1) end
end

-- Moves at most `budget` jobs, and of each kind at least half of it; true if there are more.
function due.promote(now, budget, bits)
  local half = math.ceil(budget / 2)
  local retried = move(k.retrying, now, half, bits)
  local most = math.max(budget - retried, 1)
  local moved = move(k.delayed, now, most, bits)
  wake.some(moved + retried)
  return retried == half or moved == most
end

-- When the next job falls due, in ms; 0 if none waits for its time.
function due.next()
  local first = 0
  for _, key in ipairs({ k.delayed, k.retrying }) do
    local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if head[2] and (first == 0 or tonumber(head[2]) < first) then first = tonumber(head[2]) end
  end
  return first
end

-- How many schedules are due: they fire only where a worker works out their next times.
function due.schedules(now, bits)
  return string.find(bits, 's', 1, true) and redis.call('ZCOUNT', k.firing, '-inf', string.format('%.0f', now)) or 0
end

-- How long until then, or until a schedule or a batch fires, in ms: what a worker may sleep. -1 if nothing waits for its time. Schedules
-- that are due already do not count: a worker that cannot fire them must not ask without end.
function due.wait(now, bits)
  local first = 0
  -- As `next` does, which a worker that parks would have to build first.
  local sets = { k.delayed, k.retrying, bits ~= '' and string.find(bits, 'b', 1, true) and k.times or nil }
  for i = 1, #sets do
    local head = redis.call('ZRANGE', sets[i], 0, 0, 'WITHSCORES')[2]
    if head and (first == 0 or tonumber(head) < first) then first = tonumber(head) end
  end
  if bits ~= '' and string.find(bits, 's', 1, true) then
    local coming = redis.call('ZRANGEBYSCORE', k.firing, '(' .. string.format('%.0f', now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    local at = tonumber(coming[2])
    if at and (first == 0 or at < first) then first = at end
  end
  return first == 0 and -1 or math.max(first - now, 0)
end
