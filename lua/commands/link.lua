-- Make a job that neither runs nor has ended depend on others, or on some no more. One that could run is blocked while one of
-- them goes on; one that waits for no other any more goes on, at its time.
-- @repeat lane
-- @oom first-write
-- @require clock, refuse, record, features, lane, locate, side, links, depend, cycle, relink, settle, events
-- @key meta q hash
-- @key headers m hash
-- @arg lane_id string
-- @arg seq int
-- @arg id string
-- @arg on int                     1 it depends on them, 0 no more, 2 on none at all
-- @arg policy string              as in a line d; '' = as the job has it, f if it has none
-- @rest jobs job                  by id, or as {queue}id
-- @reply OK fate:string others:strings      the state of the job now: b blocked, w waiting, d delayed, r retrying, o aggregating,
--   f failed, x cancelled; or why nothing was done: N no such job, F has ended, A is active, M the other is not there, C they
--   would wait for one another (the jobs on the way back to this one), W there are too many to tell, E more than a thousand
-- @reply OLD
-- @event w d k f x
local now = clock.now(now_arg)
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
local function reply(fate, others)
  if not again then lane.store(lane_id, seq, string.format('%.0f', now), fate .. table.concat(others, '\t')) end
  return { 'OK', fate, others }
end
if again then
  local others = {}
  for id in string.gmatch(string.sub(answer, 2), '[^\t]+') do others[#others + 1] = id end
  return reply(string.sub(answer, 1, 1), others)
end
local meta = redis.call('HMGET', k.meta, 'bits', 'drop')
local bits, drop = meta[1] or '', meta[2] or ''
features.need_known(bits)
refuse.unless_int('on', on, 0, 2)
refuse.unless_rows(#ARGV - REST + 1, 1)
local refs = {}
for i = REST, #ARGV do
  refuse.unless_name('job', ARGV[i])
  refs[#refs + 1] = ARGV[i]
end
if on == 1 then depend.check(id, { string.find(policy, '^d?$') and 'f' .. policy or policy, unpack(refs) }) end
links.refuse_many(#refs)
locate.prepare({ id })
local found = locate.find(id)
if not found then return reply('N', {}) end
if found.outcome then return reply('F', {}) end
if found.state == 'active' then return reply('A', {}) end
local said = side.of(id).d

local state
if on ~= 1 then
  local known, mine = {}, {}
  for _, ref in ipairs(on == 2 and { unpack(said or {}, 2) } or refs) do known[ref] = true end
  for _, ref in ipairs({ unpack(said or {}, 2) }) do
    if known[ref] then mine[#mine + 1] = ref end
  end
  state = relink.state_without(id, found, mine, now)
  if #mine == 0 then return reply(state, {}) end
  reply(state, {})
  relink.remove(id, said, mine, now)
else
  if depend.is_own(id, refs) then return reply('C', { id }) end
  local plan = relink.plan(id, said, policy, refs)
  if #plan.values > 1001 then return reply('E', {}) end
  local missing = depend.missing({ plan.values[1], unpack(plan.new) }, {})
  if missing then return reply('M', { missing }) end
  if record.has(record.header(redis.call('HGET', k.headers, id)).flags, 'P') then
    local way = cycle.find(id, plan.new, {})
    if way == false then return reply('W', {}) end
    if way then return reply('C', way) end
  end
  state = relink.state(id, plan, found, now)
  reply(state, {})
  relink.add(id, found, plan, state, now)
end
settle.run(now, bits, drop)
events.flush(bits, now)
return { 'OK', state, {} }
