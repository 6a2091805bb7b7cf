-- Send finished jobs to the back of the queue again, with a whole budget of attempts.
-- @repeat lane
-- @oom allow
-- @require clock, record, ready, lane, locate, withdraw, events, wake
-- @key meta q hash
-- @key headers m hash
-- @arg lane_id string
-- @arg seq int
-- @rest ids id
-- @reply OK fates:string          a letter per id: R waits again, L has not ended, N no such job
-- @reply OLD
-- @event w
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local bits = redis.call('HGET', k.meta, 'bits') or ''
local fates, back = {}, {}
for i = REST, #ARGV do
  local id = ARGV[i]
  local found = locate.find(id)
  if not found then fates[#fates + 1] = 'N'
  elseif not found.outcome then fates[#fates + 1] = 'L'
  else
    withdraw.from(id, found)
    local row = record.load({ id }, string.find(bits, 'p', 1, true))[1]
    row.header.failures, row.header.stalls, row.header.uncounted = 0, 0, 0
    row.header.flags = string.gsub(row.header.flags, 'S', '')
    if row.stored then redis.call('HSET', k.headers, id, record.header_text(row.header)) end
    back[#back + 1] = row
    events.push('w', id)
    fates[#fates + 1] = 'R'
  end
end
ready.put_back(back, bits)
local text = table.concat(fates)
lane.store(lane_id, seq, now, text)
events.flush(bits, now)
wake.some(#back)
return { 'OK', text }
