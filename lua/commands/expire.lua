-- Take running jobs from their workers now, as if their leases had ended: they wait at the front, uncharged, and what their runs
-- come to is refused.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, features, lane, locate, holds, leave, taken, events
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @rest ids id
-- @reply OK fates:string          a letter per id: E its run was taken away and it waits, L was not active, N no such job
-- @reply OLD
-- @event w
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local meta = redis.call('HMGET', k.meta, 'bits', 'drop')
local bits, drop = meta[1] or '', meta[2] or ''
features.need_known(bits)
refuse.unless_rows(#ARGV - REST + 1, 1)

local ids, fates, done = {}, {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
locate.prepare(ids)
for i, id in ipairs(ids) do
  local found = locate.find(id)
  if not found then fates[i] = 'N'
  elseif not found.held or done[id] then fates[i] = 'L'
  else
    local run = holds.entry(id, found.held)
    leave.apply(found.epoch, { { id = id, facts = run.facts, how = 'g', duration = 0, body = '' } }, now, bits, drop)
    taken.push(found.epoch, id, run.token, 'expired')
    done[id] = true
    fates[i] = 'E'
  end
end
local text = table.concat(fates)
lane.store(lane_id, seq, string.format('%.0f', now), text)
events.flush(bits, now)
return { 'OK', text }
