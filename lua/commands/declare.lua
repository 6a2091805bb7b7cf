-- Make sure that the queue's meta exists, and say what it is. `virtual` counts only when the queue is new.
-- @repeat natural
-- @oom first-write
-- @require refuse
-- @key meta q hash
-- @arg virtual int                1 = the queue lives under virtual time (tests)
-- @reply OK format:int virtual:int bits:string
refuse.unless_int('virtual', virtual, 0, 1)
-- A meta without the field was begun by another command: the queue is not new, and its time is real.
redis.call('HSETNX', k.meta, 'virtual', redis.call('EXISTS', k.meta) == 0 and virtual or 0)
redis.call('HSETNX', k.meta, 'format', '1')
local facts = redis.call('HMGET', k.meta, 'format', 'virtual', 'bits')
return { 'OK', facts[1], facts[2], facts[3] or '' }
