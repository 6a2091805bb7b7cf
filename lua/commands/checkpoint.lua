-- Replace the payload of a running job, if its token is still good: later attempts get this one.
-- @repeat natural
-- @oom first-write
-- @require refuse, amend
-- @key held h:<epoch> hash
-- @key jobs j hash
-- @arg epoch string
-- @arg id string
-- @arg token string
-- @arg data string
-- @reply OK
-- @reply LEASE_LOST
refuse.unless_name('id', id)
refuse.unless_token(token)
local facts = redis.call('HMGET', k.held .. epoch, '\topen', id)
if not facts[1] or not facts[2] or string.sub(facts[2], 1, #token + 1) ~= token .. '.' then return { 'LEASE_LOST' } end
redis.call('HSET', k.jobs, id, amend.envelope(redis.call('HGET', k.jobs, id), nil, data))
return { 'OK' }
