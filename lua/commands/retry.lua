-- Send finished jobs to the back of the queue again, with a whole budget of attempts. One that expires does so no more: it was
-- asked for.
-- @repeat lane
-- @oom allow
-- @require clock, refuse, record, features, ready, lane, locate, withdraw, events, wake, unique
-- @key meta q hash
-- @key headers m hash
-- @key jobs j hash
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

-- Makes a finished job new, and returns its row.
local function renew(id, found, facts)
  local has_ghost = withdraw.from(id, found)
  local row = record.row(id, redis.call('HGET', k.headers, id), facts)
  row.header.failures, row.header.stalls, row.header.uncounted = 0, 0, 0
  row.header.flags = string.gsub(row.header.flags, '[SX]', '')
  local expires = record.fact(facts, 'x')
  if expires then row.header.flags = row.header.flags .. 'X' end
  if has_ghost then row.header.place = ready.new_place() end
  if row.stored or expires or has_ghost then redis.call('HSET', k.headers, id, record.header_text(row.header)) end
  return row
end

local ids, fates, back = {}, {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
locate.prepare(ids)
for i, id in ipairs(ids) do
  local found = locate.find(id)
  if not found then fates[i] = 'N'
  elseif not found.outcome then fates[i] = 'L'
  else
    local facts = record.facts(redis.call('HGET', k.jobs, id))
    if unique.retake(id, facts, now) then
      back[#back + 1] = renew(id, found, facts)
      events.push('w', id)
      fates[i] = 'R'
    else fates[i] = 'D' end
  end
end
ready.put_back(back, bits)
local text = table.concat(fates)
lane.store(lane_id, seq, string.format('%.0f', now), text)
events.flush(bits, now)
wake.some(#back)
return { 'OK', text }
