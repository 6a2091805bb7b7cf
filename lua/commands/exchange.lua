-- Hand in the ends of attempts and lease new jobs, in one call. `slot` has one call outstanding; `seq` rises by one; the same
-- call sent again gets the same answer. An end is a pair id, code: see `ends`. The token is slot.seq of the call that leased the
-- job.
-- @repeat slot
-- @oom allow
-- @require clock, refuse, record, features, ends, leave, onward, lease, sift, taken, finish, edges, put-off, settle, events, due, wake, limits, refund, turns
-- @key meta q hash
-- @key held h:<epoch> hash
-- @key leases L zset
-- @key idle i set
-- @arg epoch string
-- @arg slot string                digits; of a stand-in for its worker: k, letters and digits
-- @arg seq int
-- @arg want int                   how many jobs to lease at most; more than 1,000 counts as 1,000
-- @arg chunk int                  how many records to read at a time (bounds the bytes of a call)
-- @arg park int                   0 no, 1 park if the queue runs dry, 2 the same and it is parked now
-- @arg received int               the last number of `taken` that the worker has seen
-- @rest ends id, code
-- @reply OK refused:string jobs:strings headers:strings bits:string pause:int taken:string dry:int due:int       due = ms until the next delayed job, -1 none (only when dry: nothing more is ready)
-- @reply EPOCH_GONE
-- @reply OLD
-- @event a c r d f t b x w n m o
local now = clock.now(now_arg)
-- Other fields beside those of slots are words, and none begins with a k.
if not string.find(slot, '^[%dk]%w*$') then refuse.call('The slot is neither a number nor a word that begins with k.') end
-- All in one question: five calls to ask it cost 2 % of a short call.
if not (seq and want and chunk and park and received and seq >= 1 and want >= 0 and chunk >= 1 and received >= 0
  and (park == 0 or park == 1 or park == 2) and seq % 1 + want % 1 + chunk % 1 + received % 1 == 0
  and seq + want + chunk + received <= 9007199254740991) then
  refuse.unless_int('seq', seq, 1, 9007199254740991)
  refuse.unless_int('want', want, 0, 9007199254740991)
  refuse.unless_int('chunk', chunk, 1, 9007199254740991)
  refuse.unless_int('park', park, 0, 2)
  refuse.unless_int('received', received, 0, 9007199254740991)
end
refuse.unless_rows(#ARGV - REST + 1, 2)
-- A call leases a thousand jobs at most, whoever asks: Lua passes no more than about eight thousand values to a command.
want, chunk = math.min(want, 1000), math.min(chunk, 1000)
local key = k.held .. epoch
local fields, codes = { '\topen', '\t' .. slot, '\ttaken', '\tgrace', '\tleased' }, {}
for i = REST, #ARGV, 2 do fields[#fields + 1], codes[#codes + 1] = ARGV[i], ARGV[i + 1] end
local held = redis.call('HMGET', key, unpack(fields))
if not held[1] then return { 'EPOCH_GONE' } end
local meta = redis.call('HMGET', k.meta, 'bits', 'pause', 'drop')
local bits, pause, drop = meta[1] or '', meta[2] and tonumber(meta[2]) or 0, meta[3] or ''
local last, refused = string.match(held[2] or '0,', '^(%d+),(.*)$')
last = tonumber(last)
if seq < last then return { 'OLD' } end
-- Runs taken away, of which the worker does not know.
local runs = ''
if seq == last then
  local jobs, headers = lease.again(epoch, slot, seq)
  if held[3] then runs = taken.pending(epoch, held[3], received) end
  return { 'OK', refused, jobs, headers, bits, pause, runs, 0, -1 }
end

local plain, entries, onwards, lost, gathers = codes, codes, codes, codes, false
refused = ''
if #codes > 0 then plain, entries, onwards, lost, refused, gathers = ends.sort(codes, fields, held, 5) end
if gathers then bits = features.enable(bits, 'b') end
-- A queue of which nothing is known uses nothing: nobody listens to events or waits for results, no limits, no groups.
local has = bits ~= ''
local is_heard = has and string.find(bits, '[ae]') ~= nil
local is_limited = has and string.find(bits, 'l', 1, true) ~= nil
-- What becomes free is for this call first.
if has and string.find(bits, '[low]') then wake.later() end
-- Before what surely can be done: jobs that go on, or are followed by others, are refused if they cannot be read.
if #entries + #onwards > 0 then
  if #onwards > 0 then refused = onward.apply(epoch, onwards, lost, refused, now, bits, drop) end
  leave.apply(epoch, entries, now, bits, drop)
end
if held[4] then redis.call('HDEL', key, '\tgrace') end
if #plain > 0 then
  if is_heard or is_limited then leave.completed(epoch, plain, now, bits, drop) else leave.plain(epoch, plain, now, drop) end
end

-- Before leasing: what waited for these ends can run now.
if edges.is_noted() then settle.run(now, bits, drop) end
local wanted = (pause % 2 == 0 and features.are_known(bits)) and want or 0
if is_limited then wanted = limits.room(wanted, now) end
local in_turns = has and wanted > 0 and string.find(bits, 'o', 1, true)
if in_turns then turns.begin(wanted, now) end
local batch = lease.batch()
lease.fill(batch, wanted, chunk, bits)
if #batch.odd > 0 or #batch.units > 0 then
  sift.run(batch, wanted, chunk, bits, now)
  finish.flush(now, bits, drop)
  put_off.all()
end
if is_limited or in_turns then refund.stamp(batch.facts, limits.has_rate(), now) end
if not held[2] then redis.call('HINCRBY', key, '\tslots', 1) end
local jobs, headers = lease.hold(batch, epoch, slot, seq, refused, held[5])
if is_limited then limits.took(#batch.ids, now) end
if in_turns then turns.settle(batch.ids, batch.facts) end
redis.call('ZADD', k.leases, 'XX', string.format('%d', now + string.match(held[1], '^%d+,(%d+)')), epoch)
if is_heard then
  for i = 1, #batch.ids do events.push('a', batch.ids[i], record.name(batch.envelopes[i])) end
  events.flush(bits, now)
end
local dry, next_due = batch.dry, -1
if dry or (wanted < want and #batch.ids >= wanted) then
  dry, next_due = true, due.wait(now, bits)
  if is_limited then next_due = limits.sooner(next_due, now) end
  if in_turns then next_due = limits.sooner_in_groups(next_due, now) end
  if park > 0 then redis.call('SADD', k.idle, epoch) end
elseif park > 0 then
  if park == 2 then redis.call('SREM', k.idle, epoch) end
  wake.some(1)
end
wake.rest(#batch.ids)
if held[3] then runs = taken.pending(epoch, held[3], received) end
return { 'OK', refused, jobs, headers, bits, pause, runs, dry and 1 or 0, next_due }
