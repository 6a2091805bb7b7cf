-- Wakes parked workers, each on its own channel. A wake-up is a hint: a worker that misses it polls.
-- @key idle i set epochs that found nothing and wait
-- @key leases L zset
-- @key channel w:<epoch> channel
local wake = {}

-- A put of n jobs wakes at most 8; a worker that nobody hears any more (0 receivers) is passed over.
function wake.some(n)
  local left = n
  for _ = 1, 8 do
    if left <= 0 then return end
    local epoch = redis.call('SPOP', k.idle)
    if not epoch then return end
    if redis.call('PUBLISH', k.channel .. epoch, 'w') > 0 then left = left - 1 end
  end
end

local is_later, freed = false, 0

-- From now on nobody is woken for what becomes free before `rest`: the call takes of it itself.
function wake.later() is_later = true end

-- Something that kept `n` jobs from starting is gone.
function wake.freed(n)
  if is_later then freed = freed + n else wake.some(n) end
end

-- Wakes for what has become free and was not taken.
function wake.rest(taken) wake.some(freed - taken) end

-- Tells all workers of a change: (p)ause, (c)onfiguration.
function wake.tell_all(what)
  for _, epoch in ipairs(redis.call('ZRANGE', k.leases, 0, 999)) do wake.tell(epoch, what) end
end

function wake.tell(epoch, what)
  redis.call('PUBLISH', k.channel .. epoch, what)
end
