-- Takes a job that is not active out of the collection in which it was found.
-- @require ready, aside, completed, failures, aggregation
-- @key outcomes o hash
-- @key delayed d zset
-- @key retrying t zset
-- @key blocked b zset
-- @key finished f:<state> zset
-- @key own y:<state> zset
local withdraw = {}

-- `found` is what locate.find said. True if its list entry stays behind: it needs a new place.
function withdraw.from(id, found)
  if found.outcome then
    redis.call('HDEL', k.outcomes, id)
    if found.state ~= 'completed' and found.state ~= 'cancelled' then failures.left({ id }) end
    if redis.call('ZREM', k.own .. found.state, id) == 1 then return false end
    if found.state == 'completed' then
      completed.left()
      return true
    end
    redis.call('ZREM', k.finished .. found.state, id)
  elseif found.state == 'delayed' then redis.call('ZREM', k.delayed, id)
  elseif found.state == 'blocked' then redis.call('ZREM', k.blocked, id)
  elseif found.state == 'retrying' then redis.call('ZREM', k.retrying, id)
  elseif found.batch then aggregation.withdraw(id, found.batch)
  elseif found.unclaimed then aside.drop(found.unclaimed, id)
  else return not ready.drop(id) end
  return false
end
