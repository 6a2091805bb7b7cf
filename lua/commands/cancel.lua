-- Cancel jobs wherever they are. A running one ends now: its hold goes, its worker is told, its outcome will be refused.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, features, lane, locate, cancelling, finish, edges, settle, events
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @rest ids id
-- @reply OK fates:string          a letter per id: C cancelled, A cancelled while active, F had ended already, N no such job
-- @reply OLD
-- @event x
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local meta = redis.call('HMGET', k.meta, 'bits', 'drop')
local bits, drop = meta[1] or '', meta[2] or ''
features.need_known(bits)
refuse.unless_rows(#ARGV - REST + 1, 1)
local CANCELLED = '{"name":"CancelError","code":"CANCEL","kind":"cancelled","message":"The job was cancelled."}'

local done = {}

local function cancel(id)
  if done[id] then return 'F' end
  local found = locate.find(id)
  if not found then return 'N' end
  if found.outcome then return 'F' end
  done[id] = true
  cancelling.cancel(id, found, CANCELLED, 'cancelled', now, bits, drop)
  if found.state == 'active' then return 'A' end
  return 'C'
end

local ids, fates = {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
locate.prepare(ids)
for i = 1, #ids do fates[i] = cancel(ids[i]) end
finish.flush(now, bits, drop)
if edges.is_noted() then settle.run(now, bits, drop) end
local text = table.concat(fates)
lane.store(lane_id, seq, string.format('%.0f', now), text)
events.flush(bits, now)
return { 'OK', text }
