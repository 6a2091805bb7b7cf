-- Frees the ready list of the entries that departed jobs left behind, a part at a time: what is alive moves, in order, from
-- the list's head to a front list that is taken before it.
-- @require record, features
-- @key ready r list
-- @key front rf list
-- @key jobs j hash
-- @key headers m hash
-- @key meta q hash
-- @key facts af hash number -> priority
local ghosts = {}

local function is_alive(entry, header)
  local id, place = record.read_entry(entry)
  if id == '' then return redis.call('HEXISTS', k.facts, string.sub(place, 2)) == 1 end
  return place == record.place(header)
    and (header or redis.call('HSTRLEN', k.jobs, id) > 0)
end

local function move_head(budget)
  local entries = redis.call('LPOP', k.ready, budget)
  local ids = {}
  for i = 1, #entries do ids[i] = record.read_entry(entries[i]) end
  local headers, alive = redis.call('HMGET', k.headers, unpack(ids)), {}
  for i = 1, #entries do
    if is_alive(entries[i], headers[i]) then alive[#alive + 1] = entries[i] end
  end
  if #alive > 0 then redis.call('RPUSH', k.front, unpack(alive)) end
  redis.call('HINCRBY', k.meta, 'ghosts', #alive - #entries)
end

-- Starts when ghosts are over 1,000 and over half of the list. Returns whether there is more to do, and the queue's bits.
function ghosts.sweep(budget, bits)
  local sweeping = string.find(bits, 'g', 1, true)
  local count = tonumber(redis.call('HGET', k.meta, 'ghosts')) or 0
  if not sweeping and count <= 1000 then return false, bits end
  local rest = redis.call('LLEN', k.ready)
  if not sweeping and (count <= rest / 2 or not features.is_understood('g')) then return false, bits end
  bits = features.enable(bits, 'g')
  if rest > 0 and count > 0 then
    move_head(budget)
    return true, bits
  end
  if redis.call('EXISTS', k.front) == 0 then return false, features.disable(bits, 'g') end
  if rest == 0 then
    redis.call('RENAME', k.front, k.ready)
    return false, features.disable(bits, 'g')
  end
  return false, bits
end
