-- Take a job that does not run out of the queue and put it into another one of the same slot, or into the same again: with a
-- whole budget of attempts, without its error, its notes and its outcome.
-- @repeat lane
-- @oom first-write
-- @require clock, refuse, record, features, lane, locate, intake, amend, elsewhere, moving, side, edges, settle, events
-- @key meta q hash
-- @arg lane_id string
-- @arg seq int
-- @arg id string
-- @arg queue string               the name of the other queue; '' = this one
-- @arg how string                 instructions as of a row of `add`
-- @arg name string                another name for the job; '' = as it is
-- @arg has_data int               1 = with the payload that follows, 0 = with its own
-- @arg data string
-- @reply OK fate:string           M moved, A is active, N no such job, T its id is taken there, D its unique
--   key is, E it has more than a thousand dependencies and dependents, or ten thousand ends have still to be told
-- @reply OLD
-- @event m w d k
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then return { 'OK', answer } end
local bits = redis.call('HGET', k.meta, 'bits') or ''
features.need_known(bits)
if string.find(name, '%c') then refuse.call('The name of a job has a control character.') end
if queue == elsewhere.own_name() then queue = '' end
local is_own = queue == ''
local problem = not is_own and elsewhere.problem(queue)
if problem then refuse.with('QUEUE_MISMATCH', problem) end
local _, instructions = intake.read(id .. '\t' .. how)
locate.prepare({ id })
local found = locate.find(id)
local fate = 'M'
if not found then fate = 'N' elseif found.state == 'active' then fate = 'A' end

local parcel
if fate == 'M' then
  parcel = moving.look(id, instructions)
  if not is_own and moving.is_too_much(parcel) then fate = 'E' end
  elsewhere.run(queue, function()
    fate = fate == 'M' and moving.obstacle(parcel, is_own, now) or fate
    bits = redis.call('HGET', k.meta, 'bits') or ''
    if fate == 'M' and parcel.is_prioritised then bits = features.enable(bits, 'p') end
    if fate == 'M' then bits = features.enable_all(bits, side.features(parcel.said)) end
    if fate == 'M' and parcel.waiting then bits = features.enable(bits, 'a') end
  end)
end
lane.store(lane_id, seq, string.format('%.0f', now), fate)
if fate ~= 'M' then return { 'OK', fate } end
parcel.envelope = amend.envelope(parcel.envelope, name ~= '' and name or nil, has_data == 1 and data or nil)
moving.take(parcel, found, queue)
if not is_own then
  events.push('m', id, record.name(parcel.envelope))
  events.flush(redis.call('HGET', k.meta, 'bits') or '', now)
end
elsewhere.run(queue, function()
  moving.put(parcel, now, bits)
  if edges.is_noted() then settle.run(now, bits, redis.call('HGET', k.meta, 'drop') or '') end
  events.flush(bits, now)
end)
return { 'OK', fate }
