-- What an epoch holds: the fields of its held hash that are jobs. Those that begin with a tab say something of the epoch.
-- @key held h:<epoch> hash
local holds = {}

function holds.ids(epoch)
  local ids = {}
  for _, field in ipairs(redis.call('HKEYS', k.held .. epoch)) do
    if string.byte(field) ~= 9 then ids[#ids + 1] = field end
  end
  return ids
end
