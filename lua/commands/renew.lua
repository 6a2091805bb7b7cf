-- Renew an epoch's lease. The answer carries what changed: lease length, pause number, runs that were taken away. A worker that obeys
-- a higher pause number than the queue has is told by a higher one what holds: see `pausing`.
-- @repeat natural
-- @oom allow
-- @require clock, refuse, taken, pausing
-- @key meta q hash
-- @key held h:<epoch> hash
-- @key leases L zset
-- @arg epoch string
-- @arg lease int                  ms, as the worker renews from now on
-- @arg received int               the last number of `taken` that the worker has seen
-- @arg pause int                  the pause number that the worker obeys
-- @reply OK lease:int pause:int bits:string taken:string
-- @reply EPOCH_GONE
local now = clock.now(now_arg)
refuse.unless_int('lease', lease, 100, 1000000000)
refuse.unless_int('received', received, 0, 9007199254740991)
refuse.unless_int('pause', pause, 0, 9007199254740990)
local key = k.held .. epoch
local facts = redis.call('HMGET', key, '\topen', '\ttaken', '\tpause', '\tgrace')
if not facts[1] then return { 'EPOCH_GONE' } end
redis.call('ZADD', k.leases, 'XX', string.format('%.0f', now + lease), epoch)
local version, old, since = string.match(facts[1], '^(%d+),(%d+),(%d+)$')
if facts[4] then redis.call('HDEL', key, '\tgrace') end
if tonumber(old) ~= lease then redis.call('HSET', key, '\topen', version .. ',' .. lease .. ',' .. since) end
if (tonumber(facts[3]) or 0) < pause then redis.call('HSET', key, '\tpause', pause) end
local queue = redis.call('HMGET', k.meta, 'lease', 'pause', 'bits')
local said = tonumber(queue[2] or 0) or 0
if said < pause then
  said = pausing.not_below(said, pause)
  redis.call('HSET', k.meta, 'pause', string.format('%.0f', said))
end
return { 'OK', queue[1] or 0, said, queue[3] or '', facts[2] and taken.pending(epoch, facts[2], received) or '' }
