-- Take running jobs from their workers now, as if their leases had ended: they wait at the front, uncharged, and what their runs
-- come to is refused.
-- @repeat lane
-- @oom allow
-- @require clock, lane, fates, holds, leave, taken, events
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @rest ids id
-- @reply OK fates:string          a letter per id: E its run was taken away and it waits, L was not active, N no such job
-- @reply OLD
-- @event w
local now = clock.now(now_arg)
local again = fates.again(lane_id, seq)
if again then return again end
local meta = redis.call('HMGET', k.meta, 'bits', 'drop')
local bits, drop = meta[1] or '', meta[2] or ''
local done = {}
local text = fates.of(ARGV, REST, bits, function(id, found)
  if not found.held or done[id] then return 'L' end
  local run = holds.entry(id, found.held)
  leave.apply(found.epoch, { { id = id, facts = run.facts, how = 'g', duration = 0, body = '' } }, now, bits, drop)
  taken.push(found.epoch, id, run.token, 'expired')
  done[id] = true
  return 'E'
end)
lane.store(lane_id, seq, string.format('%.0f', now), text)
events.flush(bits, now)
return { 'OK', text }
