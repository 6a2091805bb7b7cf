-- Puts jobs where their records say that they belong, and takes them out of where they do not.
-- @require record, ready, aside, events, wake, features, audit-homes, audit-shape
-- @key headers m hash
-- @key jobs j hash
-- @key outcomes o hash
-- @key meta q hash
-- @key done fc list
-- @key finished f:<state> zset
-- @key blocked b zset
-- @key delayed d zset
-- @key needs dl:<id> set
-- @key gathered ag zset
-- @key batch ab:<number> list
-- @key in_group g:<group> zset
-- @key leases L zset
local mend_homes = {}

-- Out of a sorted set, or a hold; from a group as well.
function mend_homes.take_out(suffix, id)
  local key = audit_shape.key(suffix)
  if string.find(suffix, '^h:') then redis.call('HDEL', key, id)
  elseif string.find(suffix, '^u:') then aside.drop(string.sub(suffix, 3), id)
  elseif suffix == 'wr' or suffix == 'gw' or suffix == 'pp' or suffix == 'pn' then
    local group = suffix == 'gw' and audit_homes.group(id)
    if group then redis.call('ZREM', k.in_group .. group, id) end
    redis.call('ZREM', key, id)
  elseif suffix == 'ag' then
    local number = redis.call('ZSCORE', k.gathered, id)
    redis.call('ZREM', k.gathered, id)
    if number then redis.call('LREM', k.batch .. string.format('%.0f', tonumber(number)), 1, id) end
  else redis.call('ZREM', key, id) end
end

function mend_homes.take_out_of_all(id)
  for _, suffix in ipairs(audit_homes.of({ id })[id]) do mend_homes.take_out(suffix, id) end
end

-- A place that makes entries of the job in lists void.
function mend_homes.new_place(id)
  local header = record.header(redis.call('HGET', k.headers, id))
  header.place = ready.new_place()
  redis.call('HSET', k.headers, id, record.header_text(header))
  return header.place
end

-- Features that jobs such as this need.
local function bits_for(row)
  local bits = redis.call('HGET', k.meta, 'bits') or ''
  local letters = (row.priority ~= 0 and 'p' or '') .. (record.has(row.header.flags, 'G') and 'o' or '')
  return features.enable_all(bits, letters)
end

-- A job that is in no collection, into the one that its record asks for: by its outcome; blocked, if it waits for others; else it is
-- ready, for it may not have run, and nothing is lost if it runs again.
function mend_homes.put(id, now)
  local letter = audit_homes.letter(id)
  if letter == 'c' then
    redis.call('RPUSH', k.done, record.entry(id, mend_homes.new_place(id)))
  elseif letter then
    local at = string.match(redis.call('HGET', k.outcomes, id), '^%a(%d+)') or string.format('%.0f', now)
    redis.call('ZADD', k.finished .. record.STATES[letter], at, id)
  elseif redis.call('EXISTS', k.needs .. id) == 1 then redis.call('ZADD', k.blocked, 0, id)
  else
    mend_homes.new_place(id)
    local row = record.row(id, redis.call('HGET', k.headers, id), record.facts(redis.call('HGET', k.jobs, id)))
    ready.put_back({ row }, bits_for(row))
    events.push('w', id)
    wake.some(1)
  end
end

-- A blocked job that waits for nothing goes on, at its time.
function mend_homes.unblock(id, now)
  local at = tonumber(redis.call('ZSCORE', k.blocked, id))
  redis.call('ZREM', k.blocked, id)
  if at > now then redis.call('ZADD', k.delayed, string.format('%.0f', at), id) else mend_homes.put(id, now) end
end

-- Where it stands it does not belong.
function mend_homes.rehome(key, id, now)
  if key == 'b' then return mend_homes.unblock(id, now) end
  mend_homes.take_out(key, id)
  if audit_homes.exists(id) and #audit_homes.of({ id })[id] == 0 then mend_homes.put(id, now) end
end

-- Which of the holds counts: that of the worker which lives longest.
local function best_hold(places)
  local best, latest
  for _, suffix in ipairs(places) do
    local epoch = string.match(suffix, '^h:(.*)$')
    local expiry = epoch and tonumber(redis.call('ZSCORE', k.leases, epoch) or 0)
    if epoch and (not latest or expiry > latest) then best, latest = suffix, expiry end
  end
  return best
end

-- Of several collections a job keeps the one by which all commands know it: that of its end, then that of who runs it, then the
-- first in which they look.
function mend_homes.settle(id, now)
  local places, letter = audit_homes.of({ id })[id], audit_homes.letter(id)
  local keep = best_hold(places) or places[1]
  if letter then
    keep = nil
    for _, suffix in ipairs(places) do
      if suffix == 'y:' .. record.STATES[letter] or suffix == 'f:' .. record.STATES[letter] then keep = keep or suffix end
    end
  end
  for _, suffix in ipairs(places) do
    if suffix ~= keep then mend_homes.take_out(suffix, id) end
  end
  if not keep then mend_homes.put(id, now) end
end

-- The entry of a list is void; the job stays where it is besides, or goes where it belongs.
function mend_homes.void(name, entry, now)
  local id = record.read_entry(entry)
  mend_homes.new_place(id)
  redis.call('HINCRBY', k.meta, name == 'fc' and 'gone' or 'ghosts', 1)
  if name == 'fc' then return mend_homes.settle(id, now) end
  if #audit_homes.of({ id })[id] > 0 then return end
  -- One that has ended as completed is in a list as well, by the place that it had.
  mend_homes.put(id, now)
end
