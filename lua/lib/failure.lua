-- The job that another one has in store: added in the call in which that one fails for good. It stands before the payload of
-- the other, `id \n body`, as many bytes as the field f says.
-- @require record, refuse, ready, events, wake
-- @key jobs j hash
local failure = {}

local added = {}

-- Id and body, out of a body or an envelope; nil if they cannot be read.
local function parts(text, fields)
  local length = tonumber(record.fact(fields, 'f'))
  if not length then return nil end
  local from = string.find(text, '\n', 1, true) + 1
  local stored = string.sub(text, from, from + length - 1)
  if #stored == length then return string.match(stored, '^(%C+)\n(.*)$') end
end

-- Refuses a body whose job in store could not be added later. True if that one has a priority.
function failure.check(body)
  local fields = string.match(body, '^%a*\t[^\t]*\t([^\t]*)\t')
  if not record.has(fields, 'f') then return false end
  local id, other = parts(body, fields)
  if not id or not record.is_body(other) or not record.agrees(other) or string.find(other, '^%a*[fuv]') then
    refuse.call('The job in store for a failure cannot be read.')
  end
  local priority = record.fact(string.match(other, '^%a*\t[^\t]*\t([^\t]*)\t'), 'p')
  if priority then refuse.unless_int('The priority', tonumber(priority), -1000, 1000) end
  return priority ~= nil
end

-- The job fails for good: what it has in store is read before its record may go.
function failure.note(id, facts)
  local other, body = parts(redis.call('HGET', k.jobs, id) or '\n', facts)
  if not other then return end
  -- An id of its own for each failure: a job may be retried, and fail again; and what it added elsewhere may have been moved here.
  local own
  repeat own = other .. '.' .. ready.new_place() until redis.call('HEXISTS', k.jobs, own) == 0
  added[#added + 1] = { id = own, body = body }
end

-- Adds what was noted, to the back of the queue.
function failure.flush(now, bits)
  if #added == 0 then return end
  local stamp, jobs, rows = record.FORMAT .. string.format('%.0f', now), {}, {}
  for i = 1, #added do
    local id, envelope = added[i].id, stamp .. added[i].body
    jobs[#jobs + 1] = id
    jobs[#jobs + 1] = envelope
    rows[i] = record.row(id, nil, record.facts(envelope))
    events.push('w', id, record.name(envelope))
  end
  redis.call('HSET', k.jobs, unpack(jobs))
  ready.put_back(rows, bits)
  wake.some(#rows)
  added = {}
end
