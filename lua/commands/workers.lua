-- The live workers of the queue: epoch, when its lease ends, how many jobs it holds, and what it says of itself.
-- @repeat read
-- @require holds
-- @key leases L zset
-- @key workers ws hash
-- @reply OK rows:strings?         epoch, lease end, jobs held, info; four each
local rows = {}
local live = redis.call('ZRANGE', k.leases, 0, 999, 'WITHSCORES')
for i = 1, #live, 2 do
  rows[#rows + 1] = live[i]
  rows[#rows + 1] = live[i + 1]
  rows[#rows + 1] = tostring(#holds.ids(live[i]))
  rows[#rows + 1] = redis.call('HGET', k.workers, live[i])
end
return { 'OK', rows }
