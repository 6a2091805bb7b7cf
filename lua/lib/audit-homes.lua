-- In which collections jobs are; every job is to be in one. Lists are not looked through: who asks sees to that.
-- @key whole . string
-- @key jobs j hash
-- @key headers m hash
-- @key outcomes o hash
-- @key sides x hash
-- @key leases L zset
-- @key workers ws hash
-- @key held h:<epoch> hash
-- @key names un set
-- @key unclaimed u:<name> zset
local audit_homes = {}

local SETS = { 'd', 't', 'b', 'ag', 'wr', 'gw', 'pp', 'pn', 'f:failed', 'f:timed_out', 'f:broken', 'f:cancelled', 'y:completed',
  'y:failed', 'y:timed_out', 'y:broken', 'y:cancelled' }

-- All epochs, also those that have lost their lease or what they said of themselves.
local function epochs()
  local all, seen = redis.call('ZRANGE', k.leases, 0, -1), {}
  for _, epoch in ipairs(all) do seen[epoch] = true end
  for _, epoch in ipairs(redis.call('HKEYS', k.workers)) do
    if not seen[epoch] then all[#all + 1] = epoch end
  end
  return all
end

-- Id -> { epoch, value } of each hold.
function audit_homes.holds(ids)
  local held = {}
  for i = 1, #ids do held[ids[i]] = {} end
  if #ids == 0 then return held end
  for _, epoch in ipairs(epochs()) do
    local values = redis.call('HMGET', k.held .. epoch, unpack(ids))
    for i = 1, #ids do
      if values[i] then table.insert(held[ids[i]], { epoch = epoch, value = values[i] }) end
    end
  end
  return held
end

local function look(key, suffix, ids, homes)
  local scores = redis.call('ZMSCORE', key, unpack(ids))
  for i = 1, #ids do
    if scores[i] then table.insert(homes[ids[i]], suffix) end
  end
end

-- Id -> suffixes of the sorted sets and holds that have it.
function audit_homes.of(ids)
  local homes = {}
  for i = 1, #ids do homes[ids[i]] = {} end
  if #ids == 0 then return homes end
  for _, suffix in ipairs(SETS) do look(k.whole .. ':' .. suffix, suffix, ids, homes) end
  local names = redis.call('SMEMBERS', k.names)
  for _, name in ipairs(names) do look(k.unclaimed .. name, 'u:' .. name, ids, homes) end
  for id, holds in pairs(audit_homes.holds(ids)) do
    for _, hold in ipairs(holds) do table.insert(homes[id], 'h:' .. hold.epoch) end
  end
  return homes
end

function audit_homes.exists(id) return redis.call('HEXISTS', k.jobs, id) == 1 end

-- The letter of its end; nil while it goes on.
function audit_homes.letter(id)
  if redis.call('HSTRLEN', k.outcomes, id) == 0 then return nil end
  return string.sub(redis.call('HGET', k.outcomes, id), 1, 1)
end

-- The group that its lines say, nil without one.
function audit_homes.group(id)
  return string.match('\n' .. (redis.call('HGET', k.sides, id) or ''), '\ng\t([^\n\t]*)')
end

-- What stays as it is while a job only waits.
function audit_homes.mark(id, envelope)
  return string.sub(envelope, 1, 14) .. (redis.call('HGET', k.headers, id) or '')
end
