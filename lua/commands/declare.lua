-- Make sure that the queue's meta exists, and say what it is. `virtual` counts only when the queue is new.
-- @repeat natural
-- @oom first-write
-- @key meta q hash
-- @arg virtual int                1 = the queue lives under virtual time (tests)
-- @reply OK format:int virtual:int bits:string
redis.call('HSETNX', k.meta, 'virtual', virtual)
redis.call('HSETNX', k.meta, 'format', '1')
local facts = redis.call('HMGET', k.meta, 'format', 'virtual', 'bits')
return { 'OK', facts[1], facts[2], facts[3] or '' }
