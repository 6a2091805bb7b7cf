-- Delayed and retrying jobs whose time has come join the back of the queue.
-- @require record, ready, events, wake
-- @key delayed d zset
-- @key retrying t zset
local due = {}

local function move(key, now, budget, bits)
  local ids = redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now), 'LIMIT', 0, budget)
  if #ids == 0 then return 0 end
  redis.call('ZREM', key, unpack(ids))
  ready.put_back(record.load(ids, string.find(bits, 'p', 1, true)), bits)
  for i = 1, #ids do events.push('w', ids[i]) end
  return #ids
end

-- Moves at most `budget` jobs; returns how many.
function due.promote(now, budget, bits)
  local moved = move(k.delayed, now, budget, bits)
  moved = moved + move(k.retrying, now, math.max(budget - moved, 1), bits)
  wake.some(moved)
  return moved
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

-- How long until then, in ms: what a worker may sleep. -1 if nothing waits for its time.
function due.wait(now)
  local first = due.next()
  return first == 0 and -1 or math.max(first - now, 0)
end
