-- Ids that a user gave: what happens when the id is taken already. Checked for the whole batch before the first write.
-- @require refuse, record, locate, holds, withdraw, leave, taken, ready, forget, unique, edges
-- @key jobs j hash
-- @key headers m hash
-- @key ids ids zset id -> until when it is remembered; it stays as long as its job does, see `retention`
local given = {}

local REPLACED = '{"name":"CancelError","code":"CANCEL","kind":"cancelled","message":"A job with the same id replaced it."}'

-- `add` does not look whether a minted id is free, and who sees one can tell the next: nobody may give an id of their form.
function given.check(id)
  if not string.find(id, '^%w%w%w%w%w%w%w%w%w~') then return end
  refuse.with('INVALID_OPTION', 'The id "' .. id .. '" begins as those do that are minted. Put something before it.')
end

local remembered = {}

-- To be called once before `fate`, with all ids of the call. An id without an entry is free: nothing else is asked about it.
function given.prepare(ids)
  local known = {}
  local until_ms = #ids > 0 and redis.call('ZMSCORE', k.ids, unpack(ids)) or {}
  for i = 1, #ids do
    if until_ms[i] then
      remembered[ids[i]] = tonumber(until_ms[i])
      known[#known + 1] = ids[i]
    end
  end
  locate.prepare(known)
end

-- The fate of a row: A add, K kept as it is, R replaced, C conflict, L refused because it is active; and what is there.
function given.fate(id, how, now)
  local until_ms = remembered[id]
  if not until_ms then return 'A', nil end
  local found = locate.find(id)
  if not found then
    if until_ms <= now or until_ms % 1 ~= 0 or how.c == 'r' then return 'A', nil end
    return how.c == 'k' and 'K' or 'C', { state = 'remembered' }
  end
  if how.c == 'k' then return 'K', found end
  if how.c == 'j' then return 'C', found end
  if found.state == 'active' and not how.x then return 'L', found end
  return 'R', found
end

local claimed, scores, heirs = {}, {}, {}

-- Makes room for a row with fate A or R and returns its place in the ready list; `settle` is to follow.
function given.claim(id, how, found, has_ghosts, now, bits)
  if found and found.state == 'active' then
    local run = holds.entry(id, found.held)
    leave.apply(found.epoch, { { id = id, facts = run.facts, how = 'x', duration = 0, body = REPLACED, has_heir = true } }, now, bits, '')
    taken.push(found.epoch, id, run.token, 'replaced')
    found = locate.find(id)
  end
  if found then
    if not found.outcome then unique.release(id, record.facts(redis.call('HGET', k.jobs, id))) end
    has_ghosts = withdraw.from(id, found) or has_ghosts
  end
  if remembered[id] then claimed[#claimed + 1] = id end
  -- Before anything is told that the call makes end: it is not told to the new one.
  if found and record.has(record.header(redis.call('HGET', k.headers, id)).flags, 'D') then edges.note('G', id) end
  scores[#scores + 1] = string.format('%.0f', now + how.m)
  scores[#scores + 1] = id
  return has_ghosts and ready.new_place() or '0'
end

-- What the former jobs of the claimed ids noted or suffered must not become the new ones'.
function given.settle()
  if #scores == 0 then return end
  if #claimed > 0 then
    local headers, flags = redis.call('HMGET', k.headers, unpack(claimed)), {}
    for i = 1, #claimed do
      flags[i] = record.header(headers[i]).flags
      if record.has(flags[i], 'P') then heirs[#heirs + 1] = claimed[i] end
      flags[i] = (string.gsub(flags[i], 'P', ''))
    end
    forget.jobs(claimed, flags)
  end
  redis.call('ZADD', k.ids, unpack(scores))
end

-- The new jobs on which others depend, as they did on those that these have replaced.
function given.heirs() return heirs end
