-- Give a job tags, or take some from it, whatever its state. Tags that it has already, or has not, change nothing.
-- @repeat lane
-- @oom first-write
-- @require clock, refuse, features, lane, locate, side, tags, mark
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @arg id string
-- @arg on int                     1 give, 0 take away
-- @rest tags tag
-- @reply OK fate:string           T it has them, or has them no more, M it would have more than 32, N no such job
-- @reply OLD
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
features.need_known(redis.call('HGET', k.meta, 'bits') or '')
refuse.unless_int('on', on, 0, 1)
refuse.unless_rows(#ARGV - REST + 1, 1)
if #ARGV < REST then refuse.call('A call without a tag.') end
for i = REST, #ARGV do refuse.unless_name('tag', ARGV[i]) end
locate.prepare({ id })
local found = locate.find(id)
local had = found and side.of(id).t or {}
local has, changed = {}, {}
for _, tag in ipairs(had) do has[tag] = true end
for i = REST, #ARGV do
  if (on == 1) ~= (has[ARGV[i]] == true) then
    has[ARGV[i]] = on == 1
    changed[#changed + 1] = ARGV[i]
  end
end
local fate = not found and 'N' or (on == 1 and #had + #changed > 32 and 'M' or 'T')
-- It grows: a full memory refuses the call as a whole.
lane.store(lane_id, seq, string.format('%.0f', now), fate)
if fate ~= 'T' or #changed == 0 then return { 'OK', fate } end

local left = {}
for _, tag in ipairs(had) do
  if has[tag] then left[#left + 1] = tag end
end
if on == 1 then
  for _, tag in ipairs(changed) do left[#left + 1] = tag end
  tags.add(id, changed, now)
  mark.set(id, found, 'T')
else
  tags.drop(id, changed)
  if #left == 0 then mark.clear(id, 'T') end
end
side.put(id, 't', left)
return { 'OK', fate }
