-- Pages through the jobs of a state. A cursor of a sorted state names the last job, so that a page is exact under change.
-- @require record, refuse, holds, completed
-- @key jobs j hash
-- @key headers m hash
-- @key ready r list
-- @key front rf list
-- @key above pp zset
-- @key below pn zset
-- @key wanting wr zset
-- @key grouped gw zset
-- @key delayed d zset
-- @key retrying t zset
-- @key blocked b zset
-- @key leases L zset
-- @key names un set
-- @key unclaimed u:<name> zset
-- @key finished f:<state> zset
-- @key own y:<state> zset
-- @key gathered ag zset
local listing = {}

-- Entries looked at in one call: a list may be full of ghosts.
local MAX_LOOKED = 2000

function listing.refuse_cursor()
  refuse.with('INVALID_OPTION', 'The cursor is none of this list. Go on with that of its last page, or begin without one.')
end

-- Where to go on in a sorted set: after the named job, or at its score where it has gone.
function listing.rank_after(key, cursor, reverse)
  if cursor == '' then return 0 end
  local score, id = string.match(cursor, '^(%d+%.?%d*)/(.*)$')
  if not score then listing.refuse_cursor() end
  local rank = reverse and redis.call('ZREVRANK', key, id) or (not reverse and redis.call('ZRANK', key, id))
  if rank then return rank + 1 end
  if reverse then return redis.call('ZCOUNT', key, '(' .. score, '+inf') end
  return redis.call('ZCOUNT', key, '-inf', '(' .. score)
end

-- Fills `ids` from a sorted set, and returns the cursor of the next page.
function listing.sorted(key, cursor, limit, reverse, ids)
  local from = listing.rank_after(key, cursor, reverse)
  local found = reverse and redis.call('ZREVRANGE', key, from, from + limit - 1, 'WITHSCORES')
    or redis.call('ZRANGE', key, from, from + limit - 1, 'WITHSCORES')
  for i = 1, #found, 2 do ids[#ids + 1] = found[i] end
  if #found < 2 * limit then return '' end
  return found[#found] .. '/' .. found[#found - 1]
end

local function live_entries(key, from, to, ids)
  local entries = redis.call('LRANGE', key, from, to)
  for i = 1, #entries do
    local id, place = record.read_entry(entries[i])
    if redis.call('HSTRLEN', k.jobs, id) > 0 and record.place(redis.call('HGET', k.headers, id)) == place then
      ids[#ids + 1] = id
    end
  end
  return #entries
end

-- Several collections one after the other; the cursor is `which:offset`, approximate while the queue moves.
local function in_parts(parts, cursor, limit, ids)
  local which, offset = string.match(cursor == '' and '1:0' or cursor, '^([1-9]%d*):(%d+)$')
  if not which then listing.refuse_cursor() end
  which, offset = tonumber(which), tonumber(offset)
  local looked = 0
  while which <= #parts do
    local key, is_list = parts[which][1], parts[which][2]
    local seen
    if is_list then seen = live_entries(key, offset, offset + limit - #ids - 1, ids)
    else
      local found = redis.call('ZRANGE', key, offset, offset + limit - #ids - 1)
      -- A batch that has fired stands among them, and is no job.
      for i = 1, #found do if string.byte(found[i]) ~= 9 then ids[#ids + 1] = found[i] end end
      seen = #found
    end
    offset = offset + seen
    looked = looked + seen
    if #ids >= limit or looked >= MAX_LOOKED then return which .. ':' .. string.format('%.0f', offset) end
    if seen == 0 then which, offset = which + 1, 0 end
  end
  return ''
end

-- Their numbers are known to clients: the second and the third are lists.
local function waiting_parts()
  local parts = { { k.above }, { k.front, true }, { k.ready, true }, { k.below }, { k.wanting }, { k.grouped } }
  local names = redis.call('SMEMBERS', k.names)
  table.sort(names)
  for _, name in ipairs(names) do parts[#parts + 1] = { k.unclaimed .. name } end
  return parts
end

local function active(cursor, limit, ids)
  if not string.find(cursor, '^%d*$') then listing.refuse_cursor() end
  local epochs = redis.call('ZRANGE', k.leases, 0, -1)
  local from = tonumber(cursor) or 1
  while from <= #epochs and #ids < limit do
    for _, id in ipairs(holds.ids(epochs[from])) do ids[#ids + 1] = id end
    from = from + 1
  end
  return from <= #epochs and tostring(from) or ''
end

-- Those of the queue's retention first, then those with an age of their own.
local function finished(state, cursor, limit, reverse, ids)
  local own = string.match(cursor, '^own:(.*)$')
  if not own then
    if state == 'completed' then
      cursor = completed.page(cursor, limit, reverse, ids)
      if not cursor then listing.refuse_cursor() end
    else cursor = listing.sorted(k.finished .. state, cursor, limit, reverse, ids) end
    if cursor ~= '' then return cursor end
    own = ''
  end
  if #ids >= limit then return 'own:' end
  cursor = listing.sorted(k.own .. state, own, limit - #ids, reverse, ids)
  return cursor ~= '' and 'own:' .. cursor or ''
end

-- Ids, and the cursor of the next page ('' at the end). `active` gives whole workers: a page may hold more than `limit`.
function listing.page(state, cursor, limit, reverse)
  local ids = {}
  if state == 'waiting' then return ids, in_parts(waiting_parts(), cursor, limit, ids) end
  if state == 'active' then return ids, active(cursor, limit, ids) end
  if state == 'delayed' then return ids, listing.sorted(k.delayed, cursor, limit, reverse, ids) end
  if state == 'blocked' then return ids, listing.sorted(k.blocked, cursor, limit, reverse, ids) end
  if state == 'retrying' then return ids, listing.sorted(k.retrying, cursor, limit, reverse, ids) end
  if state == 'aggregating' then return ids, listing.sorted(k.gathered, cursor, limit, reverse, ids) end
  for _, final in pairs(record.STATES) do
    if final == state then return ids, finished(state, cursor, limit, reverse, ids) end
  end
  refuse.call('There is no state "' .. state .. '".')
end
