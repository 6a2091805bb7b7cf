-- Ready jobs of groups: each group has a set of its own, and a place in the ring from which groups are served in turn. Which of
-- its jobs are held is a set too, so that what is free of it is known exactly. Bit o.
-- @require record, side, wake
-- @key sides x hash
-- @key meta q hash
-- @key in_group g:<group> zset id -> priority and turn
-- @key group_held gs:<group> set
-- @key group_starts gr:<group> list
-- @key ring gl zset group -> turn; a group with ready jobs that is not in it waits for what its limits allow
-- @key group_names gn zset groups that have jobs, starts or settings, all with the score 0
-- @key grouped gw zset id -> priority and turn
-- @key group_settings gc hash group -> concurrency;count,ms;p if it is paused
-- @key over gz zset group -> when its last start counts no more
-- @key tokens gd zset group -> when its rate lets a job start again
local groups = {}

local PART = 1000

-- Id -> group, of those jobs that have one; `flags` = the letters of their headers.
function groups.names(ids, flags)
  local grouped, found = {}, {}
  for i = 1, #ids do
    if record.has(flags[i], 'G') then grouped[#grouped + 1] = ids[i] end
  end
  local texts = #grouped > 0 and redis.call('HMGET', k.sides, unpack(grouped)) or {}
  for i = 1, #grouped do found[grouped[i]] = (side.parse(texts[i] or '').g or {})[1] end
  return found
end

-- Of rows of record.row.
function groups.of(rows)
  local ids, flags = {}, {}
  for i = 1, #rows do ids[i], flags[i] = rows[i].id, rows[i].header.flags or '' end
  return groups.names(ids, flags)
end

-- Puts groups with ready jobs back into the ring, behind all that are in it; how many were not in it.
local function join(names)
  if #names == 0 then return 0 end
  local turn, members = string.format('%.0f', redis.call('HINCRBY', k.meta, 'ring', 1)), {}
  for i = 1, #names do
    members[#members + 1] = turn
    members[#members + 1] = names[i]
  end
  return redis.call('ZADD', k.ring, 'NX', unpack(members))
end

-- Adds ready jobs: group -> { score, id, … }.
function groups.put(jobs)
  local names, known, all = {}, {}, {}
  for name, members in pairs(jobs) do
    redis.call('ZADD', k.in_group .. name, unpack(members))
    for i = 1, #members do all[#all + 1] = members[i] end
    names[#names + 1] = name
    known[#known + 1] = '0'
    known[#known + 1] = name
  end
  if #names == 0 then return end
  redis.call('ZADD', k.grouped, unpack(all))
  redis.call('ZADD', k.group_names, unpack(known))
  join(names)
end

-- Forgets a group of which nothing is left.
function groups.forget_if_empty(name)
  if redis.call('EXISTS', k.in_group .. name, k.group_held .. name, k.group_starts .. name) > 0 then return end
  if redis.call('HEXISTS', k.group_settings, name) == 0 then redis.call('ZREM', k.group_names, name) end
end

-- Takes a ready job out of its group; false if it is in none.
function groups.drop(id)
  if redis.call('ZREM', k.grouped, id) == 0 then return false end
  local name = (side.of(id).g or {})[1]
  if not name then return true end
  redis.call('ZREM', k.in_group .. name, id)
  if redis.call('EXISTS', k.in_group .. name) == 0 then
    redis.call('ZREM', k.ring, name)
    groups.forget_if_empty(name)
  end
  return true
end

-- Up to `n` ready jobs of groups.
function groups.first(n) return redis.call('ZRANGE', k.grouped, 0, n - 1) end

-- Jobs are held no more: what they took of their groups' limits is free. A group that waited for it is in the ring again.
function groups.release(entries)
  local ids, flags, freed, again = {}, {}, {}, {}
  for i = 1, #entries do ids[i], flags[i] = entries[i].id, entries[i].facts end
  for id, name in pairs(groups.names(ids, flags)) do
    freed[name] = freed[name] or {}
    table.insert(freed[name], id)
  end
  for name, members in pairs(freed) do
    redis.call('SREM', k.group_held .. name, unpack(members))
    if redis.call('EXISTS', k.in_group .. name) == 1 then again[#again + 1] = name else groups.forget_if_empty(name) end
  end
  wake.freed(join(again))
end

-- The settings of one group have changed.
function groups.reset(name)
  if redis.call('EXISTS', k.in_group .. name) == 1 then wake.freed(join({ name })) else groups.forget_if_empty(name) end
end

-- The settings of all groups have changed: looks at a part of them, from a name on. Housekeeping goes on.
function groups.regroup(after)
  local names = redis.call('ZRANGEBYLEX', k.group_names, after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, PART)
  local ready = {}
  for i = 1, #names do
    if redis.call('EXISTS', k.in_group .. names[i]) == 1 then ready[#ready + 1] = names[i] end
  end
  wake.freed(join(ready))
  if #names == PART then redis.call('HSET', k.meta, 'regroup', names[PART]) else redis.call('HDEL', k.meta, 'regroup') end
end

-- Groups whose rate lets a job start again are in the ring again, if they have ready jobs. How many were looked at.
function groups.resume(now, budget)
  local names, ready = redis.call('ZRANGEBYSCORE', k.tokens, '-inf', string.format('%.0f', now), 'LIMIT', 0, budget), {}
  if #names == 0 then return 0 end
  redis.call('ZREM', k.tokens, unpack(names))
  for i = 1, #names do
    if redis.call('EXISTS', k.in_group .. names[i]) == 1 then ready[#ready + 1] = names[i] end
  end
  join(ready)
  return #names
end

-- What time asks for: starts that count no more are forgotten, groups for which no worker came back resume. True if there is more.
function groups.tidy(now, budget)
  local resumed = groups.resume(now, budget)
  local over = redis.call('ZRANGEBYSCORE', k.over, '-inf', string.format('%.0f', now), 'LIMIT', 0, budget)
  for i = 1, #over do
    redis.call('ZREM', k.over, over[i])
    redis.call('DEL', k.group_starts .. over[i])
    groups.forget_if_empty(over[i])
  end
  local after = redis.call('HGET', k.meta, 'regroup')
  if after then groups.regroup(after) end
  return after ~= false or #over == budget or resumed == budget
end

-- Those of the group's own settings that hold: concurrency and rate (count, ms) or nil, and whether it is paused. Those of all
-- groups are `defaults`: { concurrency, rate }.
function groups.settings(name, defaults)
  local concurrency, rate, paused = string.match(redis.call('HGET', k.group_settings, name) or ';;', '^([^;]*);([^;]*);(p?)$')
  if not rate then concurrency, rate = '', '' end
  local most, per = string.match(rate ~= '' and rate or defaults[2] or '', '^(%d+),(%d+)$')
  return tonumber(concurrency ~= '' and concurrency or defaults[1] or nil), tonumber(most), tonumber(per), paused == 'p'
end
