-- The jobs that wait for one, and those that it has failed, in no order.
-- @repeat read
-- @require refuse, relatives
-- @key jobs j hash
-- @key dependents dd:<id> set
-- @key failed df:<id> set
-- @arg id string
-- @arg cursor string              '' begins
-- @arg limit int                  about so many: 1 to 100
-- @reply OK rows:strings cursor:string      two values each: the job, by id or as {queue}id; its state. '' = no more
-- @reply NOT_FOUND
refuse.unless_name('id', id)
refuse.unless_int('limit', limit, 1, 100)
if redis.call('HEXISTS', k.jobs, id) == 0 then return { 'NOT_FOUND' } end
local set, at = string.match(cursor ~= '' and cursor or 'd0', '^([df])(%d+)$')
if not set then refuse.with('INVALID_OPTION', 'The cursor is none of a list of dependents.') end
local page = redis.call('SSCAN', (set == 'd' and k.dependents or k.failed) .. id, at, 'COUNT', limit)
local states, rows = relatives.states(page[2]), {}
for i, ref in ipairs(page[2]) do
  rows[#rows + 1] = ref
  rows[#rows + 1] = states[i]
end
local next_cursor = page[1] ~= '0' and set .. page[1] or (set == 'd' and 'f0' or '')
return { 'OK', rows, next_cursor }
