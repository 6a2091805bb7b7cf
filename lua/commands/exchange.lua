-- Hand in the ends of attempts and lease new jobs, in one call. `slot` has one call outstanding; `seq` rises by one; the same
-- call sent again gets the same answer. An end is a pair id, code: `token \t how+duration [\t delay] \t name \t body`,
-- where a plain success is `token \t duration`. The token is slot.seq of the call that leased the job.
-- @repeat slot
-- @oom allow
-- @require clock, features, leave, lease, taken, finish, events, due, wake
-- @key meta q hash
-- @key held h:<epoch> hash
-- @key leases L zset
-- @key idle i set
-- @arg epoch string
-- @arg slot string
-- @arg seq int
-- @arg want int                   how many jobs to lease at most
-- @arg chunk int                  how many records to read at a time (bounds the bytes of a call)
-- @arg park int                   0 no, 1 park if the queue runs dry, 2 the same and it is parked now
-- @arg received int               the last number of `taken` that the worker has seen
-- @rest ends id, code
-- @reply OK refused:string jobs:strings headers:strings bits:string pause:int taken:string dry:int due:int       due = ms until the next delayed job, -1 none (only when dry: nothing more is ready)
-- @reply EPOCH_GONE
-- @reply OLD
-- @event a c r d f t b x w n
local now = clock.now(now_arg)
local key = k.held .. epoch
local fields = { '\topen', '\t' .. slot, '\ttaken' }
for i = REST, #ARGV, 2 do fields[#fields + 1] = ARGV[i] end
local held = redis.call('HMGET', key, unpack(fields))
if not held[1] then return { 'EPOCH_GONE' } end
local facts = redis.call('HMGET', k.meta, 'bits', 'pause', 'drop')
local bits, pause = facts[1] or '', tonumber(facts[2]) or 0
local last, refused = string.match(held[2] or '0,', '^(%d+),(.*)$')
last = tonumber(last)
if seq < last then return { 'OLD' } end
if seq == last then
  local jobs, headers = lease.again(epoch, slot, seq)
  return { 'OK', refused, jobs, headers, bits, pause, taken.pending(epoch, held[3], received), 0, -1 }
end

local entries, bad, done = {}, {}, {}
for i = REST, #ARGV, 2 do
  local n = (i - REST) / 2 + 1
  local code, value = ARGV[i + 1], held[3 + n]
  local tab = string.find(code, '\t', 1, true)
  local token = string.sub(code, 1, tab - 1) .. '.'
  if value and not done[ARGV[i]] and string.sub(value, 1, #token) == token then
    done[ARGV[i]] = true
    local flags = string.sub(value, #token + 1)
    local duration = string.match(code, '^%d+$', tab + 1)
    if duration then
      entries[#entries + 1] = { id = ARGV[i], flags = flags, how = 'c', duration = duration, body = '' }
    else
      local how, ms, delay, name, body = string.match(code, '^(%a)(%d+)\t(%d*)\t([^\t]*)\t(.*)$', tab + 1)
      entries[#entries + 1] = { id = ARGV[i], flags = flags, how = how, duration = ms, delay = tonumber(delay) or 0, name = name, body = body }
    end
  else
    bad[#bad + 1] = n
  end
end
refused = table.concat(bad, ',')
leave.apply(epoch, entries, now, bits, facts[3] or '')

local wanted = (pause % 2 == 0 and features.are_known(bits)) and want or 0
local jobs, headers, dry = lease.take(epoch, slot, seq, refused, wanted, chunk, bits, now)
redis.call('ZADD', k.leases, 'XX', string.format('%.0f', now + string.match(held[1], '^%d+,(%d+)')), epoch)
finish.flush(now, bits, facts[3] or '')
events.flush(bits, now)
local next_due = -1
if dry or wanted < want then
  dry, next_due = true, due.wait(now)
  if park > 0 then redis.call('SADD', k.idle, epoch) end
elseif park > 0 then
  if park == 2 then redis.call('SREM', k.idle, epoch) end
  wake.some(1)
end
return { 'OK', refused, jobs, headers, bits, pause, taken.pending(epoch, held[3], received), dry and 1 or 0, next_due }
