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

local function earlier(a, b)
  if a.seq ~= b.seq then return a.seq < b.seq end
  if #a.id ~= #b.id then return #a.id < #b.id end
  return a.id < b.id
end

-- Brings jobs read from the hash, { id, seq, … }, into the order of their leasing. A small hash keeps it by itself; of a
-- large one it is what the records show: call by call, and within a call by the producer's count.
function holds.sort(epoch, entries)
  if redis.call('OBJECT', 'ENCODING', k.held .. epoch) == 'hashtable' then table.sort(entries, earlier) end
end
