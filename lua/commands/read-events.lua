-- Read the event stream after an id. Nobody blocks on the stream: readers come when the nudge channel speaks, or from time to time.
-- @repeat read
-- @require refuse
-- @key events ev stream
-- @arg after string               the last id read; '' = only say where the stream ends now
-- @arg limit int                  entries at most
-- @reply OK last:string gap:int entries:strings     last = id to go on from; gap 1 = entries after `after` were trimmed away
refuse.unless_int('limit', limit, 0, 1000)
if after == '' then
  local newest = redis.call('XREVRANGE', k.events, '+', '-', 'COUNT', 1)
  return { 'OK', newest[1] and newest[1][1] or '0-0', 0, {} }
end
if not string.find(after, '^%d+%-%d+$') then refuse.call('The id of an entry is two numbers.') end
local rows, last = {}, after
local found = redis.call('XRANGE', k.events, '(' .. after, '+', 'COUNT', limit)
for i = 1, #found do
  local fields = found[i][2]
  rows[#rows + 1] = found[i][1]
  rows[#rows + 1] = fields[2]
  rows[#rows + 1] = fields[4]
  last = found[i][1]
end
local gap = 0
if after ~= '0-0' and #found > 0 and #redis.call('XRANGE', k.events, after, after) == 0 then gap = 1 end
return { 'OK', last, gap, rows }
