-- Leases from groups in turn: a job of each that has one and whose limits allow it, and so on. Jobs without a group are one
-- more member of the ring.
-- @require record, groups, window
-- @key meta q hash
-- @key in_group g:<group> zset
-- @key group_held gs:<group> set
-- @key group_starts gr:<group> list
-- @key ring gl zset
-- @key group_names gn zset
-- @key grouped gw zset
-- @key tokens gd zset group -> when its rate lets a job start again
-- @key over gz zset
local turns = {}

-- Stands for the jobs without a group.
local FREE = false
-- Of the ring more is read than jobs are wanted: some groups can have none.
local MORE = 16
local MOST = 1000

local time, defaults, free_turn
-- Whose turn it is, in order, from `head` on; whether the whole ring is in it.
local line, head, is_whole = {}, 1, true
-- Group -> its settings, and how many jobs more it may have in this call; id -> group; those that had a turn, and that have one to come.
local known, may, group_of, seen, comes = {}, {}, {}, {}, {}

local function come(name) line[#line + 1] = name; comes[name] = true end

-- Reads the beginning of the ring, for up to `want` jobs; groups whose rate lets them start again are in it from now on.
function turns.begin(want, now)
  local meta = redis.call('HMGET', k.meta, 'group:concurrency', 'group:rate', 'free')
  time, defaults, free_turn = now, { meta[1], meta[2] }, tonumber(meta[3]) or 0
  groups.resume(now, MOST)
  local n = math.min(want, MOST) + MORE
  local members, is_free_in = redis.call('ZRANGE', k.ring, 0, n - 1, 'WITHSCORES'), false; is_whole = #members < 2 * n
  for i = 1, #members, 2 do
    if not is_free_in and tonumber(members[i + 1]) > free_turn then is_free_in = true; come(FREE) end
    come(members[i])
  end
  if not is_free_in then come(FREE) end
end

local function settings(name)
  known[name] = known[name] or { groups.settings(name, defaults) }
  return unpack(known[name], 1, 4)
end

-- How many more jobs of the group may be leased, and else after how many ms one may, where its rate says so.
local function allowance(name)
  local concurrency, most, per, is_paused = settings(name)
  local n, wait = is_paused and 0 or MOST, nil
  if n > 0 and concurrency then n = math.min(n, math.max(0, concurrency - redis.call('SCARD', k.group_held .. name))) end
  if n > 0 and most then
    local allowed, open = window.look(k.group_starts .. name, most, per, time)
    if allowed == 0 then wait = open end
    n = math.min(n, allowed)
  end
  return n, wait
end

local function pop(name, n, ids, places)
  may[name] = may[name] or allowance(name)
  n = math.min(n, may[name])
  local popped = n > 0 and redis.call('ZPOPMIN', k.in_group .. name, n) or {}
  for i = 1, #popped, 2 do
    ids[#ids + 1] = popped[i]
    places[#ids] = false
    group_of[popped[i]] = name
  end
  may[name] = may[name] - #popped / 2
  seen[name] = true
end

-- Up to n jobs, as ready.take; `take_free(n, ids, places)` takes of those without a group. True besides if there may be more.
function turns.take(n, take_free)
  local ids, places = {}, {}
  while #ids < n and head <= #line do
    local name, before = line[head], #ids
    -- Who is alone in the ring has all the turns.
    local asked = head == #line and is_whole and n - #ids or 1
    head, comes[name] = head + 1, nil
    if name == FREE then take_free(asked, ids, places) else pop(name, asked, ids, places) end
    if #ids > before then come(name); seen[name] = true end
  end
  return ids, places, #ids < n and not is_whole
end

-- A job that was taken does not run: another one of its group may, in its place. False if it has none.
function turns.give_back(id)
  local name = group_of[id]
  if name then may[name] = may[name] + 1 end
  if name and not comes[name] then come(name) end
  return name ~= nil
end

-- What was leased is held for its groups. Members of a batch came by no turn.
local function hold(ids, facts)
  local held, members, flags = {}, {}, {}
  for i = 1, #ids do
    if not group_of[ids[i]] and record.has(facts[i], 'G') then
      members[#members + 1] = ids[i]
      flags[#members] = facts[i]
    end
  end
  for id, name in pairs(#members > 0 and groups.names(members, flags) or {}) do group_of[id] = name; redis.call('ZADD', k.group_names, 0, name) end
  for i = 1, #ids do
    local name = group_of[ids[i]]
    if name then
      held[name] = held[name] or {}; table.insert(held[name], ids[i])
    end
  end
  for name, members in pairs(held) do
    redis.call('SADD', k.group_held .. name, unpack(members))
    local _, most, per = settings(name)
    if most then
      window.add(k.group_starts .. name, #members, per, time)
      redis.call('ZADD', k.over, string.format('%.0f', time + per), name)
    end
  end
end

-- Writes whose turn is when: those that had one are behind all others, and those that can have none leave the ring.
function turns.settle(ids, facts)
  local gone, order, members, out = {}, {}, {}, {}
  for id in pairs(group_of) do gone[#gone + 1] = id end
  if #gone > 0 then redis.call('ZREM', k.grouped, unpack(gone)) end
  hold(ids, facts)
  for i = head, #line do
    if seen[line[i]] then order[#order + 1] = line[i]; seen[line[i]] = nil end
  end
  for name in pairs(seen) do if name ~= FREE then order[#order + 1] = name end end
  local turn = #order > 0 and redis.call('HINCRBY', k.meta, 'ring', #order) - #order
  for i, name in ipairs(order) do
    local n, wait = MOST, nil
    if name ~= FREE then n, wait = allowance(name) end
    if name == FREE then redis.call('HSET', k.meta, 'free', turn + i)
    elseif redis.call('EXISTS', k.in_group .. name) == 0 then
      out[#out + 1] = name
      groups.forget_if_empty(name)
    elseif n > 0 then
      members[#members + 1] = string.format('%.0f', turn + i)
      members[#members + 1] = name
    else
      out[#out + 1] = name
      if wait then redis.call('ZADD', k.tokens, string.format('%.0f', time + wait), name) end
    end
  end
  if #members > 0 then redis.call('ZADD', k.ring, unpack(members)) end
  if #out > 0 then redis.call('ZREM', k.ring, unpack(out)) end
end
