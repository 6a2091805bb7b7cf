-- Cancel jobs wherever they are. A running one ends now: its hold goes, its worker is told, its outcome will be refused.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, record, features, ready, lane, locate, holds, withdraw, finish, leave, taken, events
-- @key meta q hash
-- @key headers m hash
-- @key jobs j hash
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

local function cancel_active(id, found)
  local run = holds.entry(id, found.held)
  leave.apply(found.epoch, { { id = id, facts = run.facts, how = 'x', duration = 0, body = CANCELLED } }, now, bits, drop)
  taken.push(found.epoch, id, run.token, 'cancelled')
  return 'A'
end

local done = {}

local function cancel(id)
  if done[id] then return 'F' end
  local found = locate.find(id)
  if not found then return 'N' end
  if found.outcome then return 'F' end
  done[id] = true
  if found.state == 'active' then return cancel_active(id, found) end
  local stored, envelope = redis.call('HGET', k.headers, id), redis.call('HGET', k.jobs, id)
  local header, facts = record.header(stored), record.facts(envelope)
  if withdraw.from(id, found) then
    header.place = ready.new_place()
    redis.call('HSET', k.headers, id, record.header_text(header))
    stored = true
  end
  if stored then facts = facts .. 'H' .. header.flags end
  finish.push({ id = id, letter = 'x', facts = facts, attempt = header.failures + header.stalls, duration = 0,
    body = CANCELLED, name = record.name(envelope) })
  return 'C'
end

local ids, fates = {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
locate.prepare(ids)
for i = 1, #ids do fates[i] = cancel(ids[i]) end
finish.flush(now, bits, drop)
local text = table.concat(fates)
lane.store(lane_id, seq, string.format('%.0f', now), text)
events.flush(bits, now)
return { 'OK', text }
