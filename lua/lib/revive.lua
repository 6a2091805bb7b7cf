-- Finished jobs become new: they go to the back of the queue, with a whole budget of attempts. One that expires does so no
-- more: it was asked for.
-- @require record, ready, withdraw, events, wake, unique, history, edges, settle
-- @key meta q hash
-- @key headers m hash
-- @key jobs j hash
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
  -- What it waited for counts no more; what failed through it waits for it again.
  if record.has(header.flags, 'D') then edges.note('U', id) end
  if record.has(header.flags, 'P') then edges.note('O', id) end
  if record.fact(facts, 'x') then header.flags = header.flags .. 'X' end
  if has_ghost then header.place = ready.new_place() end
  redis.call('HSET', k.headers, id, record.header_text(header))
  back[#back + 1] = row
  events.push('w', id)
  return 'R'
end

-- `bits` are the queue's.
function revive.flush(now, bits)
  ready.put_back(back, bits)
  if edges.is_noted() then settle.run(now, bits, redis.call('HGET', k.meta, 'drop') or '') end
  events.flush(bits, now)
  wake.some(#back)
end
