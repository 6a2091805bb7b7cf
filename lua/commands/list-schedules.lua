-- A page of the schedules, in the order of their ids, and the time.
-- @repeat read
-- @require clock, refuse, schedules
-- @key index si zset
-- @arg after string               the last id of the page before; '' = from the start
-- @arg limit int                  1 to 100
-- @reply OK now:int rows:strings  as of `get-schedules`; fewer than `limit` = no more
local now = clock.now(now_arg)
refuse.unless_int('limit', limit, 1, 100)
local rows = {}
local from = after == '' and '-' or '(' .. after
for _, id in ipairs(redis.call('ZRANGEBYLEX', k.index, from, '+', 'LIMIT', 0, limit)) do schedules.push(rows, id) end
return { 'OK', string.format('%.0f', now), rows }
