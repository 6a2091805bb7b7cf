-- Send finished jobs to the back of the queue again, with a whole budget of attempts. One that expires does so no more: it was
-- asked for.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, features, lane, locate, revive
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @rest ids id
-- @reply OK fates:string          a letter per id: R waits again, L has not ended, N no such job, D another
--   job has its unique key
-- @reply OLD
-- @event w
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
refuse.unless_rows(#ARGV - REST + 1, 1)

local ids, fates = {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
locate.prepare(ids)
for i, id in ipairs(ids) do
  local found = locate.find(id)
  if not found then fates[i] = 'N'
  elseif not found.outcome then fates[i] = 'L'
  else fates[i] = revive.job(id, found, now) end
end
local text = table.concat(fates)
lane.store(lane_id, seq, string.format('%.0f', now), text)
revive.flush(now, bits)
return { 'OK', text }
