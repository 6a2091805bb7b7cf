-- Store a batch of jobs of which some have an id that a user gave: what is there already is kept, replaced or a conflict.
-- Instructions as in `add`, and for a given id: c<k|j|r> keep, reject or replace, m<ms> how long the id is remembered,
-- x replace even a running job.
-- @repeat lane
-- @oom first-write
-- @require clock, refuse, record, features, lane, given, intake
-- @key meta q hash
-- @arg lane_id string             the lane's nonce
-- @arg seq int                    of this call in its lane
-- @arg atomic int                 1 = one refused row refuses all; 0 = each row by itself
-- @rest rows id, body
-- @reply OK now:int odd:string    odd = rows not simply added, `number letter` comma-separated: K kept, R replaced, C conflict, L is active
-- @reply REFUSED row:int fate:string state:string
-- @reply UPGRADE bits:string
-- @reply OLD
-- @event w d x
local now = clock.now(now_arg)
local facts = redis.call('HMGET', k.meta, 'bits', 'ghosts', 'gone')
local bits = facts[1] or ''
if not features.are_known(bits) then return { 'UPGRADE', bits } end
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
if again then
  local at, odd = string.match(answer, '^(%d+),(.*)$')
  return { 'OK', at, odd }
end
refuse.unless_rows(#ARGV - REST + 1, 2)

local rows, ids, prioritised = {}, {}, false
for i = REST, #ARGV, 2 do
  local id, how = intake.read(ARGV[i], true)
  prioritised = intake.check(ARGV[i + 1], how) or prioritised
  rows[#rows + 1] = { id = id, how = how, body = ARGV[i + 1], fate = 'A' }
  if how.c then
    given.check(id)
    ids[#ids + 1] = id
  end
end
given.prepare(ids)

local odd, planned = {}, {}
for n, row in ipairs(rows) do
  if planned[row.id] then row.fate, row.found = 'C', { state = 'waiting' }
  elseif row.how.c then row.fate, row.found = given.fate(row.id, row.how, now) end
  if (row.fate == 'C' or row.fate == 'L') and atomic == 1 then return { 'REFUSED', n, row.fate, row.found.state } end
  if row.fate ~= 'A' then odd[#odd + 1] = n .. row.fate end
  planned[row.id] = true
end

local at = string.format('%.0f', now)
local text = table.concat(odd, ',')
-- From here on it is done. The answer is the first write: it grows, so that a full memory refuses the call as a whole.
if prioritised then bits = features.enable(bits, 'p') end
lane.store(lane_id, seq, at, at .. ',' .. text)
local has_ghosts = (tonumber(facts[2]) or 0) > 0 or (tonumber(facts[3]) or 0) > 0
for _, row in ipairs(rows) do
  if row.fate == 'A' or row.fate == 'R' then
    local place = row.how.c and given.claim(row.id, row.how, row.found, has_ghosts, now, bits) or '0'
    intake.push(row.id, record.FORMAT .. at .. row.body, row.how, place, now)
  end
end
given.settle()
intake.flush(bits, now)
return { 'OK', at, text }
