-- What failed for good, by what went wrong: the groups with most jobs first, or the jobs of one group, oldest end first.
-- @repeat read
-- @require refuse, listing
-- @key groups fg zset
-- @key members fe:<group> zset
-- @arg group string               '' = the groups
-- @arg cursor string              '' = from the start, else what the last page said
-- @arg limit int                  1 to 1,000
-- @arg reverse int                1 = newest end first (of one group)
-- @reply OK rows:strings cursor:string      of each group five values: its name, how many jobs, the first end, the last
--   end, and the job of that; of one group ids. cursor '' = no more
refuse.unless_int('limit', limit, 1, 1000)
local rows = {}
if group ~= '' then return { 'OK', rows, listing.sorted(k.members .. group, cursor, limit, reverse == 1, rows) } end
if not string.find(cursor, '^%d*$') then listing.refuse_cursor() end
local from = tonumber(cursor) or 0
local found = redis.call('ZREVRANGE', k.groups, from, from + limit - 1, 'WITHSCORES')
for i = 1, #found, 2 do
  local key = k.members .. found[i]
  local first, last = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES'), redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  for _, value in ipairs({ found[i], found[i + 1], first[2], last[2], last[1] }) do rows[#rows + 1] = value end
end
return { 'OK', rows, #found == 2 * limit and tostring(from + limit) or '' }
