-- What became of the last times of a schedule, latest first: f a job was added, m it and perhaps more were missed and passed
-- over, o passed over because the last job had not ended, u because another had its unique key, k its job was there already.
-- @repeat read
-- @key history sh:<id> list
-- @arg id string
-- @reply OK lines:strings         letter \t time \t when that was decided
return { 'OK', redis.call('LRANGE', k.history .. id, 0, -1) }
