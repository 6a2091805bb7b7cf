-- Everything that is stored of some jobs, one row of ten each: id, state, envelope, header, outcome, error, at, held, progress, lines.
-- `at` = due time of a delayed, retrying or blocked job; `held` = the epoch that runs an active one. A missing job has an empty state.
-- @repeat read
-- @require refuse, locate
-- @key jobs j hash
-- @key headers m hash
-- @key errors e hash
-- @key notes s:<id> hash
-- @key sides x hash
-- @rest ids id
-- @reply OK rows:strings?
refuse.unless_rows(#ARGV - REST + 1, 1)
local ids, rows = {}, {}
for i = REST, #ARGV do ids[#ids + 1] = ARGV[i] end
locate.prepare(ids)
for _, id in ipairs(ids) do
  local found = locate.find(id) or { state = '' }
  local fields = { id, found.state, redis.call('HGET', k.jobs, id), redis.call('HGET', k.headers, id), found.outcome or false,
    redis.call('HGET', k.errors, id), found.at or found.due or false, found.epoch or false, redis.call('HGET', k.notes .. id, 'p'), redis.call('HGET', k.sides, id) }
  for n = 1, 10 do rows[#rows + 1] = fields[n] end
end
return { 'OK', rows }
