-- What is known of the resources of the slot: how much there is of each, how much of it is used, and how many jobs wait for it.
-- @repeat read
-- @require refuse, lines
-- @key limits ^rm hash
-- @key used ^ru hash
-- @key lines ^rn set
-- @arg after string               the last name of the page before, '' = from the start
-- @arg limit int                  1 to 1,000
-- @reply OK default:string rows:strings more:int       four values each, by name: name, limit ('' = none of its own), used, waiting
refuse.unless_int('limit', limit, 1, 1000)
local names, seen, rows = {}, {}, {}
for _, found in ipairs({ redis.call('HKEYS', k.limits), redis.call('HKEYS', k.used), redis.call('SMEMBERS', k.lines) }) do
  for _, name in ipairs(found) do
    if not seen[name] and string.byte(name) ~= 9 and name > after then
      seen[name] = true
      names[#names + 1] = name
    end
  end
end
table.sort(names)
for i = 1, math.min(limit, #names) do
  rows[#rows + 1] = names[i]
  rows[#rows + 1] = redis.call('HGET', k.limits, names[i]) or ''
  rows[#rows + 1] = redis.call('HGET', k.used, names[i]) or '0'
  rows[#rows + 1] = tostring(lines.length(names[i]))
end
return { 'OK', redis.call('HGET', k.limits, '\tdefault') or '', rows, #names > limit and 1 or 0 }
