-- Pages through the open batches, the one that fires first first: name, key, size, time of the first, when it fires.
-- @repeat read
-- @require refuse, listing, aggregation
-- @key times ad zset
-- @key batch ab:<number> list
-- @arg cursor string              '' begins
-- @arg limit int                  1 to 1,000
-- @reply OK rows:strings cursor:string      five a batch; '' at the end
refuse.unless_int('limit', limit, 1, 1000)
local numbers, rows = {}, {}
local next_cursor = listing.sorted(k.times, cursor, limit, false, numbers)
for _, number in ipairs(numbers) do
  local _, first, _, identity = aggregation.read(number)
  local length, rest = string.match(identity, '^(%d+):(.*)$')
  rows[#rows + 1] = string.sub(rest, 1, length)
  rows[#rows + 1] = string.sub(rest, length + 2)
  rows[#rows + 1] = tostring(redis.call('LLEN', k.batch .. number))
  rows[#rows + 1] = string.format('%.0f', first)
  rows[#rows + 1] = redis.call('ZSCORE', k.times, number)
end
return { 'OK', rows, next_cursor }
