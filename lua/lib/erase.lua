-- Takes jobs out of the queue for good, wherever they are but active. A given id is free again.
-- @require record, withdraw, forget, unique, edges, settle, events
-- @key meta q hash
-- @key jobs j hash
-- @key headers m hash
-- @key ids ids zset
local erase = {}

-- `found` is what locate.find said.
function erase.job(id, found)
  withdraw.from(id, found)
  if not found.outcome then unique.release(id, record.facts(redis.call('HGET', k.jobs, id))) end
  forget.jobs({ id }, { record.header(redis.call('HGET', k.headers, id)).flags })
  redis.call('ZREM', k.ids, id)
end

-- Tells what depended on them; `bits` are the queue's.
function erase.flush(now, bits)
  if not edges.is_noted() then return end
  settle.run(now, bits, redis.call('HGET', k.meta, 'drop') or '')
  events.flush(bits, now)
end
