-- Schedules by their ids, and the time; those that do not exist are left out.
-- @repeat read
-- @require clock, refuse, schedules
-- @rest ids id
-- @reply OK now:int rows:strings  four values each: id, state (running, paused, over), next time, record
local now = clock.now(now_arg)
if #ARGV - REST + 1 > 100 then refuse.call('More than 100 schedules in one call.') end
local rows = {}
for i = REST, #ARGV do schedules.push(rows, ARGV[i]) end
return { 'OK', string.format('%.0f', now), rows }
