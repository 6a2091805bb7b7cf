-- How many jobs are in each state, and how many of the waiting have no handler: sizes of collections; no
-- record is read.
-- @repeat read
-- @require holds, completed
-- @key meta q hash
-- @key ready r list
-- @key front rf list
-- @key above pp zset
-- @key below pn zset
-- @key wanting wr zset
-- @key grouped gw zset
-- @key delayed d zset
-- @key retrying t zset
-- @key leases L zset
-- @key names un set
-- @key unclaimed u:<name> zset
-- @key finished f:<state> zset
-- @key own y:<state> zset
-- @key gathered ag zset
-- @key blocked b zset
-- @reply OK waiting:int unclaimed:int delayed:int retrying:int active:int finished:strings names:strings aggregating:int blocked:int
local meta = redis.call('HMGET', k.meta, 'ghosts', 'batches')
local waiting = redis.call('LLEN', k.ready) + redis.call('LLEN', k.front) - (tonumber(meta[1]) or 0) - (tonumber(meta[2]) or 0)
  + redis.call('ZCARD', k.above) + redis.call('ZCARD', k.below) + redis.call('ZCARD', k.wanting)
  + redis.call('ZCARD', k.grouped)
local unclaimed, names = 0, {}
for _, name in ipairs(redis.call('SMEMBERS', k.names)) do
  local n = redis.call('ZCARD', k.unclaimed .. name)
  unclaimed = unclaimed + n
  names[#names + 1] = name
  names[#names + 1] = tostring(n)
end
local active = 0
for _, epoch in ipairs(redis.call('ZRANGE', k.leases, 0, -1)) do active = active + holds.count(epoch) end
local finished = {}
for _, state in ipairs({ 'completed', 'failed', 'timed_out', 'broken', 'cancelled' }) do
  local kept = state == 'completed' and completed.count() or redis.call('ZCARD', k.finished .. state)
  finished[#finished + 1] = tostring(kept + redis.call('ZCARD', k.own .. state))
end
return { 'OK', waiting + unclaimed, unclaimed, redis.call('ZCARD', k.delayed), redis.call('ZCARD', k.retrying), active, finished, names,
  redis.call('ZCARD', k.gathered), redis.call('ZCARD', k.blocked) }
