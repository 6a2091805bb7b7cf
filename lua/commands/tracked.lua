-- The ids that are tracked, the one that was tracked first at the head.
-- @repeat read
-- @key tracked tk zset
-- @reply OK ids:strings
return { 'OK', redis.call('ZRANGE', k.tracked, 0, -1) }
