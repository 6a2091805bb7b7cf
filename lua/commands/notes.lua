-- Read what a job has noted: progress, steps, log lines.
-- @repeat read
-- @key notes s:<id> hash
-- @arg id string
-- @reply OK fields:strings        name, value, name, value …
return { 'OK', redis.call('HGETALL', k.notes .. id) }
