-- Ask whether the queue may be deleted, and pause it if so: from then on nothing starts, and its keys can be taken away.
-- @repeat natural
-- @oom allow
-- @require refuse, holds
-- @key meta q hash
-- @key leases L zset
-- @arg force int                  1 = also while jobs run
-- @reply OK
-- @reply ACTIVE jobs:int          so many run, and nothing was done
refuse.unless_int('force', force, 0, 1)
local active = 0
for _, epoch in ipairs(redis.call('ZRANGE', k.leases, 0, -1)) do active = active + holds.count(epoch) end
if active > 0 and force == 0 then return { 'ACTIVE', active } end
local pause = tonumber(redis.call('HGET', k.meta, 'pause')) or 0
if pause % 2 == 0 then redis.call('HSET', k.meta, 'pause', pause + 1) end
return { 'OK' }
