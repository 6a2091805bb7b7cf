-- Change the payload, the priority or the time of a job that has not ended. One that waits and gets a time is delayed; one that
-- waits for its time and gets a time that has come waits no more. Its unique key stays the one that it has.
-- @repeat lane
-- @oom first-write
-- @require clock, record, ready, features, lane, locate, withdraw, intake, amend, due, events, wake
-- @key meta q hash
-- @key jobs j hash
-- @key headers m hash
-- @key retrying t zset
-- @key blocked b zset
-- @arg lane_id string
-- @arg seq int
-- @arg id string
-- @arg how string                 what is to change: d or a its time, p its priority, as in a row of `add`
-- @arg has_data int               1 = its payload becomes what follows, 0 = it stays
-- @arg data string
-- @reply OK fate:string           U changed, A is active (only a priority can change), F has ended, N no such job
-- @reply OLD
-- @event w d
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
local _, asked = intake.read(id .. '\t' .. how)
locate.prepare({ id })
local found = locate.find(id)
local fate = 'U'
if not found then fate = 'N' elseif found.outcome then fate = 'F' elseif found.state == 'active' then fate = 'A' end
if fate == 'U' and (tonumber(asked.p) or 0) ~= 0 then bits = features.enable(bits, 'p') end
lane.store(lane_id, seq, string.format('%.0f', now), fate)
if fate ~= 'U' then return { 'OK', fate } end

if has_data == 1 then redis.call('HSET', k.jobs, id, amend.envelope(redis.call('HGET', k.jobs, id), nil, data)) end
local at = asked.a and tonumber(asked.a) or (asked.d and now + asked.d) or nil
local envelope = redis.call('HGET', k.jobs, id)
local row = record.row(id, redis.call('HGET', k.headers, id), record.facts(envelope))
if asked.p then row.priority = tonumber(asked.p) end
local is_ready = found.state == 'waiting' and not found.unclaimed
local is_later = at and at > now
-- A new place for the job: it is ready and gets another priority or a time, or waits for a time that has come.
local leaves = is_ready and asked.p or found.state == 'waiting' and is_later or found.at and at
if leaves and withdraw.from(id, found) then row.header.place = ready.new_place() end
if asked.p or leaves then
  -- Promoting must not read the envelope.
  row.header.priority = tostring(row.priority)
  redis.call('HSET', k.headers, id, record.header_text(row.header))
end
-- It has its time while it waits for others, too.
if found.due and at then redis.call('ZADD', k.blocked, is_later and string.format('%.0f', at) or '0', id) end
if not leaves then return { 'OK', fate } end
if not is_later then
  ready.put_back({ row }, bits)
  wake.some(1)
  if found.at then events.push('w', id, record.name(envelope)) end
elseif found.state == 'retrying' then
  redis.call('ZADD', k.retrying, string.format('%.0f', at), id)
else
  due.delay({ string.format('%.0f', at), id })
  events.push('d', id, record.name(envelope))
end
events.flush(bits, now)
return { 'OK', fate }
