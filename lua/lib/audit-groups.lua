-- Of groups and resources: whether what is held of them is held, and whether who is ready has its turn.
-- @require record, side, lines, groups, elsewhere, audit, audit-numbers, audit-homes
-- @key meta q hash
-- @key in_group g:<group> zset
-- @key group_held gs:<group> set
-- @key group_starts gr:<group> list
-- @key ring gl zset
-- @key tokens gd zset
-- @key over gz zset
-- @key group_names gn zset
-- @key group_settings gc hash
-- @key wanting wr zset
-- @key line ^rw:<resource> zset
-- @key lines ^rn set
-- @key used ^ru hash
-- @key leases L zset
-- @key held h:<epoch> hash
local audit_groups = {}

local MOST = 1000

local function stray(key, member, what) audit.report('stray', key, member, what, 'it is taken out') end

-- A key of a group: its ready jobs (g:), those that are held (gs:), its starts (gr:).
function audit_groups.key(family, name)
  local key = family .. name
  if not redis.call('ZSCORE', k.group_names, name) then
    audit.report('missing', key, '', 'the group is not among those that there are', 'it is', 'name')
  end
  if family == 'gr:' and not redis.call('ZSCORE', k.over, name) then
    audit.report('missing', key, '', 'its starts would be counted for ever', 'they are, until it is looked at again', 'over')
  end
  if family ~= 'g:' or redis.call('ZSCORE', k.ring, name) or redis.call('ZSCORE', k.tokens, name) then return end
  local meta = redis.call('HMGET', k.meta, 'group:concurrency', 'group:rate', 'regroup')
  local concurrency, _, _, is_paused = groups.settings(name, { meta[1], meta[2] })
  local is_full = concurrency and redis.call('SCARD', k.group_held .. name) >= concurrency
  if not meta[3] and not is_paused and not is_full then
    audit.report('missing', key, '', 'it has ready jobs, and no turn', 'it has a turn', 'turn')
  end
end

function audit_groups.held(name, id)
  local holds = audit_homes.holds({ id })[id]
  if #holds == 0 or audit_homes.group(id) ~= name then stray('gs:' .. name, id, 'it is not held, or not of this group') end
end

function audit_groups.name(name)
  local is_there = redis.call('EXISTS', k.in_group .. name, k.group_held .. name, k.group_starts .. name) > 0
  if not is_there and redis.call('HEXISTS', k.group_settings, name) == 0 then stray('gn', name, 'there is no such group') end
end

function audit_groups.turn(name, turn)
  audit_numbers.need('ring', turn)
  if redis.call('EXISTS', k.in_group .. name) == 0 then stray('gl', name, 'the group has no ready jobs') end
end

function audit_groups.settings(name, text)
  if not string.find(text, '^%d*;[%d,]*;p?$') then
    audit.report('unreadable', 'gc', name, 'the settings of the group cannot be read', 'they are taken away')
  elseif not redis.call('ZSCORE', k.group_names, name) then
    audit.report('missing', 'gc', name, 'the group is not among those that there are', 'it is')
  end
end

-- Starts of the queue, which count towards its rate.
function audit_groups.all_starts()
  if redis.call('HEXISTS', k.meta, 'rate') == 0 then stray('rl', '', 'starts are counted, and there is no rate') end
end

-- Starts that count towards a rate.
function audit_groups.starts(key, entry)
  if not string.find(entry, '^%d+,%d+$') then
    audit.report('unreadable', key, entry, 'a start cannot be read', 'it counts no more')
  end
end

-- Of a line for a resource: `queue \t id`.
function audit_groups.in_line(resource, member)
  local queue, id = string.match(member, '^([^\t]*)\t(.*)$')
  if queue ~= (elsewhere.own_name() or '') then return end
  if not redis.call('ZSCORE', k.wanting, id) then stray('^rw:' .. resource, member, 'it does not wait for the resource') end
end

function audit_groups.line(resource)
  if redis.call('SISMEMBER', k.lines, resource) == 0 then
    audit.report('missing', '^rw:' .. resource, '', 'nobody would look at the line', 'the line is among those that there are')
  end
end

function audit_groups.line_name(resource)
  if redis.call('EXISTS', k.line .. resource) == 0 then stray('^rn', resource, 'nobody waits for it') end
end

-- Of how much there is of a resource.
function audit_groups.limit(name, text)
  if not audit_numbers.is_counter('^rm', name) and not string.find(text, '^%d+$') then
    audit.report('unreadable', '^rm', name, 'how much there is of the resource cannot be read', 'it is taken away: there is as much as one wants')
  end
end

local function unchecked(why)
  audit.report('unchecked', '^ru', '', 'how much is used of resources: ' .. why)
end

-- What the held jobs use, nil where that is too much to count.
local function recount()
  local used, looked = {}, 0
  for _, epoch in ipairs(redis.call('ZRANGE', k.leases, 0, -1)) do
    looked = looked + redis.call('HLEN', k.held .. epoch)
    if looked > MOST then return nil end
    for _, id in ipairs(redis.call('HKEYS', k.held .. epoch)) do
      local uses = string.byte(id) ~= 9 and side.of(id).r
      for _, use in ipairs(uses and lines.uses(uses) or {}) do used[use.name] = (used[use.name] or 0) + use.amount end
    end
  end
  return used
end

local function miscounted(name, said, counted)
  audit.report('miscounted', '^ru', name, said .. ' of it is said to be used, and ' .. counted .. ' is', 'it is counted anew', tostring(counted))
end

-- Of what is said to be used; and of what is used and not said. What other queues of the slot use is not seen here: it is no less
-- than what this one uses.
function audit_groups.uses()
  if redis.call('EXISTS', k.used) == 0 and not record.has(redis.call('HGET', k.meta, 'bits') or '', 'w') then return end
  local used = recount()
  if not used then return unchecked('more than 1,000 jobs are held') end
  if redis.call('HLEN', k.used) > MOST then return unchecked('there are more than 1,000 resources') end
  local said, is_shared = redis.call('HGETALL', k.used), elsewhere.own_name() ~= nil
  if is_shared and #said > 0 then unchecked('queues of the slot share them') end
  for i = 1, #said, 2 do
    local own, all = used[said[i]] or 0, tonumber(said[i + 1])
    if not all or all < own or (all > own and not is_shared) then miscounted(said[i], said[i + 1], own) end
    used[said[i]] = nil
  end
  for name, amount in pairs(used) do miscounted(name, 0, amount) end
end
