-- Takes jobs back from epochs: all of a closed one (uncharged), those of one whose lease ran out (reclaimed).
-- @require leave, holds, wake
-- @key leases L zset
-- @key held h:<epoch> hash
-- @key idle i set
-- @key meta q hash
-- @key workers ws hash epoch -> what the worker says of itself
-- @key reports wk hash
local sweep = {}

-- A third of the shortest lease: a shorter gap between two looks can be an outage for nobody.
local SHORTEST_GAP = 30

-- Gives back up to `budget` held jobs; returns how many. The epoch's entries go with the last one.
function sweep.empty(epoch, how, budget, now, bits, drop)
  local key = k.held .. epoch
  local entries, seen, cursor = {}, {}, '0'
  repeat
    local page = redis.call('HSCAN', key, cursor, 'COUNT', budget)
    cursor = page[1]
    for i = 1, #page[2], 2 do
      local id, value = page[2][i], page[2][i + 1]
      if string.byte(id) ~= 9 and #entries < budget and not seen[id] then
        seen[id] = true
        local run = holds.entry(id, value)
        run.how, run.duration, run.body = how, 0, ''
        entries[#entries + 1] = run
      end
    end
  until cursor == '0' or #entries >= budget
  holds.sort(entries)
  -- Before its jobs go back: a process that is frozen still seems to hear a wake-up.
  redis.call('SREM', k.idle, epoch)
  leave.apply(epoch, entries, now, bits, drop)
  if #entries < budget then
    redis.call('DEL', key)
    redis.call('ZREM', k.leases, epoch)
    redis.call('HDEL', k.workers, epoch)
    redis.call('HDEL', k.reports, epoch)
  end
  return #entries
end

-- The expiry that an epoch shall have instead of its own, if any. It is put off once until the worker shows itself again:
-- else a dead one would live for ever where nobody looks often.
local function mended(lease, expiry, has_grace, seen, now)
  local whole = now + lease
  -- The clock was set back: a lease ends at its length from now.
  if now < seen then return expiry > whole and whole or nil end
  local third = math.floor(lease / 3)
  if now - seen <= third or expiry < seen or has_grace then return nil end
  -- One that is not past yet needs no more than the time of a renewal: a worker that died shall not live for long by it.
  if expiry > now then return expiry < now + third and now + third or nil end
  return whole
end

-- Where nobody has looked for a third of a lease (an outage, a failover, a clock set forward), each epoch that was alive at
-- the last look gets more time: else an outage would run all jobs twice.
local function mend(now, seen)
  local live = redis.call('ZRANGE', k.leases, 0, -1, 'WITHSCORES')
  for i = 1, #live, 2 do
    local key = k.held .. live[i]
    local facts = redis.call('HMGET', key, '\topen', '\tgrace')
    if facts[1] then
      local lease = tonumber(string.match(facts[1], '^%d+,(%d+)')) or 0
      local expiry = mended(lease, tonumber(live[i + 1]), facts[2], seen, now)
      if expiry then
        redis.call('HSET', key, '\tgrace', '1')
        redis.call('ZADD', k.leases, string.format('%.0f', expiry), live[i])
      end
    end
  end
end

-- Whether an epoch past its lease has more time by the grace of the queue. The first one who sees it past tells it, so that a
-- worker that only missed its renewals can make up for it; what it had was for that one expiry.
local function spared(epoch, expiry, grace, now)
  local key = k.held .. epoch
  local late = redis.call('HGET', key, '\tlate')
  if late == expiry or redis.call('HEXISTS', key, '\topen') == 0 then return false end
  local last = string.format('%.0f', now + grace)
  redis.call('HSET', key, '\tlate', last)
  redis.call('ZADD', k.leases, last, epoch)
  wake.tell(epoch, 'l')
  return true
end

-- Reclaims at most `budget` jobs of epochs past their lease; returns how many. An epoch is dead before its first job is
-- taken: it can renew nothing after.
function sweep.lost(now, seen, budget, bits, drop)
  if now < seen or now - seen > SHORTEST_GAP then mend(now, seen) end
  local past = redis.call('ZRANGEBYSCORE', k.leases, '-inf', string.format('%.0f', now), 'WITHSCORES', 'LIMIT', 0, 100)
  local grace = #past > 0 and tonumber(redis.call('HGET', k.meta, 'grace')) or 0
  local reclaimed = 0
  for i = 1, #past, 2 do
    if reclaimed >= budget then break end
    if grace == 0 or not spared(past[i], past[i + 1], grace, now) then
      redis.call('HDEL', k.held .. past[i], '\topen')
      reclaimed = reclaimed + sweep.empty(past[i], 's', budget - reclaimed, now, bits, drop)
    end
  end
  return reclaimed, #past == 200
end
