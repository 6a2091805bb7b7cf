-- Open an epoch: the identity under which one worker holds jobs of this queue. Only this command creates one.
-- @repeat natural
-- @oom allow
-- @require clock, features
-- @key meta q hash
-- @key held h:<epoch> hash
-- @key leases L zset
-- @key workers ws hash
-- @key names un set
-- @arg epoch string               a fresh random nonce
-- @arg version int                the release of the protocol that the worker speaks
-- @arg lease int                  ms without renewal after which its jobs are taken back
-- @arg info string                what the worker says of itself, for people
-- @reply OK lease:int pause:int bits:string unclaimed:strings
-- @reply UPGRADE bits:string
local now = clock.now(now_arg)
local facts = redis.call('HMGET', k.meta, 'bits', 'lease', 'pause')
local bits = facts[1] or ''
if not features.are_known(bits) then return { 'UPGRADE', bits } end
if redis.call('HSETNX', k.held .. epoch, '\topen', version .. ',' .. lease .. ',' .. string.format('%.0f', now)) == 1 then
  redis.call('ZADD', k.leases, string.format('%.0f', now + lease), epoch)
  redis.call('HSET', k.workers, epoch, info)
end
return { 'OK', facts[2] or 0, facts[3] or 0, bits, redis.call('SMEMBERS', k.names) }
