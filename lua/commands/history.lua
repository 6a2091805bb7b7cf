-- What became of a job: the entries of its history, the oldest first; when it was added, and how it ended.
-- @repeat read
-- @require refuse, record
-- @key jobs j hash
-- @key outcomes o hash
-- @key entries hs:<id> list
-- @arg id string
-- @reply OK created:int entries:strings outcome:string      entries as in lua/records.md; outcome '' = it has not ended
-- @reply NOT_FOUND
refuse.unless_name('id', id)
local envelope = redis.call('HGET', k.jobs, id)
if not envelope then return { 'NOT_FOUND' } end
return { 'OK', record.created_at(envelope), redis.call('LRANGE', k.entries .. id, 0, -1), redis.call('HGET', k.outcomes, id) or '' }
