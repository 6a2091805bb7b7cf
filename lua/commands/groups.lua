-- What is known of groups that have jobs waiting or running, or settings of their own, by name.
-- @repeat read
-- @require refuse
-- @key in_group g:<group> zset
-- @key group_held gs:<group> set
-- @key group_names gn zset
-- @key group_settings gc hash
-- @arg after string               the last name of the page before, '' = from the start
-- @arg limit int                  1 to 1,000
-- @reply OK rows:strings more:int       four values each: name, waiting, active, settings (concurrency;count,ms;p)
refuse.unless_int('limit', limit, 1, 1000)
local names = redis.call('ZRANGEBYLEX', k.group_names, after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, limit + 1)
local rows = {}
for i = 1, math.min(limit, #names) do
  local name = names[i]
  rows[#rows + 1] = name
  rows[#rows + 1] = tostring(redis.call('ZCARD', k.in_group .. name))
  rows[#rows + 1] = tostring(redis.call('SCARD', k.group_held .. name))
  rows[#rows + 1] = redis.call('HGET', k.group_settings, name) or ';;'
end
return { 'OK', rows, #names > limit and 1 or 0 }
