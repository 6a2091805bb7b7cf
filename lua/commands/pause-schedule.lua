-- Pause a schedule, or let it fire again from a time on that the caller has worked out.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, features, lane, schedules, wake
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @arg id string
-- @arg on int                     1 pause, 0 resume
-- @arg hash string                to resume: of the definition that the caller has read
-- @arg at int                     to resume: the next time that it has read
-- @arg next_at int                to resume: when it fires next; 0 = it does not
-- @reply OK changed:int           0 = it was so already, or will not fire again anyway
-- @reply AGAIN                    it is not as the caller has read it
-- @reply NOT_FOUND
-- @reply OLD
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', tonumber(answer) } end
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
refuse.unless_int('on', on, 0, 1)
refuse.unless_int('next_at', next_at, 0, 253402300799999)
local found = schedules.find(id)
if not found then return { 'NOT_FOUND' } end
local changed = found.state == (on == 1 and 'running' or 'paused') and 1 or 0
if changed == 1 and on == 0 and (found.hash ~= hash or found.at ~= at) then return { 'AGAIN' } end
if changed == 1 then
  schedules.move(id, on == 1 and found.at or next_at, on == 1)
  if on == 0 and next_at > 0 then wake.some(1) end
end
lane.store(lane_id, seq, string.format('%.0f', now), tostring(changed))
return { 'OK', changed }
