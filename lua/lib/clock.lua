-- The one clock of the core: the server's time in ms. A queue that was created under virtual time takes the caller's.
-- @require refuse
-- @key meta q hash
local clock = {}

function clock.now(given)
  if given == '' then
    local t = redis.call('TIME')
    return t[1] * 1000 + math.floor(t[2] / 1000)
  end
  if redis.call('HGET', k.meta, 'virtual') ~= '1' then
    refuse.with('QUEUE_MISMATCH', 'This queue lives by the clock of the server; a given time is refused.')
  end
  -- The time is a part of each envelope, with this many digits: the years 2001 to 2286.
  if not string.find(given, '^[1-9]%d%d%d%d%d%d%d%d%d%d%d%d$') then
    refuse.call('The time is not a number of ms with 13 digits.')
  end
  return tonumber(given)
end
