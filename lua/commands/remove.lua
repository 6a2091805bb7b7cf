-- Forget jobs for good, whatever their state but active. A given id is free again.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, features, lane, locate, erase
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @rest ids id
-- @reply OK fates:string          a letter per id: R removed, A is active and stays, N no such job
-- @reply OLD
-- @event w d f x
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
refuse.unless_rows(#ARGV - REST + 1, 1)
local wanted, fates = {}, {}
for i = REST, #ARGV do wanted[#wanted + 1] = ARGV[i] end
locate.prepare(wanted)
for i, id in ipairs(wanted) do
  local found = locate.find(id)
  if not found then fates[i] = 'N'
  elseif found.state == 'active' then fates[i] = 'A'
  else
    erase.job(id, found)
    fates[i] = 'R'
  end
end
erase.flush(now, bits)
local text = table.concat(fates)
lane.store(lane_id, seq, string.format('%.0f', now), text)
return { 'OK', text }
