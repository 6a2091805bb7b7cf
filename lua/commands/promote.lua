-- Let delayed and retrying jobs run now: to the back of the queue, what was charged stays charged. Of one that waits for its
-- batch, the batch.
-- @repeat lane
-- @oom allow
-- @require clock, lane, fates, withdraw, due, events, wake, record, history, aggregation
-- @key meta q hash
-- @key headers m hash
-- @arg lane_id string
-- @arg seq int
-- @rest ids id
-- @reply OK fates:string          a letter per id: P waits now, S was not waiting for its time, N no such job
-- @reply OLD
-- @event w
local now = clock.now(now_arg)
local again = fates.again(lane_id, seq)
if again then return again end
local bits = redis.call('HGET', k.meta, 'bits') or ''
local back = {}
local text = fates.of(ARGV, REST, bits, function(id, found)
  if not found.at then return 'S' end
  if found.batch then aggregation.fire(found.batch, bits) return 'P' end
  withdraw.from(id, found)
  local header = record.header(redis.call('HGET', k.headers, id))
  history.act(id, header, 'P', nil, now)
  redis.call('HSET', k.headers, id, record.header_text(header))
  back[#back + 1] = id
  return 'P'
end)
due.put_back(back, bits)
lane.store(lane_id, seq, string.format('%.0f', now), text)
events.flush(bits, now)
wake.some(#back)
return { 'OK', text }
