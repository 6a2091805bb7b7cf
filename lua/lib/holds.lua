-- What an epoch holds: the fields of its held hash that are jobs. Those that begin with a tab say something of the epoch.
-- A held value is slot.seq.nth facts: slot.seq is the token, `nth` counts what the epoch has leased, from 10^12 on.
-- @key held h:<epoch> hash
local holds = {}

function holds.ids(epoch)
  local ids = {}
  for _, field in ipairs(redis.call('HKEYS', k.held .. epoch)) do
    if string.byte(field) ~= 9 then ids[#ids + 1] = field end
  end
  return ids
end

-- A job with its held value in parts: { id, token, slot, seq, nth, facts }.
function holds.entry(id, value)
  local slot, seq, nth, facts = string.match(value, '^([^.]*)%.(%d+)%.(%d*)(.*)$')
  return { id = id, token = slot .. '.' .. seq, slot = slot, seq = tonumber(seq), nth = tonumber(nth) or 0, facts = facts }
end

-- Brings entries into the order of their leasing.
function holds.sort(entries)
  table.sort(entries, function(a, b) return a.nth < b.nth end)
end
