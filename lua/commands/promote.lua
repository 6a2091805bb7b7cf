-- Let delayed and retrying jobs run now: to the back of the queue, what was charged stays charged.
-- @repeat lane
-- @oom allow
-- @require clock, record, ready, lane, locate, withdraw, events, wake
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @rest ids id
-- @reply OK fates:string          a letter per id: P waits now, S was not waiting for its time, N no such job
-- @reply OLD
-- @event w
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local bits = redis.call('HGET', k.meta, 'bits') or ''
local fates, ids = {}, {}
for i = REST, #ARGV do
  local found = locate.find(ARGV[i])
  if not found then fates[#fates + 1] = 'N'
  elseif not found.at then fates[#fates + 1] = 'S'
  else
    withdraw.from(ARGV[i], found)
    ids[#ids + 1] = ARGV[i]
    events.push('w', ARGV[i])
    fates[#fates + 1] = 'P'
  end
end
ready.put_back(record.load(ids, string.find(bits, 'p', 1, true)), bits)
local text = table.concat(fates)
lane.store(lane_id, seq, now, text)
events.flush(bits, now)
wake.some(#ids)
return { 'OK', text }
