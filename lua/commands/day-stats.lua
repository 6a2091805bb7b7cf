-- What was counted on a day (UTC) for names of jobs, '' for all. Without names: those that were counted on any day.
-- @repeat read
-- @require clock, refuse, stats
-- @key named sm zset
-- @arg day string                 days since 1970, '' = today; `all` = counts of all days, for all names together
-- @rest names name                100 at most
-- @reply OK day:int rows:strings?       nine values a name: counts of c f t b x r s, spreads of runs and of waits; null =
--   none; without names, the names. day = today
local now = clock.now(now_arg)
local today = stats.day(now)
if day ~= 'all' and not string.find(day, '^%d?%d?%d?%d?%d?%d?$') then refuse.call('The day is no number of days since 1970.') end
if #ARGV - REST + 1 > 100 then refuse.call('More than 100 names in one call.') end
if #ARGV < REST then return { 'OK', today, redis.call('ZRANGE', k.named, 0, -1) } end
local rows = {}
for i = REST, #ARGV do
  for _, value in ipairs(stats.read(day == '' and today or day, ARGV[i])) do rows[#rows + 1] = value end
end
return { 'OK', today, rows }
