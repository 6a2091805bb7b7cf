-- Cancel jobs wherever they are. A running one ends now: its hold goes, its worker is told, its outcome will be refused.
-- @repeat lane
-- @oom allow
-- @require clock, record, ready, lane, locate, withdraw, finish, leave, taken, events
-- @key meta q hash
-- @key headers m hash
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
local facts = redis.call('HMGET', k.meta, 'bits', 'drop')
local bits, drop = facts[1] or '', facts[2] or ''
local CANCELLED = '{"name":"JobCancelledError","code":"CANCELLED","kind":"cancelled","message":"The job was cancelled."}'

local function cancel(id)
  local found = locate.find(id)
  if not found then return 'N' end
  if found.outcome then return 'F' end
  if found.state == 'active' then
    local token, flags = string.match(found.held, '^([^.]*%.%d+)%.(.*)$')
    leave.apply(found.epoch, { { id = id, flags = flags, how = 'x', duration = 0, body = CANCELLED } }, now, bits, drop)
    taken.push(found.epoch, id, token, 'cancelled')
    return 'A'
  end
  local stored = redis.call('HGET', k.headers, id)
  local header, flags = record.header(stored), locate.flags(id)
  if withdraw.from(id, found) then
    header.place = ready.new_place()
    redis.call('HSET', k.headers, id, record.header_text(header))
    stored = true
  end
  if stored then flags = flags .. 'H' .. header.flags end
  finish.push({ id = id, letter = 'x', flags = flags, attempt = header.failures + header.stalls, duration = 0, body = CANCELLED })
  return 'C'
end

local fates = {}
for i = REST, #ARGV do fates[#fates + 1] = cancel(ARGV[i]) end
finish.flush(now, bits, drop)
local text = table.concat(fates)
lane.store(lane_id, seq, now, text)
events.flush(bits, now)
return { 'OK', text }
