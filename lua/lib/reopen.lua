-- A job that had failed others is tried again, and they wait for it once more.
-- @require record, edges, links, unblock, events, withdraw, unique
-- @key headers m hash
-- @key jobs j hash
-- @key blocked b zset
-- @key needs dl:<id> set
-- @key dependents dd:<id> set
-- @key failed df:<id> set
local reopen = {}

-- A parent that had failed a job of this queue is tried again: the job waits for it once more.
function reopen.job(id, ref, now)
  local letter = links.fate(id)
  if not letter or redis.call('SISMEMBER', k.needs .. id, ref) == 0 then return end
  local is_stuck = letter == ''
  for _, other in ipairs(redis.call('SMEMBERS', k.needs .. id)) do
    -- It stays as it is until that one is tried again, too; for good where that one is gone, whatever job has its id by now.
    links.at(other, id, function(parent, name)
      if other ~= ref and redis.call('SISMEMBER', k.dependents .. parent, name) == 0 then is_stuck = true end
    end)
  end
  local envelope = not is_stuck and redis.call('HGET', k.jobs, id)
  -- So it does where another job has its unique key by now.
  if envelope and unique.retake(id, record.facts(envelope), now) then
    withdraw.from(id, { state = record.STATES[letter], outcome = true })
    redis.call('ZADD', k.blocked, 0, id)
    events.push('k', id, record.name(envelope))
    if record.has(record.header(redis.call('HGET', k.headers, id)).flags, 'P') then edges.note('O', id) end
  end
  local what, body
  links.at(ref, id, function(parent, name)
    what, body = links.fate(parent)
    -- It may have ended since.
    if what and what ~= 'c' then redis.call('SADD', (what == '' and k.dependents or k.failed) .. parent, name) end
  end)
  if what and what ~= '' then unblock.edge(id, ref, what, body, now) end
end
