-- What was counted on each of the last days (UTC) for all names together, the newest last.
-- @repeat read
-- @require clock, refuse, stats
-- @arg days int                   1 to 400, today included
-- @reply OK day:int rows:strings?       nine values a day, as of `day-stats`; day = today
local now = clock.now(now_arg)
refuse.unless_int('days', days, 1, 400)
local today, rows = stats.day(now), {}
for day = today - days + 1, today do
  for _, value in ipairs(stats.read(day, '')) do rows[#rows + 1] = value end
end
return { 'OK', today, rows }
