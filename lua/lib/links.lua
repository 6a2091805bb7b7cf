-- The edges between jobs. An edge is two entries: the parent in the open dependencies of the child, the child among the
-- dependents of the parent. A job is named by its id, or as {queue}id where it is in another queue of the slot.
-- @require record, refuse, elsewhere
-- @key jobs j hash
-- @key headers m hash
-- @key outcomes o hash
-- @key leases L zset
-- @key held h:<epoch> hash
-- @key needs dl:<id> set parents that the job still waits for, and those that failed it
-- @key dependents dd:<id> set jobs that wait for this one
-- @key failed df:<id> set jobs that this one failed
local links = {}

local MAX_LOOKS = 100000

-- The queue ('' = this one) and the id of a job named so.
function links.parse(ref)
  if string.byte(ref) ~= 123 then return '', ref end
  local queue, id = string.match(ref, '^{([^}]*)}(.+)$')
  if not id then refuse.call('The job "' .. ref .. '" is named neither by an id nor as {queue}id.') end
  if queue == elsewhere.own_name() then queue = '' end
  return queue, id
end

-- The name of a job of this queue, as it is said in that one.
function links.name_in(queue, id) return queue == '' and id or '{' .. (elsewhere.own_name() or '') .. '}' .. id end

-- Runs an action in the queue of the job that is named: it gets its id there, and what a job of this queue is called there.
function links.at(ref, id, action)
  local queue, other = links.parse(ref)
  local name = links.name_in(queue, id)
  elsewhere.run(queue, function() action(other, name) end)
end

-- How the job of this queue has ended and what it left: letter and body; '' if it has not; nil if there is no such job.
function links.fate(id)
  local outcome = redis.call('HGET', k.outcomes, id)
  if outcome then return string.sub(outcome, 1, 1), string.match(outcome, '^[^\n]*\n(.*)$') end
  return redis.call('HEXISTS', k.jobs, id) == 1 and '' or nil, ''
end

function links.refuse_many(count)
  local epochs = redis.call('ZCARD', k.leases)
  if count * epochs > MAX_LOOKS then
    refuse.call('With ' .. epochs .. ' workers, a call takes at most ' .. math.floor(MAX_LOOKS / epochs) .. ' dependencies.')
  end
end

-- Says in the header of a job of this queue, and in the value by which a worker holds it, that it has dependents.
function links.mark(id)
  local header = record.header(redis.call('HGET', k.headers, id))
  if record.has(header.flags, 'P') then return end
  header.flags = header.flags .. 'P'
  redis.call('HSET', k.headers, id, record.header_text(header))
  for _, epoch in ipairs(redis.call('ZRANGE', k.leases, 0, -1)) do
    local value = redis.call('HGET', k.held .. epoch, id)
    if value then
      local facts = string.match(value, '^[^.]*%.%d+%.%d*(.*)$')
      return redis.call('HSET', k.held .. epoch, id, value .. (record.has(facts, 'H') and '' or 'H') .. 'P')
    end
  end
end

-- Makes an open edge from a job of this queue to a parent that is there.
function links.make(id, ref)
  redis.call('SADD', k.needs .. id, ref)
  links.at(ref, id, function(parent, name)
    redis.call('SADD', k.dependents .. parent, name)
    links.mark(parent)
  end)
end

-- Takes the edge away on both sides; true if there was one.
function links.cut(id, ref)
  if redis.call('SREM', k.needs .. id, ref) == 0 then return false end
  links.at(ref, id, function(parent, name)
    redis.call('SREM', k.dependents .. parent, name)
    redis.call('SREM', k.failed .. parent, name)
  end)
  return true
end

function links.cut_all(id)
  for _, ref in ipairs(redis.call('SMEMBERS', k.needs .. id)) do links.cut(id, ref) end
end

-- Those of `refs` that wait for a job of this queue and of which it does not know: who does not wait any more, or waits for it anew,
-- is not told how it had ended.
function links.waiting(refs, id)
  local still = {}
  for _, ref in ipairs(refs) do
    local is_known = redis.call('SISMEMBER', k.dependents .. id, ref) + redis.call('SISMEMBER', k.failed .. id, ref) > 0
    links.at(ref, id, function(child, name)
      if not is_known and redis.call('SISMEMBER', k.needs .. child, name) == 1 then still[#still + 1] = ref end
    end)
  end
  return still
end

-- Whether the job waits for nothing any more.
function links.is_free(id) return redis.call('EXISTS', k.needs .. id) == 0 end
