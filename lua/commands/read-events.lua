-- Read the event stream after an id. Nobody blocks on the stream: readers come when the nudge channel speaks, or from time to time.
-- @repeat read
-- @require refuse, events
-- @key events ev stream
-- @arg after string               the last id read; 0-0 = from the beginning; '' = only say where the stream ends now
-- @arg limit int                  entries at most
-- @reply OK last:string gap:int entries:strings     last = id to go on from; gap 1 = entries right after `after` are gone
refuse.unless_int('limit', limit, 0, 1000)
if after == '' then return { 'OK', events.newest(), 0, {} } end
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
local gap = found[1] and found[1][2][6] ~= after
return { 'OK', last, gap and 1 or 0, rows }
