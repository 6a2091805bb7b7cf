-- Jobs that wait for a worker: a list for priority 0, a sorted set above it and one below it.
-- A list entry is the id, or id \t place; a job that leaves the list other than by fetch gets a new place, and the entry
-- that stays behind is a ghost, dropped when it comes up: LREM in a list of a million took 23 ms.
-- @require record, lines, groups, turns
-- @key ready r list id [\t place]
-- @key front rf list the part of the list already freed of ghosts, taken before it
-- @key above pp zset id, by priority and turn
-- @key below pn zset id, by priority and turn
-- @key meta q hash
local ready = {}

local TURN = 4398046511104

local function score(priority, turn)
  return string.format('%.0f', (1000 - priority) * TURN + TURN / 2 + turn)
end

-- rows of record.load, in the order in which they shall run
local function put(rows, side, bits)
  local list, above, below, grouped = {}, {}, {}, {}
  local turn, group_of = 0, string.find(bits, 'o', 1, true) and groups.of(rows) or {}
  for i = 1, #rows do
    local row = rows[i]
    local group = group_of[row.id]
    if row.priority == 0 and not group then
      list[#list + 1] = record.entry(row.id, row.header.place)
    else
      if turn == 0 then turn = tonumber(redis.call('HINCRBY', k.meta, side == 'front' and 'head' or 'turn', #rows)) end
      if group then grouped[group] = grouped[group] or {} end
      local z = grouped[group] or (row.priority > 0 and above or below)
      local n = side == 'front' and (i - 1 - turn) or (turn - #rows + i)
      z[#z + 1] = score(row.priority, n)
      z[#z + 1] = row.id
    end
  end
  if string.find(bits, 'o', 1, true) then groups.put(grouped) end
  if #above > 0 then redis.call('ZADD', k.above, unpack(above)) end
  if #below > 0 then redis.call('ZADD', k.below, unpack(below)) end
  if #list > 0 and side == 'front' then
    for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
    redis.call('LPUSH', string.find(bits, 'g', 1, true) and k.front or k.ready, unpack(list))
  elseif #list > 0 then
    redis.call('RPUSH', k.ready, unpack(list))
  end
end

-- Entries of priority 0, each the id or id \t place.
function ready.append(entries)
  if #entries > 0 then redis.call('RPUSH', k.ready, unpack(entries)) end
end

function ready.put_back(rows, bits) put(rows, 'back', bits) end
function ready.put_front(rows, bits) put(rows, 'front', bits) end

-- Adds up to n ids of a sorted set, the first ones first, without places.
function ready.pop(key, n, ids, places)
  local popped = redis.call('ZPOPMIN', key, n)
  for i = 1, #popped, 2 do
    ids[#ids + 1] = popped[i]
    places[#ids] = false
  end
end

local function pop_list(key, n, ids, places)
  local popped = redis.call('LPOP', key, n)
  if not popped then return end
  -- As record.read_entry does, without a call for each job.
  for i = 1, #popped do
    local text, at = popped[i], string.find(popped[i], '\t', 1, true)
    ids[#ids + 1] = at and string.sub(text, 1, at - 1) or text
    places[#ids] = at and string.sub(text, at + 1) or '0'
  end
end

-- Adds up to n jobs without a group.
local function take(n, bits, ids, places)
  if bits == '' then return pop_list(k.ready, n, ids, places) end
  n = #ids + n
  local ordered = string.find(bits, 'p', 1, true)
  if ordered then ready.pop(k.above, n - #ids, ids, places) end
  if #ids < n and string.find(bits, 'g', 1, true) then pop_list(k.front, n - #ids, ids, places) end
  if #ids < n then pop_list(k.ready, n - #ids, ids, places) end
  if #ids < n and ordered then ready.pop(k.below, n - #ids, ids, places) end
end

-- Up to n jobs: their ids, and the place of each list entry; false = from a sorted set, where no ghost can be. True besides if
-- there may be more although these are fewer.
function ready.take(n, bits)
  if bits ~= '' and string.find(bits, 'o', 1, true) then
    return turns.take(n, function(some, ids, places) take(some, bits, ids, places) end)
  end
  local ids, places = {}, {}
  take(n, bits, ids, places)
  return ids, places
end

-- The same for jobs that are not to run: whatever keeps them waiting.
function ready.drain(n, bits)
  local ids, places = {}, {}
  take(n, bits, ids, places)
  for _, id in ipairs(#ids < n and groups.first(n - #ids) or {}) do
    groups.drop(id)
    ids[#ids + 1] = id
    places[#ids] = false
  end
  for _, id in ipairs(#ids < n and lines.waiting(n - #ids) or {}) do
    lines.leave(id)
    ids[#ids + 1] = id
    places[#ids] = false
  end
  return ids, places
end

-- Takes a waiting job out. True if it lay in a sorted set; else its list entry is a ghost from now on.
function ready.drop(id)
  if lines.leave(id) or groups.drop(id) then return true end
  if redis.call('ZREM', k.above, id) + redis.call('ZREM', k.below, id) > 0 then return true end
  redis.call('HINCRBY', k.meta, 'ghosts', 1)
  return false
end

-- A place no list entry has ever had: what makes an old entry of the same id void.
function ready.new_place()
  return string.format('%.0f', redis.call('HINCRBY', k.meta, 'places', 1))
end
