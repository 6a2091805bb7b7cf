-- What came of the jobs on which one depends, in the order in which that was said: as it was when they ended, also if they are gone
-- since. A large result is read where it is.
-- @repeat read
-- @require refuse, side, links, elsewhere
-- @key results dr:<id> hash
-- @arg id string
-- @arg offset int                 how many to pass over
-- @reply OK rows:strings next:int       three values each: the job, by id or as {queue}id; how it ended: a letter of an outcome, R it was
--   removed or is not there, > its result was too large to be kept and is gone with it, '' it has not ended; the result. 0 = no more
refuse.unless_name('id', id)
refuse.unless_int('offset', offset, 0, 9007199254740991)

-- A page ends behind what passes so many bytes.
local MOST_BYTES = 1048576
local CHUNK = 50

-- Of a job that has left nothing here: it goes on, or what it leaves is too large.
local function look(ref, letter)
  local queue, other = links.parse(ref)
  local now, body
  elsewhere.run(queue, function() now, body = links.fate(other) end)
  if letter == '>' then
    if now == 'c' then return 'c', body end
    return '>', ''
  end
  return now or 'R', now == 'c' and body or ''
end

local refs = side.of(id).d or { '' }
local rows, bytes, at = {}, 0, offset + 2
while at <= #refs and bytes < MOST_BYTES do
  local some = { unpack(refs, at, math.min(#refs, at + CHUNK - 1)) }
  local kept = redis.call('HMGET', k.results .. id, unpack(some))
  for i, ref in ipairs(some) do
    if bytes >= MOST_BYTES then break end
    local letter, body = string.sub(kept[i] or '', 1, 1), string.sub(kept[i] or '', 2)
    if letter == '' or letter == '>' then letter, body = look(ref, letter) end
    rows[#rows + 1], rows[#rows + 2], rows[#rows + 3] = ref, letter, body
    bytes, at = bytes + #body, at + 1
  end
end
return { 'OK', rows, at <= #refs and at - 2 or 0 }
