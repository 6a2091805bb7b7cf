-- Send finished jobs to the back of the queue again, with a whole budget of attempts. One that expires does so no more: it was
-- asked for.
-- @repeat lane
-- @oom allow
-- @require clock, lane, fates, revive
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @rest ids id
-- @reply OK fates:string          a letter per id: R waits again, L has not ended, N no such job, D another
--   job has its unique key
-- @reply OLD
-- @event w k
local now = clock.now(now_arg)
local again = fates.again(lane_id, seq)
if again then return again end
local bits = redis.call('HGET', k.meta, 'bits') or ''
local text = fates.of(ARGV, REST, bits, function(id, found)
  if not found.outcome then return 'L' end
  return revive.job(id, found, now)
end)
lane.store(lane_id, seq, string.format('%.0f', now), text)
revive.flush(now, bits)
return { 'OK', text }
