-- Let delayed and retrying jobs run now: to the back of the queue, what was charged stays charged. Of one that waits for its
-- batch, the batch.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, features, lane, locate, withdraw, due, events, wake, record, history, aggregation
-- @key meta q hash
-- @key headers m hash
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
features.need_known(bits)
refuse.unless_rows(#ARGV - REST + 1, 1)
local ids, fates, back = {}, {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
locate.prepare(ids)
for i, id in ipairs(ids) do
  local found = locate.find(id)
  if not found then fates[i] = 'N'
  elseif not found.at then fates[i] = 'S'
  elseif found.batch then
    aggregation.fire(found.batch, bits)
    fates[i] = 'P'
  else
    withdraw.from(id, found)
    local header = record.header(redis.call('HGET', k.headers, id))
    history.act(id, header, 'P', nil, now)
    redis.call('HSET', k.headers, id, record.header_text(header))
    back[#back + 1] = id
    fates[i] = 'P'
  end
end
due.put_back(back, bits)
local text = table.concat(fates)
lane.store(lane_id, seq, string.format('%.0f', now), text)
events.flush(bits, now)
wake.some(#back)
return { 'OK', text }
