-- Let open batches run now: the one of a name and key, or all of a name, a part of them at a time.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, features, lane, aggregation
-- @key meta q hash
-- @key open ao hash
-- @arg lane_id string
-- @arg seq int
-- @arg name string                the job's name
-- @arg keyed int                  1 = the batch of `key`, 0 = all of the name
-- @arg key string
-- @arg cursor string              0 begins
-- @reply OK fired:int cursor:string    0 at the end, else call again with it
-- @reply OLD
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', string.match(answer, '^%d+'), string.match(answer, '%d+$') } end
refuse.unless_name('name', name)
refuse.unless_int('keyed', keyed, 0, 1)
if not string.find(cursor, '^%d+$') then refuse.call('A cursor is a number.') end
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)

local function told(fired, next)
  lane.store(lane_id, seq, string.format('%.0f', now), fired .. ',' .. next)
  return { 'OK', fired, next }
end

if keyed == 1 then
  local number = redis.call('HGET', k.open, aggregation.identity(name, key))
  if number then aggregation.fire(number, bits) end
  return told(number and 1 or 0, '0')
end
local page = redis.call('HSCAN', k.open, cursor, 'COUNT', 500)
local prefix, fired = aggregation.identity(name, ''), 0
for i = 1, #page[2], 2 do
  if string.sub(page[2][i], 1, #prefix) == prefix then
    fired = fired + 1
    aggregation.fire(page[2][i + 1], bits)
  end
end
return told(fired, page[1])
