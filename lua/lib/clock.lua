-- The one clock of the core: the server's time in ms. A queue that was created under virtual time takes the caller's.
-- @key meta q hash
local clock = {}

function clock.now(given)
  if given == '' then
    local t = redis.call('TIME')
    return t[1] * 1000 + math.floor(t[2] / 1000)
  end
  if redis.call('HGET', k.meta, 'virtual') ~= '1' then
    error(redis.error_reply('VIRTUAL_TIME this queue runs on the server\'s time; a given time is refused'))
  end
  return tonumber(given)
end
