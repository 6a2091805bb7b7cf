-- Finished jobs become new: they go to the back of the queue, with a whole budget of attempts. One that expires does so no
-- more: it was asked for.
-- @require record, ready, withdraw, events, wake, unique, history, edges, links, settle
-- @key meta q hash
-- @key headers m hash
-- @key jobs j hash
-- @key blocked b zset
-- @key needs dl:<id> set
-- @key failed df:<id> set
local revive = {}

local back = {}

-- `found` is what locate.find said of a job that has ended. R it waits again, D another job has its unique key.
function revive.job(id, found, now)
  local facts = record.facts(redis.call('HGET', k.jobs, id))
  if not unique.retake(id, facts, now) then return 'D' end
  local has_ghost = withdraw.from(id, found)
  local row = record.row(id, redis.call('HGET', k.headers, id), facts)
  local header = row.header
  history.act(id, header, 'R', found.outcome, now)
  header.failures, header.stalls, header.uncounted = 0, 0, 0
  header.flags = string.gsub(header.flags, '[SX]', '')
  -- What failed through it waits for it again.
  if record.has(header.flags, 'P') then edges.note('O', id) end
  if record.fact(facts, 'x') then header.flags = header.flags .. 'X' end
  if has_ghost then header.place = ready.new_place() end
  redis.call('HSET', k.headers, id, record.header_text(header))
  back[#back + 1] = row
  return 'R'
end

-- What it waited for counts no more, but for what is tried again with it, or will be: that knows of it. True if there is any.
local function waits(id, again, is_chosen)
  local has_any = false
  for _, ref in ipairs(redis.call('SMEMBERS', k.needs .. id)) do
    local queue, parent = links.parse(ref)
    if queue == '' and again[parent] then
      has_any = true
      redis.call('SREM', k.failed .. parent, id)
      links.make(id, ref)
    elseif queue == '' and is_chosen and is_chosen(parent) then
      has_any = true
      redis.call('SADD', k.failed .. parent, id)
      links.mark(parent)
    else links.cut(id, ref) end
  end
  return has_any
end

-- `bits` are the queue's; `is_chosen` says of a job whether it will be tried again by a call that follows, nil if none will.
function revive.flush(now, bits, is_chosen)
  local again, rows = {}, {}
  for _, row in ipairs(back) do again[row.id] = true end
  for _, row in ipairs(back) do
    if record.has(row.header.flags, 'D') and waits(row.id, again, is_chosen) then
      redis.call('ZADD', k.blocked, 0, row.id)
      events.push('k', row.id)
    else
      rows[#rows + 1] = row
      events.push('w', row.id)
    end
  end
  ready.put_back(rows, bits)
  if edges.is_noted() then settle.run(now, bits, redis.call('HGET', k.meta, 'drop') or '') end
  events.flush(bits, now)
  wake.some(#rows)
end
