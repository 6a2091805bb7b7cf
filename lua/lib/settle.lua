-- Tells dependents how the jobs that they depend on have ended: the last one that completes lets them wait for a worker; one that
-- fails ends them, or not, as each of them was told when it was added. A call follows 250 edges, or it would hold the server for more than 10 ms; what is left over is
-- continued by housekeeping, from a list.
-- @require record, edges, put-off, links, untold, unblock, reopen, elsewhere, features, events
-- @key meta q hash
-- @key headers m hash
-- @key dependents dd:<id> set
-- @key failed df:<id> set
-- @key results dr:<id> hash
-- @key pending dq list
-- @key detached dx:<n> set
local settle = {}

local MOST = 250

-- Edges that this call may still follow.
local left = MOST

local function follow(id, e, ref, now)
  if e.what == 'O' then reopen.job(id, ref, now) else unblock.edge(id, ref, e.what, e.body, now) end
end

-- What dependents are to hear late of an end that was not a success: the job may have been tried again since, or another one has
-- taken its place. '' = it goes on.
local function as_it_is(e)
  local letter, body = links.fate(e.id)
  if not letter or not untold.is_as_it_is(e.what) then return e end
  if letter == '' and not record.has(record.header(redis.call('HGET', k.headers, e.id)).flags, 'P') then return e end
  return { what = (letter ~= '' and e.what == 'X') and 'X' or letter, id = e.id, body = body }
end

-- Follows edges from a job of this queue to its dependents in a set; those of other queues are put down for later. `is_late`: it is
-- another call than that in which it ended.
local function tell(e, key, abroad, now, is_late)
  local refs = left > 0 and redis.call('SPOP', key, left) or {}
  left = left - #refs
  if is_late and #refs > 0 then
    e, refs = as_it_is(e), links.waiting(refs, e.id)
    if e.what == '' then
      if #refs > 0 then redis.call('SADD', k.dependents .. e.id, unpack(refs)) end
      return
    end
  end
  -- One that is tried again opens what failed through it.
  local is_kept = untold.is_as_it_is(e.what) and (links.fate(e.id) or '') ~= ''
  for _, ref in ipairs(refs) do
    local queue, id = links.parse(ref)
    if is_kept then redis.call('SADD', k.failed .. e.id, ref) end
    if queue == '' then follow(id, e, e.id, now)
    else
      abroad[queue] = abroad[queue] or {}
      table.insert(abroad[queue], { id = id, ref = links.name_in(queue, e.id), e = e })
    end
  end
end

local function forget(e)
  links.cut_all(e.id)
  if e.what == 'G' then redis.call('DEL', k.results .. e.id) end
end

local function handle(e, abroad, now)
  if e.what == 'U' or e.what == 'G' then return forget(e) end
  local key = (e.what == 'O' and k.failed or k.dependents) .. e.id
  -- What earlier calls have left comes first.
  if e.what ~= 'O' or redis.call('EXISTS', k.pending) == 0 then tell(e, key, abroad, now) end
  if redis.call('EXISTS', key) == 1 then put_off.edge(e) end
  if e.what == 'R' then redis.call('DEL', k.failed .. e.id) end
end

-- In the other queues, each with all that follows there.
local function go_abroad(abroad, now)
  for queue, list in pairs(abroad) do
    elsewhere.run(queue, function()
      local meta = redis.call('HMGET', k.meta, 'bits', 'drop')
      for _, edge in ipairs(list) do follow(edge.id, edge.e, edge.ref, now) end
      settle.run(now, meta[1] or '', meta[2] or '')
      events.flush(meta[1] or '', now)
    end)
  end
end

-- Settles what was noted, and what follows from it.
function settle.run(now, bits, drop)
  local abroad = {}
  unblock.flush(now, bits, drop)
  while edges.is_noted() do
    for _, e in ipairs(edges.take()) do handle(e, abroad, now) end
    unblock.flush(now, bits, drop)
  end
  if next(abroad) == nil then return end
  events.flush(bits, now)
  go_abroad(abroad, now)
end

-- Before those that a job had failed were told that it is tried again: they stay as they are.
local function has_failed_again(id)
  local letter = links.fate(id)
  return letter ~= '' and letter ~= 'c'
end

-- Goes on with an entry; what it did not come to is left. One that cannot be read tells nobody anything.
local function go_on(entry, now)
  local what, number, id, body = string.match(entry, '^(%a)\t(%d*)\t([^\n]*)\n(.*)$')
  local abroad = {}
  if what == 'U' or what == 'G' then
    forget({ what = what, id = id })
    left = left - 1
  elseif what and not (what == 'O' and has_failed_again(id)) then
    local key = what == 'O' and k.failed .. id or k.detached .. number
    tell({ what = what, id = id, body = body }, key, abroad, now, what ~= 'O')
    if redis.call('EXISTS', key) == 1 then return abroad end
  end
  redis.call('LPOP', k.pending)
  return abroad
end

-- Goes on with what earlier calls have left, at most `budget` edges; true if there is more.
function settle.resume(now, budget, bits, drop)
  left = math.min(budget, MOST)
  while left > 0 do
    local entry = redis.call('LINDEX', k.pending, 0)
    if not entry then
      features.disable(redis.call('HGET', k.meta, 'bits') or '', 'd')
      return false
    end
    local abroad = go_on(entry, now)
    unblock.flush(now, bits, drop)
    events.flush(bits, now)
    go_abroad(abroad, now)
    settle.run(now, bits, drop)
  end
  return true
end
