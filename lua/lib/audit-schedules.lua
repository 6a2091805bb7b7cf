-- Of schedules and statistics.
-- @require audit
-- @key definitions sc hash
-- @key paused sp zset
-- @key index si zset
-- @key known sd zset
-- @key named sm zset
-- @key days st:<day> hash
local audit_schedules = {}

local RECORD = '^%w%d+,%d+,%d+\t%w+\t[^\n]*\n'
local SPREAD = '^%d+,[%d.e+-]+,[%d.e+-]+[%d,]*$'

local function stray(key, member, what) audit.report('stray', key, member, what, 'it is taken away') end

function audit_schedules.record(id, text)
  if not string.find(text, RECORD) then
    audit.report('unreadable', 'sc', id, 'the schedule cannot be read', 'it is set aside, and fires no more')
  elseif not redis.call('ZSCORE', k.index, id) then
    audit.report('missing', 'sc', id, 'it is not among all schedules', 'it is')
  end
end

function audit_schedules.entry(key, id)
  if redis.call('HEXISTS', k.definitions, id) == 0 then stray(key, id, 'an entry of a schedule that is not there')
  elseif key == 'sn' and redis.call('ZSCORE', k.paused, id) then stray('sn', id, 'it is paused, and would run') end
end

function audit_schedules.history(id)
  if redis.call('HEXISTS', k.definitions, id) == 0 then stray('sh:' .. id, '', 'the history of a schedule that is not there') end
end

function audit_schedules.line(id, line)
  if not string.find(line, '^%a\t%d+\t%d+$') then
    audit.report('unreadable', 'sh:' .. id, line, 'a line of its history cannot be read', 'it is taken away')
  end
end

-- Per letter what the names of a day add up to, and what is said of all.
function audit_schedules.sums(day)
  local fields, sums, totals = redis.call('HGETALL', k.days .. day), {}, {}
  for i = 1, #fields, 2 do
    local name, letter = string.match(fields[i], '^(.*)\t(%l)$')
    local n = tonumber(fields[i + 1])
    if n and name == '' then totals[letter] = n elseif n and name then sums[letter] = (sums[letter] or 0) + n end
  end
  return sums, totals
end

function audit_schedules.day(day)
  if day == 'all' then return end
  if not redis.call('ZSCORE', k.known, day) then
    audit.report('missing', 'st:' .. day, '', 'the day is not among those of which there are statistics', 'it is', 'day')
  end
  local sums, totals = audit_schedules.sums(day)
  for letter in string.gmatch('cftbxrs', '.') do
    if (sums[letter] or 0) ~= (totals[letter] or 0) then
      audit.report('miscounted', 'st:' .. day, '', 'the counts of the names do not add up to those of all (' .. letter .. ')',
        'all are what the names add up to, and what is missing counts as of *')
    end
  end
end

local LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }

local function totals_of(day)
  local fields = {}
  for i, letter in ipairs(LETTERS) do fields[i] = '\t' .. letter end
  return redis.call('HMGET', k.days .. day, unpack(fields))
end

-- Letter -> what the days add up to, of those of which all days together are said to have less. Days past their time are gone, and
-- still count there.
function audit_schedules.less()
  local sums, less, all = {}, {}, totals_of('all')
  for _, day in ipairs(redis.call('ZRANGE', k.known, 0, 999)) do
    local counts = totals_of(day)
    for i, letter in ipairs(LETTERS) do sums[letter] = (sums[letter] or 0) + (tonumber(counts[i] or 0) or 0) end
  end
  for i, letter in ipairs(LETTERS) do
    if (sums[letter] or 0) > (tonumber(all[i] or 0) or 0) then less[letter] = sums[letter] end
  end
  return less
end

function audit_schedules.days()
  for letter in pairs(audit_schedules.less()) do
    audit.report('miscounted', 'sd', '', 'the counts of all days (' .. letter .. ') are less than those of the days', 'they are as many')
  end
end

function audit_schedules.count(day, field, text)
  local name, letter = string.match(field, '^(.*)\t(%a)$')
  local form = letter and string.find(letter, '[RW]') and SPREAD or '^%d+$'
  if not letter or not string.find(text, form) then
    audit.report('unreadable', 'st:' .. day, field, 'the statistics cannot be read', 'they are taken away')
  elseif name ~= '' and day ~= 'all' and not redis.call('ZSCORE', k.named, name) then
    audit.report('missing', 'st:' .. day, field, 'its name is not among those that are counted', 'it is')
  end
end

function audit_schedules.known_day(day)
  if redis.call('EXISTS', k.days .. day) == 0 then stray('sd', day, 'there are no statistics of the day') end
end

function audit_schedules.minute(field, text)
  if not string.find(text, '^%d+,[%d,]+$') then
    audit.report('unreadable', 'mi', field, 'the counts of a minute cannot be read', 'they are taken away')
  end
end
