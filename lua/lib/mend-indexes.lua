-- Mends indexes and counters: each says again what the records say.
-- @require record, side, unique, groups, pausing, mend-records, audit-schedules, audit-numbers
-- @key jobs j hash
-- @key outcomes o hash
-- @key meta q hash
-- @key ids ids zset
-- @key group_of fk hash
-- @key groups fg zset
-- @key members fe:<group> zset
-- @key counts tc zset
-- @key holders uk hash
-- @key expiries uz zset
-- @key lanes l hash
-- @key lane_ages lz zset
-- @key names un set
-- @key group_names gn zset
-- @key over gz zset
-- @key lines ^rn set
-- @key used ^ru hash
-- @key limits ^rm hash
-- @key index si zset
-- @key known sd zset
-- @key named sm zset
-- @key days st:<day> hash
local mend_indexes = {}

-- The job says that it has the tag: the index has kept what its lines have lost.
local function say_tag(id, tag)
  local values = side.of(id).t or {}
  values[#values + 1] = tag
  side.put(id, 't', values)
  mend_records.header(id)
end

-- A key of a group.
local function add_group(name, proof, now)
  if proof == 'name' then redis.call('ZADD', k.group_names, 0, name)
  elseif proof == 'turn' then groups.reset(name)
  else
    local meta = redis.call('HMGET', k.meta, 'group:concurrency', 'group:rate')
    local _, _, per = groups.settings(name, { meta[1], meta[2] })
    redis.call('ZADD', k.over, string.format('%.0f', now + (per or 0)), name)
  end
end

local function hold_key(id, now)
  local key = record.fact(record.facts(redis.call('HGET', k.jobs, id)), 'u')
  unique.hold(key, id, '', now)
end

local ADD = {
  ['fe:'] = function(group, id) redis.call('HSET', k.group_of, id, group) end,
  fk = function(_, id)
    local at = string.match(redis.call('HGET', k.outcomes, id), '^%a(%d+)')
    redis.call('ZADD', k.members .. redis.call('HGET', k.group_of, id), at, id)
  end,
  ['tg:'] = function(tag, id) say_tag(id, tag) end,
  uk = function(_, key)
    redis.call('ZADD', k.expiries, string.match(redis.call('HGET', k.holders, key), '\t(%d+)$'), key)
  end,
  j = function(_, id, proof, now)
    -- The fraction says that its time is over: it is forgotten when the job is gone.
    if proof == 'id' then redis.call('ZADD', k.ids, string.format('%.0f', now) .. '.5', id) else hold_key(id, now) end
  end,
  l = function(_, lane)
    redis.call('ZADD', k.lane_ages, string.match(redis.call('HGET', k.lanes, lane), '^%w%d+,(%d+)'), lane)
  end,
  ['u:'] = function(name) redis.call('SADD', k.names, name) end,
  ['gs:'] = function(name, _, proof, now) add_group(name, proof, now) end,
  ['gr:'] = function(name, _, proof, now) add_group(name, proof, now) end,
  ['g:'] = function(name, _, proof, now) add_group(name, proof, now) end,
  gc = function(_, name) redis.call('ZADD', k.group_names, 0, name) end,
  ['^rw:'] = function(resource) redis.call('SADD', k.lines, resource) end,
  sc = function(_, id) redis.call('ZADD', k.index, 0, id) end,
  ['st:'] = function(day, field)
    if field == '' then redis.call('ZADD', k.known, day, day)
    else redis.call('ZADD', k.named, day, (string.gsub(field, '\t%a$', ''))) end
  end,
}

-- Adds what a finding `missing` asks for; false if that is not an index.
function mend_indexes.add(family, name, member, proof, now)
  if not ADD[family] then return false end
  ADD[family](name, member, proof, now)
  return true
end

-- All are what the names add up to; what all have beyond that counts as of `*`.
local function add_up(day)
  local sums, totals = audit_schedules.sums(day)
  for letter in string.gmatch('cftbxrs', '.') do
    local sum, total = sums[letter] or 0, totals[letter] or 0
    if total > sum then
      local rest = tonumber(redis.call('HGET', k.days .. day, '*\t' .. letter)) or 0
      redis.call('HSET', k.days .. day, '*\t' .. letter, string.format('%.0f', rest + total - sum))
      redis.call('ZADD', k.named, day, '*')
    elseif total < sum then redis.call('HSET', k.days .. day, '\t' .. letter, string.format('%.0f', sum)) end
  end
end

local function set_count(key, name, count)
  if count == '0' then redis.call('ZREM', key, name) else redis.call('ZADD', key, count, name) end
end

-- The counts of all days are no less than those of the days that are kept.
function mend_indexes.add_days()
  for letter, n in pairs(audit_schedules.less()) do redis.call('HSET', k.days .. 'all', '\t' .. letter, string.format('%.0f', n)) end
end

-- Writes what a recount says.
function mend_indexes.recount(family, name, member, count)
  if family == 'fe:' then set_count(k.groups, name, count)
  elseif family == 'tg:' then set_count(k.counts, name, count)
  elseif family == 'st:' then add_up(name)
  elseif family == '^ru' and count == '0' then redis.call('HDEL', k.used, member)
  elseif family == '^ru' then redis.call('HSET', k.used, member, count)
  elseif family == 'sd' then mend_indexes.add_days()
  elseif count == '' then redis.call('HDEL', k.meta, member)
  else redis.call('HSET', k.meta, member, count) end
end

-- Lets a counter from which numbers are given out go on from one that is in use; false if it is not behind. None is lowered that can be read.
function mend_indexes.raise(name, proof)
  local least, _, said = string.find(proof, '^%d+$') and tonumber(proof), audit_numbers.read(name)
  if not least or (said and said >= least) then return false end
  if name == 'pause' then least = pausing.not_below(said or 0, least) end
  redis.call('HSET', name == '\tturn' and k.limits or k.meta, name, string.format('%.0f', least))
  return true
end
