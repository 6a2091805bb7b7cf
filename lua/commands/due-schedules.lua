-- Schedules whose time has come, the most overdue first, and the time.
-- @repeat read
-- @require clock, refuse, schedules
-- @key firing sn zset
-- @arg skip int                   so many are passed over, so that workers which look at once need not take the same
-- @arg limit int                  1 to 100
-- @reply OK now:int rows:strings  as of `get-schedules`
local now = clock.now(now_arg)
refuse.unless_int('skip', skip, 0, 9007199254740991)
refuse.unless_int('limit', limit, 1, 100)
local rows, at = {}, string.format('%.0f', now)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', k.firing, '-inf', at, 'LIMIT', skip, limit)) do schedules.push(rows, id) end
return { 'OK', at, rows }
