-- What happened, counted on the day (UTC) and in the minute in which it happened: of the queue, and of each job name. What
-- ends otherwise than by success is counted here, where it ends; successes, runs and waits are what workers tell by `tally`.
-- Letters: c completed f failed t timed_out b broken x cancelled, r attempts that failed and are tried again, s stalls.
-- @require record
-- @key jobs j hash
-- @key days st:<day> hash `<name>\t<letter>` -> count; `<name>\tR` runs, `<name>\tW` waits; the name '' stands for all; <day> = days since 1970, or `all` for the counts of all days
-- @key known sd zset day -> day
-- @key named sm zset name -> last day on which it was counted
-- @key minutes mi hash minute of the day -> `<minute since 1970>,` and the counts, in the order of LETTERS
local stats = {}

local DAY_MS, MINUTE_MS, DAY_MINUTES = 86400000, 60000, 1440
local KEPT_DAYS = 90
-- Names counted by themselves; the rest are counted together.
local MAX_NAMES = 1000
local REST_NAME = '*'

stats.LETTERS = { 'c', 'f', 't', 'b', 'x', 'r', 's' }

local counted, order = {}, {}

function stats.count(name, letter, n)
  if n == 0 then return end
  local counts = counted[name]
  if not counts then counts = {}; counted[name] = counts; order[#order + 1] = name end
  counts[letter] = (counts[letter] or 0) + n
end

-- Counts what happened to one job. Where its name is not at hand, its record is still there: `called` is what that says.
function stats.count_job(job, letter)
  local name = job.name
  if not name or name == '' then name = record.name(redis.call('HGET', k.jobs, job.id) or '') end
  job.called = name
  stats.count(name, letter, 1)
end

function stats.day(at) return math.floor(at / DAY_MS) end

-- The name under which a job is counted.
function stats.known_name(name, day)
  local last = redis.call('ZSCORE', k.named, name)
  if not last and redis.call('ZCARD', k.named) >= MAX_NAMES then name = REST_NAME end
  if not last or tonumber(last) < day then redis.call('ZADD', k.named, day, name) end
  return name
end

-- There are counts of this day from now on.
function stats.note_day(day) redis.call('ZADD', k.known, day, day) end

local function add_to_minute(at, totals)
  local minute = math.floor(at / MINUTE_MS)
  local field, counts = minute % DAY_MINUTES, {}
  local stored = redis.call('HGET', k.minutes, field)
  local since, rest = string.match(stored or '', '^(%d+)(.*)$')
  -- What is older than a day is not told any more.
  if since and tonumber(since) > minute then return end
  if tonumber(since) ~= minute then rest = '' end
  for n in string.gmatch(rest, '%d+') do counts[#counts + 1] = tonumber(n) end
  for i, letter in ipairs(stats.LETTERS) do counts[i] = string.format('%.0f', (counts[i] or 0) + (totals[letter] or 0)) end
  redis.call('HSET', k.minutes, field, string.format('%.0f', minute) .. ',' .. table.concat(counts, ','))
end

-- Writes what was counted, as of a time.
function stats.flush(at)
  if #order == 0 then return end
  local day, totals = stats.day(at), {}
  local key = k.days .. day
  stats.note_day(day)
  for _, name in ipairs(order) do
    local known = stats.known_name(name, day)
    for letter, n in pairs(counted[name]) do
      redis.call('HINCRBY', key, known .. '\t' .. letter, n)
      totals[letter] = (totals[letter] or 0) + n
    end
  end
  for letter, n in pairs(totals) do
    redis.call('HINCRBY', key, '\t' .. letter, n)
    redis.call('HINCRBY', k.days .. 'all', '\t' .. letter, n)
  end
  add_to_minute(at, totals)
  counted, order = {}, {}
end

-- Deletes days that are kept no longer, ten at most, and names that were not counted since; true if there are more.
function stats.prune(now, kept_days)
  local last = stats.day(now) - (tonumber(kept_days) or KEPT_DAYS)
  local old = redis.call('ZRANGEBYSCORE', k.known, '-inf', last, 'LIMIT', 0, 10)
  if #old == 0 then return false end
  for _, day in ipairs(old) do redis.call('UNLINK', k.days .. day) end
  redis.call('ZREM', k.known, unpack(old))
  redis.call('ZREMRANGEBYSCORE', k.named, '-inf', last)
  return #old == 10
end

-- The values of a name on a day, in the order of LETTERS, then its runs and its waits; false = none.
function stats.read(day, name)
  local fields = {}
  for i, letter in ipairs(stats.LETTERS) do fields[i] = name .. '\t' .. letter end
  fields[#fields + 1] = name .. '\tR'
  fields[#fields + 1] = name .. '\tW'
  return redis.call('HMGET', k.days .. day, unpack(fields))
end
