-- Wakes parked workers, each on its own channel. A wake-up is a hint: a worker that misses it polls.
-- @key idle i set epochs that found nothing and wait
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

function wake.tell(epoch, what)
  redis.call('PUBLISH', k.channel .. epoch, what)
end
