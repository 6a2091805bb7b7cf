-- Takes jobs back from epochs: all of a closed one (uncharged), those of one whose lease ran out (reclaimed).
-- @require leave
-- @key leases L zset
-- @key held h:<epoch> hash
-- @key idle i set
-- @key workers ws hash epoch -> what the worker says of itself
local sweep = {}

-- Order of leasing, as far as a hash shows it: call by call, and within a call by the producer's count.
local function earlier(a, b)
  if a.seq ~= b.seq then return a.seq < b.seq end
  if #a.id ~= #b.id then return #a.id < #b.id end
  return a.id < b.id
end

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
        local seq, flags = string.match(value, '^[^.]*%.(%d+)%.(.*)$')
        entries[#entries + 1] = { id = id, seq = tonumber(seq), flags = flags, how = how, duration = 0, body = '' }
      end
    end
  until cursor == '0' or #entries >= budget
  table.sort(entries, earlier)
  leave.apply(epoch, entries, now, bits, drop)
  if #entries < budget then
    redis.call('DEL', key)
    redis.call('ZREM', k.leases, epoch)
    redis.call('SREM', k.idle, epoch)
    redis.call('HDEL', k.workers, epoch)
  end
  return #entries
end

-- True if the epoch is past its lease and shall be reclaimed. Where nobody has looked for a third of its lease (an outage,
-- a failover), an epoch that was alive at the last look gets one more lease instead: else an outage would run all jobs twice.
local function is_lost(epoch, expiry, seen, now)
  local key = k.held .. epoch
  local facts = redis.call('HMGET', key, '\topen', '\tgrace')
  if not facts[1] then return true end
  local lease = tonumber(string.match(facts[1], '^%d+,(%d+)'))
  if now - seen > lease / 3 and tonumber(expiry) >= seen and facts[2] ~= expiry then
    local extended = string.format('%.0f', now + lease)
    redis.call('HSET', key, '\tgrace', extended)
    redis.call('ZADD', k.leases, extended, epoch)
    return false
  end
  redis.call('HDEL', key, '\topen')
  return true
end

-- Reclaims at most `budget` jobs of lost epochs; returns how many.
function sweep.lost(now, seen, budget, bits, drop)
  local past = redis.call('ZRANGEBYSCORE', k.leases, '-inf', string.format('%.0f', now), 'WITHSCORES', 'LIMIT', 0, 100)
  local reclaimed = 0
  for i = 1, #past, 2 do
    if reclaimed < budget and is_lost(past[i], past[i + 1], seen, now) then
      reclaimed = reclaimed + sweep.empty(past[i], 's', budget - reclaimed, now, bits, drop)
    end
  end
  return reclaimed
end
