-- Is the queue paused, and which live epochs have not yet obeyed the latest change? One whose lease is over starts nothing
-- before it has renewed, and hears of the pause by that.
-- @repeat read
-- @require clock
-- @key meta q hash
-- @key leases L zset
-- @key held h:<epoch> hash
-- @reply OK pause:int behind:int
local now = clock.now(now_arg)
local pause = tonumber(redis.call('HGET', k.meta, 'pause')) or 0
local behind = 0
local live = redis.call('ZRANGEBYSCORE', k.leases, '(' .. string.format('%.0f', now), '+inf', 'LIMIT', 0, 1000)
for _, epoch in ipairs(live) do
  local facts = redis.call('HMGET', k.held .. epoch, '\topen', '\tpause')
  if facts[1] and (tonumber(facts[2]) or 0) < pause then behind = behind + 1 end
end
return { 'OK', pause, behind }
