-- A job that waits for others: one of them has ended, and what becomes of the job then.
-- @require record, links, finish, failure, due, side, events, wake
-- @key headers m hash
-- @key jobs j hash
-- @key blocked b zset id -> when it may run, once it waits for no other job; 0 at once
-- @key needs dl:<id> set
-- @key failed df:<id> set
-- @key results dr:<id> hash parent -> c and its result, > if that is too large, or another letter of an end
local unblock = {}

-- Larger ones are read where they are.
local MAX_RESULT = 65536

local released = {}

-- The job waits for no other one any more.
function unblock.release(id, now)
  local at = tonumber(redis.call('ZSCORE', k.blocked, id))
  if not at then return end
  redis.call('ZREM', k.blocked, id)
  if at <= now then
    released[#released + 1] = id
    return
  end
  due.delay({ string.format('%.0f', at), id })
  events.push('d', id)
end

local WORDS = { f = 'failed', t = 'timed out', b = 'could not be read', x = 'was cancelled', X = 'was cancelled', R = 'was removed' }

local function because(ref, what)
  local queue, id = links.parse(ref)
  local name = string.gsub(queue == '' and id or queue .. '/' .. id, '[\\"]', '\\%0')
  return '{"name":"DependencyFailedError","code":"DEPENDENCY_FAILED","kind":"dependency","message":"Job ' .. name
    .. ', on which this one depends, ' .. WORDS[what] .. '."}'
end

-- Ends a job that waits for others.
local function finish_blocked(id, letter, ref, what)
  if redis.call('ZREM', k.blocked, id) == 0 then return end
  local envelope, header = redis.call('HGET', k.jobs, id), record.header(redis.call('HGET', k.headers, id))
  -- Its record was lost.
  if not envelope then return end
  local facts = record.facts(envelope)
  if letter == 'f' and record.has(facts, 'f') then failure.note(id, facts) end
  finish.push({ id = id, letter = letter, facts = facts .. 'H' .. header.flags, attempt = 0, duration = 0,
    body = because(ref, what), name = record.name(envelope), kind = 'dependency', is_cascade = what == 'X' })
end

-- A parent of a job of this queue has ended so.
function unblock.edge(id, ref, what, body, now)
  if redis.call('SISMEMBER', k.needs .. id, ref) == 0 then return end
  local policy = what == 'c' and 'r' or (what == 'X' and 'c') or string.sub((side.of(id).d or { 'f' })[1], 1, 1)
  if policy == 'r' then
    redis.call('SREM', k.needs .. id, ref)
    redis.call('HSET', k.results .. id, ref, what == 'c' and (#body <= MAX_RESULT and 'c' .. body or '>') or what)
    -- It is nothing that would be opened again.
    if what ~= 'c' then links.at(ref, id, function(parent, name) redis.call('SREM', k.failed .. parent, name) end) end
    if links.is_free(id) then unblock.release(id, now) end
  elseif policy == 'f' then finish_blocked(id, 'f', ref, what)
  elseif policy == 'c' then finish_blocked(id, 'x', ref, what) end
end

-- Writes what has been collected.
function unblock.flush(now, bits, drop)
  due.put_back(released, bits)
  wake.some(#released)
  released = {}
  finish.flush(now, bits, drop)
  failure.flush(now, bits)
end
