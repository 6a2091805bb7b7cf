-- Mends the collections in which jobs wait or are held, and the indexes beside them.
-- @require mend-homes, mend-records, audit-homes, groups
-- @key leases L zset
-- @key held h:<epoch> hash
-- @key grouped gw zset
-- @key in_group g:<group> zset
-- @key group_names gn zset
-- @key group_held gs:<group> set
local mend_places = {}

local OWN = ' \topen \tpause \tgrace \tlate \tslots \tleased \ttable \ttaken '

local function recount_slots(epoch)
  local slots = 0
  for _, field in ipairs(redis.call('HKEYS', k.held .. epoch)) do
    if string.byte(field) == 9 and not string.find(OWN, ' ' .. field .. ' ', 1, true) then slots = slots + 1 end
  end
  redis.call('HSET', k.held .. epoch, '\tslots', slots)
end

-- The slot knows the call by which the job is held.
local function settle_call(epoch, id)
  local slot, seq = string.match(redis.call('HGET', k.held .. epoch, id), '^(%w+)%.(%d+)%.')
  redis.call('HSET', k.held .. epoch, '\t' .. slot, seq .. ',')
  recount_slots(epoch)
end

-- From now on, for as long as it asked for: a worker that lives renews it.
local function lend(epoch, now)
  local lease = tonumber(string.match(redis.call('HGET', k.held .. epoch, '\topen') or '', '^%d+,(%d+)')) or 0
  redis.call('ZADD', k.leases, string.format('%.0f', now + lease), epoch)
end

function mend_places.hold(epoch, member, found, now)
  if found.kind == 'missing' and member == '' then lend(epoch, now)
  elseif found.proof == 'group' then redis.call('SADD', k.group_held .. audit_homes.group(member), member)
  elseif found.kind == 'missing' then settle_call(epoch, member)
  elseif found.kind == 'miscounted' then recount_slots(epoch)
  elseif found.kind == 'header' then mend_records.tell_hold(epoch, member)
  else
    redis.call('HDEL', k.held .. epoch, member)
    if string.byte(member) == 9 then recount_slots(epoch) else mend_homes.put(member, now) end
  end
end

-- A ready job of a group is both with its group and among all such jobs.
local function pair(group, id)
  local score = redis.call('ZSCORE', k.grouped, id) or redis.call('ZSCORE', k.in_group .. group, id)
  redis.call('ZADD', k.grouped, score, id)
  redis.call('ZADD', k.in_group .. group, score, id)
  redis.call('ZADD', k.group_names, 0, group)
  groups.reset(group)
end

-- What a collection lacks; false where that is none.
function mend_places.add(family, name, key, member)
  if key == 'gw' then pair(audit_homes.group(member), member)
  elseif family == 'g:' and member ~= '' then pair(name, member)
  else return false end
  return true
end
