-- How much happened in each of the last minutes, the newest last.
-- @repeat read
-- @require clock, refuse
-- @key minutes mi hash
-- @arg count int                  1 to 1,440 minutes, the present one included
-- @reply OK minute:int rows:strings       counts of c f t b x r s, comma-separated, '' = nothing; minute = the present one, since 1970
local now = clock.now(now_arg)
refuse.unless_int('count', count, 1, 1440)
local present, fields, rows = math.floor(now / 60000), {}, {}
for i = 1, count do fields[i] = (present - count + i) % 1440 end
for i, text in ipairs(redis.call('HMGET', k.minutes, unpack(fields))) do
  local minute, counts = string.match(text or '', '^(%d+),(.*)$')
  rows[i] = tonumber(minute) == present - count + i and counts or ''
end
return { 'OK', present, rows }
