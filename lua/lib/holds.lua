-- What an epoch holds: the fields of its held hash that are jobs. Those that begin with a tab say something of the epoch.
-- A held value is slot.seq.nth facts: slot.seq is the token, `nth` counts what the epoch has leased, from 10^12 on.
-- @key held h:<epoch> hash
local holds = {}

-- How many jobs an epoch holds: its fields but those of its own, of which `\tslots` counts those of slots.
local OWN = { '\topen', '\ttable', '\ttaken', '\tpause', '\tgrace', '\tlate', '\tleased' }

function holds.count(epoch)
  local fields = redis.call('HLEN', k.held .. epoch)
  if fields == 0 then return 0 end
  local own = redis.call('HMGET', k.held .. epoch, '\tslots', unpack(OWN))
  local slots = own[1] and (tonumber(own[1]) or 0) + 1 or 0
  fields = fields - slots
  for i = 2, #OWN + 1 do
    if own[i] then fields = fields - 1 end
  end
  return fields
end

function holds.ids(epoch)
  local ids = {}
  for _, field in ipairs(redis.call('HKEYS', k.held .. epoch)) do
    if string.byte(field) ~= 9 then ids[#ids + 1] = field end
  end
  return ids
end

-- A job with its held value in parts: { id, token, slot, seq, nth, facts }. One that was spoilt is read as that of a call that
-- there never was: it must not keep the others from coming back.
function holds.entry(id, value)
  local slot, seq, nth, facts = string.match(value, '^([^.]*)%.(%d+)%.(%d*)(.*)$')
  if not slot then slot, seq, nth, facts = '', '0', '', '' end
  return { id = id, token = slot .. '.' .. seq, slot = slot, seq = tonumber(seq), nth = tonumber(nth) or 0, facts = facts }
end

-- Brings entries into the order of their leasing.
function holds.sort(entries)
  table.sort(entries, function(a, b) return a.nth < b.nth end)
end
