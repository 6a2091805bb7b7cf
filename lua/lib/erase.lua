-- Takes jobs out of the queue for good, wherever they are but active. A given id is free again.
-- @require record, withdraw, forget, unique, edges, settle, events
-- @key meta q hash
-- @key jobs j hash
-- @key headers m hash
-- @key ids ids zset
local erase = {}

-- Jobs that are in no collection any more, with their headers as they are stored.
function erase.taken(ids, headers, have_ended)
  if #ids == 0 then return end
  local flags = {}
  for i = 1, #ids do
    if not have_ended then unique.release(ids[i], record.facts(redis.call('HGET', k.jobs, ids[i]))) end
    flags[i] = record.header(headers[i]).flags
  end
  forget.jobs(ids, flags)
  redis.call('ZREM', k.ids, unpack(ids))
end

-- `found` is what locate.find said.
function erase.job(id, found)
  withdraw.from(id, found)
  erase.taken({ id }, { redis.call('HGET', k.headers, id) }, found.outcome)
end

-- Tells what depended on them; `bits` are the queue's.
function erase.flush(now, bits)
  if not edges.is_noted() then return end
  settle.run(now, bits, redis.call('HGET', k.meta, 'drop') or '')
  events.flush(bits, now)
end
