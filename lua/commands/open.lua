-- Open an epoch: the identity under which one worker holds jobs of this queue. Only this command creates one.
-- @repeat natural
-- @oom allow
-- @require clock, refuse, features
-- @key meta q hash
-- @key held h:<epoch> hash
-- @key leases L zset
-- @key workers ws hash
-- @key names un set
-- @arg epoch string               a fresh random nonce
-- @arg version int                the release of the protocol that the worker speaks
-- @arg lease int                  ms without renewal after which its jobs are taken back, 100 or more
-- @arg info string                what the worker says of itself, for people
-- @reply OK lease:int pause:int bits:string unclaimed:strings
-- @reply UPGRADE bits:string
local now = clock.now(now_arg)
refuse.unless_name('epoch', epoch)
refuse.unless_int('version', version, 0, 1000000)
refuse.unless_int('lease', lease, 100, 1000000000)
local meta = redis.call('HMGET', k.meta, 'bits', 'lease', 'pause')
local bits = meta[1] or ''
if not features.are_known(bits) then return { 'UPGRADE', bits } end
-- An epoch that is being emptied is not opened again: a late copy of this call would bring it back to life.
if redis.call('EXISTS', k.held .. epoch) == 0 then
  -- A value this long makes the hash a table: small hashes are lists, and a look-up reads through one. With the hundreds of
  -- jobs that a busy worker holds that took a third of the server's time.
  redis.call('HSET', k.held .. epoch, '\topen', version .. ',' .. lease .. ',' .. string.format('%.0f', now),
    '\ttable', string.rep('-', 65))
  redis.call('ZADD', k.leases, string.format('%.0f', now + lease), epoch)
  redis.call('HSET', k.workers, epoch, info)
  -- Somebody has looked: an outage before the first housekeeping is one all the same.
  redis.call('HSETNX', k.meta, 'seen', string.format('%.0f', now))
end
return { 'OK', meta[2] or 0, meta[3] or 0, bits, redis.call('SMEMBERS', k.names) }
