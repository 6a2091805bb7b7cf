-- Store a batch of jobs of which some have to be looked at: an id that a user gave, a unique key, tags. What is there already
-- is kept, replaced or a conflict.
-- A row's id may carry instructions as in `add`, and for a given id: c<k|j|r> keep, reject or replace, m<ms> how long the id
-- is remembered, x replace even a running job. Behind them lines may follow, `id \t how \n line \n line`, of values after tabs:
-- t a tag, … ; u its unique key, u or v or nothing (released at its end, its start, by time alone), ms or nothing, k or j or r
-- [, x].
-- @repeat lane
-- @oom first-write
-- @require clock, refuse, features, lane, admit
-- @key meta q hash
-- @arg lane_id string             the lane's nonce
-- @arg seq int                    of this call in its lane
-- @arg atomic int                 1 = one refused row refuses all; 0 = each row by itself
-- @rest rows id, body
-- @reply OK now:int odd:string others:strings    odd = rows not simply added, `number letter` comma-separated: K kept, R
--   replaced, C conflict, L is active; for a unique key D kept, S replaced, E conflict, B is active, and in `others` the holder
-- @reply REFUSED row:int fate:string state:string other:string
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
  local at, odd, rest = string.match(answer, '^(%d+);([^\t]*)(.*)$')
  local others = {}
  for id in string.gmatch(rest, '\t([^\t]*)') do others[#others + 1] = id end
  return { 'OK', at, odd, others }
end
refuse.unless_rows(#ARGV - REST + 1, 2)

for i = REST, #ARGV, 2 do admit.read(ARGV[i], ARGV[i + 1]) end
local odd, others = {}, {}
for n, row in ipairs(admit.judge(now)) do
  if atomic == 1 and string.find('CLEBMW', row.fate, 1, true) then return { 'REFUSED', n, row.fate, row.state, row.other or '' } end
  if row.fate ~= 'A' then odd[#odd + 1] = n .. row.fate end
  if row.becomes and row.becomes ~= '' then odd[#odd + 1] = n .. row.becomes end
  if row.other then others[#others + 1] = row.other end
end

local at = string.format('%.0f', now)
local text = table.concat(odd, ',')
-- From here on it is done. The answer is the first write: it grows, so that a full memory refuses the call as a whole.
bits = admit.enable(bits)
lane.store(lane_id, seq, at, at .. ';' .. text .. (#others > 0 and '\t' .. table.concat(others, '\t') or ''))
admit.store(now, bits, (tonumber(facts[2]) or 0) > 0 or (tonumber(facts[3]) or 0) > 0)
return { 'OK', at, text, others }
