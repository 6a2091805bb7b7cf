-- The edges of a job that goes to another queue of the slot: both of their ends get the new names.
-- @require elsewhere, links, side, untold
-- @key needs dl:<id> set
-- @key dependents dd:<id> set
-- @key failed df:<id> set
-- @key results dr:<id> hash
local carry = {}

local MOST = 1000

function carry.is_too_much(id)
  if untold.is_too_much() then return true end
  local edges = redis.call('SCARD', k.needs .. id) + redis.call('SCARD', k.dependents .. id) + redis.call('SCARD', k.failed .. id)
  for _, e in ipairs(untold.ends()[id] or {}) do edges = edges + redis.call('SCARD', e.set) end
  if edges > MOST then return true end
  local is_late = false
  for _, ref in ipairs(redis.call('SMEMBERS', k.needs .. id)) do
    links.at(ref, id, function() is_late = is_late or untold.is_too_much() end)
  end
  return is_late
end

-- What a job of this queue is called in that one.
local function seen_from(queue, ref)
  local there, id = links.parse(ref)
  if there == '' then there = elsewhere.own_name() end
  return there == queue and id or '{' .. there .. '}' .. id
end

local function rename(key, from, to)
  if redis.call('SREM', key, from) == 1 then redis.call('SADD', key, to) end
end

-- In what a dependent says of its dependencies, too.
local function rename_in_line(child, from, to)
  local said = side.of(child).d or {}
  for i = 2, #said do
    if said[i] == from then said[i] = to end
  end
  side.put(child, 'd', said)
end

local function renamed(refs, queue)
  local names = {}
  for i, ref in ipairs(refs) do names[i] = seen_from(queue, ref) end
  return names
end

-- The ends of jobs of which dependents have still to be told, by queue: each list is read once.
local function reader()
  local ends = {}
  return function(id)
    local queue = elsewhere.own_name()
    ends[queue] = ends[queue] or untold.ends()
    return ends[queue][id] or {}
  end
end

-- The job is tried again: who has still to hear how it had ended waits for it once more.
local function call_back(id, ends)
  for _, e in ipairs(ends) do
    if untold.is_as_it_is(e.what) then
      local refs = links.waiting(redis.call('SMEMBERS', e.set), id)
      if #refs > 0 then redis.call('SADD', k.dependents .. id, unpack(refs)) end
      redis.call('DEL', e.set)
    end
  end
end

-- Takes the edges of a job out of this queue, as they are named in the other one. `said` = its lines; `is_parent`: others depend on it.
function carry.take(id, queue, said, is_parent)
  local ends_of = reader()
  if is_parent then call_back(id, ends_of(id)) end
  local taken = { open = redis.call('SMEMBERS', k.needs .. id), dependents = redis.call('SMEMBERS', k.dependents .. id),
    failed = redis.call('SMEMBERS', k.failed .. id), results = redis.call('HGETALL', k.results .. id) }
  -- From each other end: where that lies in the other queue, the job is in its own from now on.
  local function new_name() return elsewhere.own_name() == queue and id or '{' .. queue .. '}' .. id end
  for _, ref in ipairs(taken.open) do
    links.at(ref, id, function(parent, name)
      rename(k.dependents .. parent, name, new_name())
      rename(k.failed .. parent, name, new_name())
      for _, e in ipairs(ends_of(parent)) do rename(e.set, name, new_name()) end
    end)
  end
  for _, list in ipairs({ taken.dependents, taken.failed }) do
    for _, ref in ipairs(list) do
      links.at(ref, id, function(child, name)
        rename(k.needs .. child, name, new_name())
        rename_in_line(child, name, new_name())
      end)
    end
  end
  redis.call('DEL', k.needs .. id, k.dependents .. id, k.failed .. id, k.results .. id)
  for _, part in ipairs({ 'open', 'dependents', 'failed' }) do taken[part] = renamed(taken[part], queue) end
  for i = 1, #taken.results, 2 do taken.results[i] = seen_from(queue, taken.results[i]) end
  if said.d then
    for i = 2, #said.d do said.d[i] = seen_from(queue, said.d[i]) end
  end
  return taken
end

-- Puts them into the queue to which the job goes.
function carry.put(id, taken)
  if #taken.open > 0 then redis.call('SADD', k.needs .. id, unpack(taken.open)) end
  if #taken.dependents > 0 then redis.call('SADD', k.dependents .. id, unpack(taken.dependents)) end
  if #taken.failed > 0 then redis.call('SADD', k.failed .. id, unpack(taken.failed)) end
  if #taken.results > 0 then redis.call('HSET', k.results .. id, unpack(taken.results)) end
end
