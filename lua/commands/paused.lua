-- Is the queue paused, and which live epochs have not yet obeyed the latest change?
-- @repeat read
-- @key meta q hash
-- @key leases L zset
-- @key held h:<epoch> hash
-- @reply OK pause:int behind:int
local pause = tonumber(redis.call('HGET', k.meta, 'pause')) or 0
local behind = 0
for _, epoch in ipairs(redis.call('ZRANGE', k.leases, 0, 999)) do
  local facts = redis.call('HMGET', k.held .. epoch, '\topen', '\tpause')
  if facts[1] and (tonumber(facts[2]) or 0) < pause then behind = behind + 1 end
end
return { 'OK', pause, behind }
