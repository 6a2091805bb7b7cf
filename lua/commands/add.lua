-- Store a batch of jobs under ids minted by the client: each becomes waiting or delayed.
-- A row's id may carry instructions, `id \t how`: comma-separated, d<ms> delay, a<ms> run at, p<n> priority.
-- @repeat lane
-- @oom first-write
-- @require clock, refuse, record, features, lane, wake, intake
-- @key meta q hash
-- @key jobs j hash
-- @key ready r list
-- @arg lane_id string             the lane's nonce
-- @arg seq int                    of this call in its lane
-- @arg own int                    for how many of them the caller's own worker asks, behind this call: nobody is woken for those
-- @rest rows id, body
-- @reply OK now:int
-- @reply UPGRADE bits:string
-- @reply OLD
-- @event w d
local now = clock.now(now_arg)
local bits = redis.call('HGET', k.meta, 'bits') or ''
if not features.are_known(bits) then return { 'UPGRADE', bits } end
local again, answer = lane.answer(lane_id, seq)
if again == 'OLD' then return { 'OLD' } end
-- A string, and no list: that would be 5 % of the call.
if again then return answer end
refuse.unless_rows(#ARGV - REST + 1, 2)
if not own or own < 0 or own % 1 ~= 0 then refuse.call('own is not a whole number from 0.') end
local at = string.format('%d', now)
local stamp = record.FORMAT .. at

-- Rows without instructions, of bodies without flags, in a queue to which nobody listens: nearly all calls.
local ids, jobs, n = {}, {}, 0
if string.find(bits, 'e', 1, true) then ids = nil end
for i = REST, ids and #ARGV or 0, 2 do
  local id, body = ARGV[i], ARGV[i + 1]
  if not string.find(id, '^%C+$') or not string.find(body, record.PLAIN_BODY) then
    ids = nil
    break
  end
  -- Counted: # of a table looks for its end, 1,000 times three.
  n = n + 1
  ids[n], jobs[2 * n - 1], jobs[2 * n] = id, id, stamp .. body
end
if ids then
  lane.store(lane_id, seq, at, at)
  if n > 0 then
    redis.call('HSET', k.jobs, unpack(jobs))
    -- Not by `ready`: it would have to be built first.
    redis.call('RPUSH', k.ready, unpack(ids))
  end
  wake.some(n - own)
  return at
end
local prioritised = false
for i = REST, #ARGV, 2 do
  local id, how = intake.read(ARGV[i], false)
  prioritised = intake.check(ARGV[i + 1], how) or prioritised
  intake.push(id, stamp .. ARGV[i + 1], how, '0', now)
end
if prioritised then bits = features.enable(bits, 'p') end
lane.store(lane_id, seq, at, at)
intake.flush(bits, now)
return at
