-- Delete a schedule. The jobs that it has added stay.
-- @repeat lane
-- @oom allow
-- @require clock, features, lane, schedules
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @arg id string
-- @arg hash string                only if it has this definition; '' = whichever it has
-- @reply OK removed:int           0 = there was none such
-- @reply OLD
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', tonumber(answer) } end
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
local found = schedules.find(id)
local removed = found and (hash == '' or hash == found.hash) and 1 or 0
if removed == 1 then
  schedules.forget(id)
  if schedules.are_none() then features.disable(bits, 's') end
end
lane.store(lane_id, seq, string.format('%.0f', now), tostring(removed))
return { 'OK', removed }
