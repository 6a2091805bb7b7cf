-- Ends a job as cancelled, wherever it is: one that runs is taken from its worker, which is told.
-- @require record, ready, holds, withdraw, finish, edges, leave, taken
-- @key headers m hash
-- @key jobs j hash
local cancelling = {}

local function cancel_active(id, found, body, reason, now, bits, drop, is_cascade)
  local run = holds.entry(id, found.held)
  leave.apply(found.epoch, { { id = id, facts = run.facts, how = 'x', duration = 0, body = body, is_cascade = is_cascade } }, now, bits, drop)
  taken.push(found.epoch, id, run.token, reason)
end

-- `found` is what locate.find said of a job that has not ended; `body` the error that it ends with, `reason` what its worker
-- is told; with `is_cascade` the jobs that depend on it are cancelled, too. finish.flush is to follow.
function cancelling.cancel(id, found, body, reason, now, bits, drop, is_cascade)
  if found.state == 'active' then return cancel_active(id, found, body, reason, now, bits, drop, is_cascade) end
  local stored, envelope = redis.call('HGET', k.headers, id), redis.call('HGET', k.jobs, id)
  local header, facts = record.header(stored), record.facts(envelope)
  if withdraw.from(id, found) then
    header.place = ready.new_place()
    redis.call('HSET', k.headers, id, record.header_text(header))
    stored = true
  end
  if stored then facts = facts .. 'H' .. header.flags end
  if found.state == 'blocked' then edges.note('U', id) end
  finish.push({ id = id, letter = 'x', facts = facts, attempt = header.failures + header.stalls, duration = 0, body = body,
    name = record.name(envelope), is_cascade = is_cascade })
end
