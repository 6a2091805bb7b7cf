-- The jobs on which one depends, in the order in which that was said, and whether it still waits for them.
-- @repeat read
-- @require refuse, side, relatives
-- @key jobs j hash
-- @key needs dl:<id> set
-- @arg id string
-- @arg offset int                 how many to pass over
-- @arg limit int                  1 to 100
-- @reply OK rows:strings total:int      three values each: the job, by id or as {queue}id; its state ('' = not there); 1 if it is waited for
-- @reply NOT_FOUND
refuse.unless_name('id', id)
refuse.unless_int('offset', offset, 0, 9007199254740991)
refuse.unless_int('limit', limit, 1, 100)
if redis.call('HEXISTS', k.jobs, id) == 0 then return { 'NOT_FOUND' } end
local said = side.of(id).d or { '' }
local refs = { unpack(said, offset + 2, math.min(#said, offset + limit + 1)) }
local states, rows = relatives.states(refs), {}
for i, ref in ipairs(refs) do
  rows[#rows + 1] = ref
  rows[#rows + 1] = states[i]
  rows[#rows + 1] = tostring(redis.call('SISMEMBER', k.needs .. id, ref))
end
return { 'OK', rows, #said - 1 }
