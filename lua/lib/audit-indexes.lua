-- Of indexes that say the same as the records in another order: groups of failures, tags, unique keys, lanes, waits.
-- @require record, side, unique, audit, audit-homes
-- @key whole . string
-- @key jobs j hash
-- @key group_of fk hash
-- @key groups fg zset
-- @key members fe:<group> zset
-- @key counts tc zset
-- @key holders uk hash
-- @key expiries uz zset
-- @key lanes l hash
-- @key lane_ages lz zset
-- @key names un set
local audit_indexes = {}

local function stray(key, member, what) audit.report('stray', key, member, what, 'it is taken away') end

-- Of a sorted set of names, each with a key of its own.
function audit_indexes.name(key, family, name)
  if redis.call('EXISTS', k.whole .. ':' .. family .. name) == 0 then stray(key, name, 'there is none such') end
end

local function has_failed(id)
  local letter = audit_homes.exists(id) and audit_homes.letter(id)
  return letter and string.find(letter, '[ftb]') ~= nil
end

function audit_indexes.failures(group)
  local count = redis.call('ZCARD', k.members .. group)
  if tonumber(redis.call('ZSCORE', k.groups, group) or 0) ~= count then
    audit.report('miscounted', 'fe:' .. group, '', 'it has ' .. count .. ' jobs, and is counted otherwise', 'it is counted anew', tostring(count))
  end
end

-- Groups are called after the names of their jobs.
local function fits(id, group)
  local name = record.name(redis.call('HGET', k.jobs, id)) .. ':'
  return string.sub(group, 1, #name) == name
end

function audit_indexes.failure(group, id)
  local key, said = 'fe:' .. group, redis.call('HGET', k.group_of, id)
  local is_elsewhere = said and said ~= group and redis.call('ZSCORE', k.members .. said, id)
  if not has_failed(id) or is_elsewhere or not fits(id, group) then stray(key, id, 'it is no failure of this group')
  elseif said ~= group then
    audit.report('missing', key, id, 'nothing says that the job is in this group', 'it is said')
  end
end

function audit_indexes.failed(id, group)
  if not has_failed(id) or not fits(id, group) then stray('fk', id, 'it has not failed so')
  elseif not redis.call('ZSCORE', k.members .. group, id) then
    audit.report('missing', 'fk', id, 'the group "' .. group .. '" does not have it', 'it is in the group')
  end
end

function audit_indexes.tag(tag)
  local count = redis.call('ZCARD', k.whole .. ':tg:' .. tag)
  if tonumber(redis.call('ZSCORE', k.counts, tag) or 0) ~= count then
    audit.report('miscounted', 'tg:' .. tag, '', count .. ' jobs have it, and it is counted otherwise', 'it is counted anew', tostring(count))
  end
end

function audit_indexes.tagged(tag, id)
  if not audit_homes.exists(id) then return stray('tg:' .. tag, id, 'an entry of a job that is not there') end
  for _, name in ipairs(side.of(id).t or {}) do
    if name == tag then return end
  end
  audit.report('missing', 'tg:' .. tag, id, 'the job does not say that it has the tag', 'it says so')
end

function audit_indexes.unique(key, entry)
  local id, expiry = string.match(entry, '^(.*)\t(%d*)$')
  if not id then return audit.report('unreadable', 'uk', key, 'who holds the unique key cannot be read', 'it is free') end
  if expiry ~= '' then
    if redis.call('ZSCORE', k.expiries, key) ~= expiry then
      audit.report('missing', 'uk', key, 'the time for which the key is held is not known', 'it is')
    end
    return
  end
  local facts = record.facts(redis.call('HGET', k.jobs, id) or '1')
  if not audit_homes.exists(id) or audit_homes.letter(id) or unique.key(facts) ~= key then
    stray('uk', key, 'the key is held by ' .. id .. ', which does not need it')
  end
end

function audit_indexes.expiry(key)
  local expiry = string.match(redis.call('HGET', k.holders, key) or '', '\t(%d*)$')
  if not expiry or expiry == '' then stray('uz', key, 'nobody holds the key for a time') end
end

-- A job that is unique until its end holds its key; of one that holds it for a time, nobody knows any more.
function audit_indexes.holds(id, facts)
  local key = record.fact(facts, 'u')
  if not key or string.find(key, ':') then return end
  local holder = string.match(redis.call('HGET', k.holders, key) or '', '^(.*)\t%d*$')
  if not holder then
    audit.report('missing', 'j', id, 'it does not hold its unique key', 'it holds the key', 'unique')
  end
end

function audit_indexes.lane(lane, text)
  if not string.find(text, '^%w%d+,%d+\t') then
    audit.report('unreadable', 'l', lane, 'the last answer of a lane cannot be read', 'it is forgotten')
  elseif not redis.call('ZSCORE', k.lane_ages, lane) then
    audit.report('missing', 'l', lane, 'nobody would ever forget the lane', 'it is among those that are looked at')
  end
end

function audit_indexes.lane_age(lane)
  if redis.call('HEXISTS', k.lanes, lane) == 0 then stray('lz', lane, 'a lane that is not there') end
end

function audit_indexes.wait(id, text)
  if not string.find(text, '^%d+\t') then
    audit.report('unreadable', 'aw', id, 'who waits for it cannot be read', 'the wait is forgotten: its client asks again')
  end
end

function audit_indexes.unclaimed(name)
  if redis.call('SISMEMBER', k.names, name) == 0 then
    audit.report('missing', 'u:' .. name, '', 'the name is not among those for which jobs wait', 'it is')
  end
end
