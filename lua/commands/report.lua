-- What a worker runs at the moment, for people: told again every third of its lease, and forgotten with the epoch.
-- @repeat natural
-- @oom allow
-- @require clock, refuse
-- @key held h:<epoch> hash
-- @key reports wk hash epoch -> lines of id \t token \t since \t attempt \t name
-- @arg epoch string
-- @rest rows id, token, age, attempt, name        age = ms since its handler began; at most 100
-- @reply OK
-- @reply EPOCH_GONE
local now = clock.now(now_arg)
if (#ARGV - REST + 1) % 5 ~= 0 or #ARGV - REST + 1 > 500 then refuse.call('A report has at most 100 rows of five.') end
local lines = {}
for i = REST, #ARGV, 5 do
  for n = i, i + 4 do refuse.unless_name('value of a report', ARGV[n]) end
  local age = tonumber(ARGV[i + 2])
  refuse.unless_int('An age', age, 0, 9007199254740991)
  lines[#lines + 1] = table.concat({ ARGV[i], ARGV[i + 1], string.format('%.0f', now - age), ARGV[i + 3], ARGV[i + 4] }, '\t')
end
if redis.call('HEXISTS', k.held .. epoch, '\topen') == 0 then return { 'EPOCH_GONE' } end
if #lines == 0 then redis.call('HDEL', k.reports, epoch)
else redis.call('HSET', k.reports, epoch, table.concat(lines, '\n') .. '\n') end
return { 'OK' }
