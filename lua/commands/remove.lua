-- Forget jobs for good, whatever their state but active. A given id is free again.
-- @repeat lane
-- @oom allow
-- @require clock, lane, fates, erase
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @rest ids id
-- @reply OK fates:string          a letter per id: R removed, A is active and stays, N no such job
-- @reply OLD
-- @event w d f x
local now = clock.now(now_arg)
local again = fates.again(lane_id, seq)
if again then return again end
local bits = redis.call('HGET', k.meta, 'bits') or ''
local text = fates.of(ARGV, REST, bits, function(id, found)
  if found.state == 'active' then return 'A' end
  erase.job(id, found)
  return 'R'
end)
erase.flush(now, bits)
lane.store(lane_id, seq, string.format('%.0f', now), text)
return { 'OK', text }
