-- Forget jobs that wait, for good, as `remove` does: of those that are ready the next ones first, so many a call.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, record, features, lane, ready, erase
-- @key meta q hash
-- @key jobs j hash
-- @key headers m hash
-- @key delayed d zset
-- @key retrying t zset
-- @arg lane_id string
-- @arg seq int
-- @arg state string               waiting, delayed or retrying
-- @arg limit int                  1 to 500
-- @reply OK done:int more:int
-- @reply OLD
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', string.match(answer, '^%d+'), string.match(answer, '%d+$') } end
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
refuse.unless_int('limit', limit, 1, 500)
local SETS = { delayed = k.delayed, retrying = k.retrying }
if state ~= 'waiting' and not SETS[state] then refuse.call('What waits is waiting, delayed or retrying.') end

-- Ids that were taken out of where they waited, and their places, false for one without; how many entries there were.
local function take()
  if state == 'waiting' then return ready.drain(limit, bits) end
  local ids, places = {}, {}
  ready.pop(SETS[state], limit, ids, places)
  return ids, places
end

local ids, places = take()
local gone, headers, ghosts = {}, {}, 0
local stored = #ids > 0 and redis.call('HMGET', k.headers, unpack(ids)) or {}
for i = 1, #ids do
  local is_ghost = places[i] and (redis.call('HSTRLEN', k.jobs, ids[i]) == 0 or places[i] ~= record.place(stored[i]))
  if is_ghost then ghosts = ghosts + 1
  else
    gone[#gone + 1] = ids[i]
    headers[#gone] = stored[i]
  end
end
if ghosts > 0 then redis.call('HINCRBY', k.meta, 'ghosts', -ghosts) end
erase.taken(gone, headers, false)
erase.flush(now, bits)
local more = #ids == limit and 1 or 0
lane.store(lane_id, seq, string.format('%.0f', now), #gone .. ',' .. more)
return { 'OK', #gone, more }
