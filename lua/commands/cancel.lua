-- Cancel jobs wherever they are. A running one ends now: its hold goes, its worker is told, its outcome will be refused. Jobs that
-- depend on them keep all from being cancelled, are cancelled with them, or do what each was told.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, features, lane, locate, orphans, cancelling, finish, edges, settle, events
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @arg dependents string          r those that live refuse the call, c they are cancelled, too, p each does what it was told to when it
--   was added; l looks whether r would be refused, and does nothing
-- @arg others list                 ids that the caller cancels in calls of their own: they refuse nothing
-- @rest ids id
-- @reply OK fates:string          a letter per id: C cancelled, A cancelled while active, F had ended already (X as cancelled, if there
--   are others), N no such job
-- @reply REFUSED id:string dependents:strings      nothing was done: a few of the jobs that depend on this one, by id or as {queue}id
-- @reply OLD
-- @event x f w d
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local meta = redis.call('HMGET', k.meta, 'bits', 'drop')
local bits, drop = meta[1] or '', meta[2] or ''
features.need_known(bits)
refuse.unless_rows(#ARGV - REST + 1, 1)
if not string.find(dependents, '^[rcpl]$') then refuse.call('What becomes of dependents is r, c, p or l.') end
if #others > 1000 then refuse.call('More than 1000 other ids.') end
local CANCELLED = '{"name":"CancelError","code":"CANCEL","kind":"cancelled","message":"The job was cancelled."}'

local done = {}

local function cancel(id)
  if done[id] then return 'F' end
  local found = locate.find(id)
  if not found then return 'N' end
  if found.outcome then return #others > 0 and string.byte(found.outcome) == 120 and 'X' or 'F' end
  if dependents == 'l' then return found.state == 'active' and 'A' or 'C' end
  done[id] = true
  cancelling.cancel(id, found, CANCELLED, 'cancelled', now, bits, drop, dependents ~= 'p')
  if found.state == 'active' then return 'A' end
  return 'C'
end

local ids, fates = {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
locate.prepare(ids)
if dependents == 'r' or dependents == 'l' then
  local named = {}
  for _, list in ipairs({ others, ids }) do
    for _, id in ipairs(list) do named[id] = true end
  end
  for _, id in ipairs(ids) do
    local left = orphans.of(id, named)
    if #left > 0 then return { 'REFUSED', id, left } end
  end
end
for i = 1, #ids do fates[i] = cancel(ids[i]) end
if dependents == 'l' then return { 'OK', table.concat(fates) } end
finish.flush(now, bits, drop)
if edges.is_noted() then settle.run(now, bits, drop) end
local text = table.concat(fates)
lane.store(lane_id, seq, string.format('%.0f', now), text)
events.flush(bits, now)
return { 'OK', text }
