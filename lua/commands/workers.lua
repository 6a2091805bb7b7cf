-- The live workers of the queue, by the ends of their leases: what each says of itself, how many jobs it holds, and what it said
-- last that it runs, as far as it still does.
-- @repeat read
-- @require refuse, holds
-- @key leases L zset
-- @key held h:<epoch> hash
-- @key workers ws hash
-- @key reports wk hash
-- @arg offset int                 how many to pass over
-- @arg limit int                  1 to 100
-- @reply OK rows:strings? total:int       six each: epoch, lease end, jobs held, info, since when, lines of `report`; how many there are
refuse.unless_int('offset', offset, 0, 9007199254740991)
refuse.unless_int('limit', limit, 1, 100)

-- The lines of a report whose runs still hold their jobs.
local function running(epoch)
  local lines, ids, tokens = {}, {}, {}
  for line, id, token in string.gmatch(redis.call('HGET', k.reports, epoch) or '', '(([^\t\n]*)\t([^\t\n]*)[^\n]*)\n') do
    lines[#lines + 1], ids[#ids + 1], tokens[#tokens + 1] = line, id, token .. '.'
  end
  if #ids == 0 then return '' end
  local held, kept = redis.call('HMGET', k.held .. epoch, unpack(ids)), {}
  for i = 1, #ids do
    if held[i] and string.sub(held[i], 1, #tokens[i]) == tokens[i] then kept[#kept + 1] = lines[i] end
  end
  return table.concat(kept, '\n')
end

local rows = {}
local live = redis.call('ZRANGE', k.leases, offset, offset + limit - 1, 'WITHSCORES')
for i = 1, #live, 2 do
  local open = redis.call('HGET', k.held .. live[i], '\topen')
  local row = { live[i], live[i + 1], tostring(holds.count(live[i])), redis.call('HGET', k.workers, live[i]),
    open and string.match(open, '%d+$'), running(live[i]) }
  for n = 1, 6 do rows[#rows + 1] = row[n] or false end
end
return { 'OK', rows, redis.call('ZCARD', k.leases) }
