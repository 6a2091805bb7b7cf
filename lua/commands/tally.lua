-- What a worker has counted since it told last: successes, how long attempts ran, and how long jobs had waited for them. Without
-- rows it only asks for the time.
-- @repeat lane
-- @oom first-write
-- @require clock, refuse, lane, stats, spread
-- @key days st:<day> hash
-- @arg lane_id string
-- @arg seq int
-- @arg age int                    how many ms ago that was
-- @rest rows name, completed, runs, waits       names of jobs, each once; spreads as in lua/records.md, '' = none
-- @reply OK now:int
-- @reply OLD
local now = clock.now(now_arg)
local again = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', now } end
refuse.unless_int('age', age, 0, 86400000)
refuse.unless_rows(#ARGV - REST + 1, 4)
if #ARGV - REST + 1 > 400 then refuse.call('More than 100 names in one call.') end
local rows = {}
for i = REST, #ARGV, 4 do
  refuse.unless_name('name', ARGV[i])
  local row = { name = ARGV[i], completed = tonumber(ARGV[i + 1]), R = spread.parse(ARGV[i + 2]), W = spread.parse(ARGV[i + 3]) }
  refuse.unless_int('completed', row.completed, 0, 9007199254740991)
  rows[#rows + 1] = row
end

-- Adds the spreads of the rows to those of the day, by name and for all names.
local function add(day)
  local fields, sums = {}, {}
  local function put(name, kind, more)
    local field = name .. '\t' .. kind
    if sums[field] then sums[field] = spread.merge(sums[field], more)
    elseif more.count > 0 then
      sums[field] = more
      fields[#fields + 1] = field
    end
  end
  for _, row in ipairs(rows) do
    local name = stats.known_name(row.name, day)
    for _, kind in ipairs({ 'R', 'W' }) do
      put(name, kind, row[kind])
      put('', kind, row[kind])
    end
  end
  if #fields == 0 then return end
  stats.note_day(day)
  local stored, values = redis.call('HMGET', k.days .. day, unpack(fields)), {}
  for i, field in ipairs(fields) do
    values[#values + 1] = field
    values[#values + 1] = spread.text(spread.merge(spread.parse(stored[i] or ''), sums[field]))
  end
  redis.call('HSET', k.days .. day, unpack(values))
end

if #rows == 0 then return { 'OK', now } end
lane.store(lane_id, seq, string.format('%.0f', now), '')
for _, row in ipairs(rows) do stats.count(row.name, 'c', row.completed) end
stats.flush(now - age)
add(stats.day(now - age))
return { 'OK', now }
