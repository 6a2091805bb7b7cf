-- Jobs that no worker here can run: they wait, by name, for one that can.
-- @key unclaimed u:<name> zset id, in the order in which they came
-- @key names un set
-- @key meta q hash
local aside = {}

-- Not a job's name (those have no control characters): where jobs of a later format wait for a newer worker.
aside.LATER_FORMAT = '\tformat'

function aside.put(name, id)
  redis.call('SADD', k.names, name)
  redis.call('ZADD', k.unclaimed .. name, redis.call('HINCRBY', k.meta, 'aside', 1), id)
end

local function forget_if_empty(name)
  if redis.call('EXISTS', k.unclaimed .. name) == 0 then redis.call('SREM', k.names, name) end
end

function aside.drop(name, id)
  redis.call('ZREM', k.unclaimed .. name, id)
  forget_if_empty(name)
end

-- The ids of up to n jobs of a name, the oldest first; they are taken out.
function aside.take(name, n)
  local popped, ids = redis.call('ZPOPMIN', k.unclaimed .. name, n), {}
  for i = 1, #popped, 2 do ids[#ids + 1] = popped[i] end
  forget_if_empty(name)
  return ids
end
