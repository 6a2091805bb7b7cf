-- Store a schedule, or change one that the caller has read before. One of a higher revision stays, and an equal one is not
-- touched. What it has done so far, and whether it is paused, stays as it is.
-- @repeat lane
-- @oom first-write
-- @require clock, refuse, features, lane, schedules, wake
-- @key meta q hash
-- @arg lane_id string             the lane's nonce
-- @arg seq int                    of this call in its lane
-- @arg id string
-- @arg was_hash string            of the definition that the caller has read; '' = there was none
-- @arg was_at int                 the next time that it has read; 0 = none
-- @arg revision int
-- @arg hash string                of what is defined, revision included; letters and digits
-- @arg next_at int                when it fires next; 0 = it does not
-- @arg definition string          for workers only
-- @reply OK
-- @reply AGAIN                    it is not as the caller has read it
-- @reply NEWER                    the stored one has a higher revision
-- @reply OLD
local now = clock.now(now_arg)
local again = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK' } end
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
schedules.check_id(id)
refuse.unless_int('revision', revision, 0, 1000000000)
refuse.unless_int('next_at', next_at, 0, 253402300799999)
if not string.find(hash, '^%w+$') or #hash > 64 then refuse.call('The hash of a definition is not a word of letters and digits.') end
local found = schedules.find(id)
if (found and found.hash or '') ~= was_hash or (found and found.at or 0) ~= was_at then return { 'AGAIN' } end
if found and found.revision > revision then return { 'NEWER' } end

bits = features.enable(bits, 's')
lane.store(lane_id, seq, string.format('%.0f', now), '')
if was_hash ~= hash then
  local is_paused = found and found.state == 'paused'
  schedules.write(id, { revision = revision, count = found and found.count or 0, last = found and found.last or '0', hash = hash,
    job = found and found.job or '', definition = definition })
  schedules.move(id, next_at, is_paused)
  -- A worker sets its timer.
  if next_at > 0 and not is_paused then wake.some(1) end
end
return { 'OK' }
