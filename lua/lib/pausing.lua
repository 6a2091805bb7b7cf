-- The pause number of a queue, odd while it is paused. A worker obeys no number below the one that it knows: answers may overtake
-- each other. Where the meta was lost, or is that of an earlier time, the number has to go on above what workers obey.
-- @key leases L zset
-- @key held h:<epoch> hash
local pausing = {}

-- The least number that says what `pause` says and is not below `obeyed`.
function pausing.not_below(pause, obeyed)
  return pause >= obeyed and pause or obeyed + (obeyed - pause) % 2
end

-- The highest number that a worker obeys.
function pausing.obeyed()
  local highest = 0
  for _, epoch in ipairs(redis.call('ZRANGE', k.leases, 0, 999)) do
    highest = math.max(highest, tonumber(redis.call('HGET', k.held .. epoch, '\tpause')) or 0)
  end
  return highest
end
