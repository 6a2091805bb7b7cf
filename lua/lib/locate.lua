-- Where a job is: its state is derived from the collection that holds it, never stored twice.
-- @require record, refuse
-- @key jobs j hash
-- @key outcomes o hash
-- @key delayed d zset
-- @key retrying t zset
-- @key blocked b zset
-- @key leases L zset
-- @key held h:<epoch> hash
-- @key names un set
-- @key unclaimed u:<name> zset
-- @key gathered ag zset
-- @key times ad zset
local locate = {}

-- Looks into held hashes, ids × epochs: about 10 ms.
local MAX_LOOKS = 100000

local runs, names = {}, nil

-- Forgets what `prepare` has found: what follows is asked of another queue.
function locate.leave() runs, names = {}, nil end

-- Looks for the ids in all epochs, to be called once before `find`: a look an id and epoch took 0.7 ms an id of a thousand epochs.
function locate.prepare(ids)
  for i = 1, #ids do refuse.unless_name('id', ids[i]) end
  local epochs = redis.call('ZRANGE', k.leases, 0, -1)
  if #ids * #epochs > MAX_LOOKS then
    refuse.call('With ' .. #epochs .. ' workers, a call looks up at most ' .. math.floor(MAX_LOOKS / #epochs) .. ' ids.')
  end
  if #ids == 0 then return end
  for _, epoch in ipairs(epochs) do
    local held = redis.call('HMGET', k.held .. epoch, unpack(ids))
    for i = 1, #ids do
      if held[i] then runs[ids[i]] = { epoch = epoch, held = held[i] } end
    end
  end
end

-- { state, epoch, held } for an active job, { state, at } for a delayed or retrying one, { state, due } for a blocked one,
-- { state, outcome } for a finished one,
-- { state, unclaimed } for one that waits for a handler, { state, batch, at } for one that waits for its batch, which fires at `at`; nil if there is no such job.
function locate.find(id)
  if redis.call('HEXISTS', k.jobs, id) == 0 then return nil end
  local outcome = redis.call('HGET', k.outcomes, id)
  if outcome then return { state = record.STATES[string.sub(outcome, 1, 1)], outcome = outcome } end
  local at = redis.call('ZSCORE', k.delayed, id)
  if at then return { state = 'delayed', at = at } end
  at = redis.call('ZSCORE', k.retrying, id)
  if at then return { state = 'retrying', at = at } end
  at = redis.call('ZSCORE', k.blocked, id)
  if at then return { state = 'blocked', due = at } end
  if runs[id] then return { state = 'active', epoch = runs[id].epoch, held = runs[id].held } end
  names = names or redis.call('SMEMBERS', k.names)
  for _, name in ipairs(names) do
    if redis.call('ZSCORE', k.unclaimed .. name, id) then return { state = 'waiting', unclaimed = name } end
  end
  local batch = redis.call('ZSCORE', k.gathered, id)
  if batch then return { state = 'aggregating', batch = batch, at = redis.call('ZSCORE', k.times, batch) or nil } end
  return { state = 'waiting' }
end
