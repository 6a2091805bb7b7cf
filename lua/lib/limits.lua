-- The limits of a queue that hold over all its workers: how many jobs run at once, and how many start in a time. Bit l.
-- @require window, wake, holds
-- @key meta q hash
-- @key starts rl list
-- @key leases L zset
-- @key tokens gd zset
local limits = {}

-- Settings, as they were read.
local most, rate, per

local function has(bits) return string.find(bits, 'l', 1, true) ~= nil end

-- How many of `want` jobs may be leased.
function limits.room(want, now)
  local facts = redis.call('HMGET', k.meta, 'concurrency', 'active', 'rate')
  most = tonumber(facts[1])
  rate, per = string.match(facts[3] or '', '^(%d+),(%d+)$')
  rate, per = tonumber(rate), tonumber(per)
  if most then want = math.min(want, math.max(0, most - (tonumber(facts[2]) or 0))) end
  if rate then want = math.min(want, (window.look(k.starts, rate, per, now))) end
  return want
end

-- Whether there is a rate, behind `room`.
function limits.has_rate() return rate ~= nil end

-- So many were leased, behind `room`.
function limits.took(n, now)
  if n == 0 then return end
  if most then redis.call('HINCRBY', k.meta, 'active', n) end
  if rate then window.add(k.starts, n, per, now) end
end

-- The sooner of two waits in ms, of which the first may be -1, for no time.
local function sooner(wait, open) return wait < 0 and open or math.min(wait, open) end

-- When to ask again, in ms: `wait`, or sooner where the rate lets a job start before; -1 = at no time.
function limits.sooner(wait, now)
  if not rate then return wait end
  local allowed, open = window.look(k.starts, rate, per, now)
  return allowed > 0 and wait or sooner(wait, open)
end

-- The same where the rate of a group lets a job start before.
function limits.sooner_in_groups(wait, now)
  local first = redis.call('ZRANGE', k.tokens, 0, 0, 'WITHSCORES')
  return first[2] and sooner(wait, math.max(first[2] - now, 1)) or wait
end

-- So many are held no more. Who found the queue full is parked: one of them is woken, and wakes the next.
function limits.freed(n, bits)
  if n == 0 or not has(bits) then return end
  local limit = tonumber(redis.call('HGET', k.meta, 'concurrency'))
  if not limit then return end
  local active = redis.call('HINCRBY', k.meta, 'active', -n)
  if active < limit and active + n >= limit then wake.freed(1) end
end

-- Counts anew what is held, where the limit of it was set; whether there is a limit at all.
function limits.recount()
  local facts = redis.call('HMGET', k.meta, 'concurrency', 'rate')
  if facts[1] then
    local active = 0
    for _, epoch in ipairs(redis.call('ZRANGE', k.leases, 0, -1)) do active = active + #holds.ids(epoch) end
    redis.call('HSET', k.meta, 'active', active)
  else redis.call('HDEL', k.meta, 'active') end
  if not facts[2] then redis.call('DEL', k.starts) end
  return (facts[1] or facts[2]) and true or false
end
