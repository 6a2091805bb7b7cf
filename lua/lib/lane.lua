-- A producer's lane: one call outstanding, seq + 1 each. The last answer is kept, so that a call sent again has one effect.
-- @require refuse
-- @key lanes l hash lane -> format, seq, time \t answer
-- @key lane_ages lz zset lane -> when it was last looked at
local lane = {}

local IDLE_MS = 86400000

-- nil = run it; 'OLD' = a later call has been answered; else true and the answer of this very call.
function lane.answer(id, seq)
  -- Not by functions of `refuse`: each that a call needs is built anew, and no other call is as frequent.
  if not string.find(id, '^%C+$') then refuse.call('The lane is empty or has a control character.') end
  if not seq or seq < 1 or seq > 9007199254740991 or seq % 1 ~= 0 then
    refuse.call('seq is not a whole number from 1 to 9007199254740991.')
  end
  local stored = redis.call('HGET', k.lanes, id)
  if not stored then return nil end
  local last, answer = string.match(stored, '^1(%d+),%d+\t(.*)$')
  last = tonumber(last)
  if seq > last then return nil end
  if seq < last then return 'OLD' end
  return true, answer
end

-- `at` is the time as text.
function lane.store(id, seq, at, answer)
  local text = '1' .. string.format('%d', seq) .. ',' .. at .. '\t' .. answer
  if redis.call('HSET', k.lanes, id, text) == 1 then redis.call('ZADD', k.lane_ages, at, id) end
end

-- Forgets lanes idle for a day, looking at `budget` of the oldest; true if there may be more. A client gives up a lane after
-- an hour.
function lane.prune(now, budget)
  local old = redis.call('ZRANGEBYSCORE', k.lane_ages, '-inf', string.format('%.0f', now - IDLE_MS), 'LIMIT', 0, budget)
  for _, id in ipairs(old) do
    local stored = redis.call('HGET', k.lanes, id)
    local used = stored and tonumber(string.match(stored, '^1%d+,(%d+)'))
    if used and used > now - IDLE_MS then redis.call('ZADD', k.lane_ages, string.format('%.0f', used), id)
    else redis.call('ZREM', k.lane_ages, id); redis.call('HDEL', k.lanes, id) end
  end
  return #old == budget
end
