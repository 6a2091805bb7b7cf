-- Keep an eye on jobs: a short list of ids that stays until they are taken off it, whatever becomes of the jobs.
-- @repeat lane
-- @oom first-write
-- @require clock, refuse, features, lane, events
-- @key meta q hash
-- @key jobs j hash
-- @key tracked tk zset id -> since when
-- @arg lane_id string
-- @arg seq int
-- @arg on int                     1 track, 0 do so no more
-- @rest ids id
-- @reply OK fates:string          a letter per id: T tracked, U not tracked (any more), M 1,000 are tracked already, N no such job
-- @reply OLD
-- @event v u
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
refuse.unless_int('on', on, 0, 1)
refuse.unless_rows(#ARGV - REST + 1, 1)
local MOST = 1000
local fates, added, dropped, seen = {}, {}, {}, {}
local count = redis.call('ZCARD', k.tracked)
for i = REST, #ARGV do
  local id = ARGV[i]
  refuse.unless_name('id', id)
  local is_tracked = redis.call('ZSCORE', k.tracked, id) and true or false
  if seen[id] ~= nil then is_tracked = seen[id] end
  local fate = on == 1 and 'T' or 'U'
  if on == 1 and not is_tracked then
    if redis.call('HEXISTS', k.jobs, id) == 0 then fate = 'N'
    elseif count + #added / 2 >= MOST then fate = 'M'
    else
      added[#added + 1] = string.format('%.0f', now)
      added[#added + 1] = id
      seen[id] = true
      events.push('v', id)
    end
  elseif on == 0 and is_tracked then
    dropped[#dropped + 1] = id
    seen[id] = false
    events.push('u', id)
  end
  fates[#fates + 1] = fate
end
local text = table.concat(fates)
lane.store(lane_id, seq, string.format('%.0f', now), text)
if #added > 0 then redis.call('ZADD', k.tracked, unpack(added)) end
if #dropped > 0 then redis.call('ZREM', k.tracked, unpack(dropped)) end
events.flush(bits, now)
return { 'OK', text }
