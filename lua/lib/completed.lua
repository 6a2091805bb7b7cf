-- Completed jobs in the order of their ends: a list, for one is appended and dropped at a seventh of what a sorted set takes,
-- and in an eighth of the memory. An entry is the id, or id \t place; a job that leaves it other than from its head gets a
-- new place, and the entry that stays is a ghost, as in the ready list. Meta counts ghosts (`gone`) and what was dropped
-- from the head (`dropped`), so that a cursor can tell its entry by a number.
-- @require record
-- @key done fc list id [\t place]
-- @key outcomes o hash
-- @key headers m hash
-- @key meta q hash
local completed = {}

-- Ids and places of entries.
local function split(entries)
  local ids, places, find = {}, {}, string.find
  for i = 1, #entries do
    local entry = entries[i]
    if find(entry, '\t', 1, true) then ids[i], places[i] = record.read_entry(entry) else ids[i], places[i] = entry, '0' end
  end
  return ids, places
end

-- What is behind entries: ids, headers, outcomes; false in place of an outcome = a ghost.
local function look(entries)
  local ids, places = split(entries)
  if #ids == 0 then return ids, {}, {} end
  local headers = redis.call('HMGET', k.headers, unpack(ids))
  local outcomes = redis.call('HMGET', k.outcomes, unpack(ids))
  for i = 1, #ids do
    if record.place(headers[i]) ~= places[i] or not outcomes[i] or string.byte(outcomes[i]) ~= 99 then outcomes[i] = false end
  end
  return ids, headers, outcomes
end

function completed.append(entries)
  if #entries > 0 then redis.call('RPUSH', k.done, unpack(entries)) end
end

-- A job has left from somewhere in the list.
function completed.left() redis.call('HINCRBY', k.meta, 'gone', 1) end

function completed.count()
  return redis.call('LLEN', k.done) - (tonumber(redis.call('HGET', k.meta, 'gone')) or 0)
end

-- Takes the first n entries out; returns the ids of their jobs, and their headers.
local function drop(n, has_ghosts)
  local entries = redis.call('LPOP', k.done, n)
  redis.call('HINCRBY', k.meta, 'dropped', #entries)
  if not has_ghosts then
    local ids = split(entries)
    return ids, redis.call('HMGET', k.headers, unpack(ids))
  end
  local all, stored, outcomes = look(entries)
  local ids, headers = {}, {}
  for i = 1, #all do
    if outcomes[i] then ids[#ids + 1] = all[i]; headers[#ids] = stored[i] end
  end
  redis.call('HINCRBY', k.meta, 'gone', #ids - #all)
  return ids, headers
end

-- How many of the first entries are of jobs that ended by `before`, `most` at most.
local function count_old(before, most)
  local head = redis.call('LINDEX', k.done, 0)
  if not head then return 0 end
  local function is_young(outcome) return outcome and (tonumber(string.match(outcome, '^c(%d+)')) or 0) > before end
  local _, _, first = look({ head })
  if is_young(first[1]) then return 0 end
  local _, _, outcomes = look(redis.call('LRANGE', k.done, 0, most - 1))
  for i = 1, #outcomes do
    if is_young(outcomes[i]) then return i - 1 end
  end
  return #outcomes
end

-- Calls forget(ids, headers) for jobs past the count or the age (either may be ''), about `budget` at most; returns how many
-- entries it took.
function completed.prune(now, budget, count, age, forget)
  local has_ghosts = (tonumber(redis.call('HGET', k.meta, 'gone')) or 0) ~= 0
  local over = count == '' and 0 or math.min(completed.count() - tonumber(count), budget)
  if over > 0 then forget(drop(over, has_ghosts)) else over = 0 end
  -- Without an age, too: ghosts at the head go.
  local before = age ~= '' and now - age or 0
  local old = over < budget and count_old(before, budget - over) or 0
  if old > 0 then forget(drop(old, has_ghosts)) end
  return over + old
end

-- Ids of up to `limit` jobs from a cursor on, and the next cursor ('' at the end); nil if the cursor is none.
function completed.page(cursor, limit, reverse, ids)
  if not string.find(cursor, '^%d*$') then return nil end
  local first = tonumber(redis.call('HGET', k.meta, 'dropped')) or 0
  local last = first + redis.call('LLEN', k.done) - 1
  local from = tonumber(cursor) or (reverse and last or first)
  local looked = 0
  while #ids < limit and looked < 2000 do
    from = reverse and math.min(from, last) or math.max(from, first)
    local n = math.min(limit - #ids, reverse and from - first + 1 or last - from + 1)
    if n <= 0 then return '' end
    local low = reverse and from - n + 1 or from
    local all, _, outcomes = look(redis.call('LRANGE', k.done, low - first, low - first + n - 1))
    for i = reverse and n or 1, reverse and 1 or n, reverse and -1 or 1 do
      if outcomes[i] then ids[#ids + 1] = all[i] end
    end
    looked = looked + n
    from = reverse and from - n or from + n
  end
  if reverse and from < first or not reverse and from > last then return '' end
  return string.format('%.0f', from)
end
