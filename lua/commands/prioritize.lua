-- Change the priority of a job that has not ended. A waiting one moves to the back of its new priority.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, record, ready, features, lane, locate, withdraw, wake
-- @key meta q hash
-- @key headers m hash
-- @key held h:<epoch> hash
-- @arg lane_id string
-- @arg seq int
-- @arg id string
-- @arg priority int               -1000 to 1000
-- @reply OK fate:string           P changed, F has ended, N no such job
-- @reply OLD
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
refuse.unless_int('The priority', priority, -1000, 1000)
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
locate.prepare({ id })
local found = locate.find(id)
local fate = not found and 'N' or (found.outcome and 'F' or 'P')
if fate == 'P' then
  if priority ~= 0 then bits = features.enable(bits, 'p') end
  local row = record.row(id, redis.call('HGET', k.headers, id), '')
  row.header.priority, row.priority = tostring(priority), priority
  local waits = found.state == 'waiting' and not found.unclaimed
  if waits and withdraw.from(id, found) then row.header.place = ready.new_place() end
  redis.call('HSET', k.headers, id, record.header_text(row.header))
  if waits then
    ready.put_back({ row }, bits)
    -- One that waited for a resource behind others may run now.
    if record.has(row.header.flags, 'R') then wake.some(1) end
  elseif found.held and not string.find(found.held, 'H', string.find(found.held, '%.[^.]*$'), true) then
    redis.call('HSET', k.held .. found.epoch, id, found.held .. 'H')
  end
end
lane.store(lane_id, seq, string.format('%.0f', now), fate)
return { 'OK', fate }
