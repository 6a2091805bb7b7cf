-- Where a job is: its state is derived from the collection that holds it, never stored twice.
-- @require record
-- @key jobs j hash
-- @key outcomes o hash
-- @key delayed d zset
-- @key retrying t zset
-- @key leases L zset
-- @key held h:<epoch> hash
-- @key names un set
-- @key unclaimed u:<name> zset
local locate = {}

-- { state, epoch, held } for an active job, { state, at } for a delayed or retrying one, { state, outcome } for a finished one,
-- { state, unclaimed } for one that waits for a handler; nil if there is no such job.
function locate.find(id)
  if redis.call('HEXISTS', k.jobs, id) == 0 then return nil end
  local outcome = redis.call('HGET', k.outcomes, id)
  if outcome then return { state = record.STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
  local at = redis.call('ZSCORE', k.delayed, id)
  if at then return { state = 'delayed', at = at } end
  at = redis.call('ZSCORE', k.retrying, id)
  if at then return { state = 'retrying', at = at } end
  for _, epoch in ipairs(redis.call('ZRANGE', k.leases, 0, -1)) do
    local held = redis.call('HGET', k.held .. epoch, id)
    if held then return { state = 'active', epoch = epoch, held = held } end
  end
  for _, name in ipairs(redis.call('SMEMBERS', k.names)) do
    if redis.call('ZSCORE', k.unclaimed .. name, id) then return { state = 'waiting', unclaimed = name } end
  end
  return { state = 'waiting' }
end

-- The flags that the envelope of an existing job carries.
function locate.flags(id) return record.flags(redis.call('HGET', k.jobs, id)) end
