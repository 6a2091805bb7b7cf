-- Write something down for a running job, if its token is still good: p progress, t the result of a named step (the first
-- one stays; it also clears the job's stalls, for a poison job completes none), l a line of its log.
-- @repeat natural
-- @oom first-write
-- @require clock, refuse, record, events
-- @key meta q hash
-- @key held h:<epoch> hash
-- @key headers m hash
-- @key notes s:<id> hash
-- @arg epoch string
-- @arg id string
-- @arg token string
-- @arg kind string                p, t or l
-- @arg name string                of the step; the number of the line
-- @arg value string
-- @reply OK kept:string           what is noted now: an earlier result of the same step wins
-- @reply LEASE_LOST
-- @event p
local now = clock.now(now_arg)
if not string.find(kind, '^[ptl]$') then refuse.call('The kind of a note is p, t or l.') end
refuse.unless_name('id', id)
refuse.unless_token(token)
local facts = redis.call('HMGET', k.held .. epoch, '\topen', id)
local held = facts[2]
if not facts[1] or not held or string.sub(held, 1, #token + 1) ~= token .. '.' then return { 'LEASE_LOST' } end
local field = kind == 'p' and 'p' or kind .. name
if kind == 'p' then redis.call('HSET', k.notes .. id, field, value)
else redis.call('HSETNX', k.notes .. id, field, value) end
local header = record.header(redis.call('HGET', k.headers, id))
if not record.has(header.flags, 'N') or (kind == 't' and header.stalls > 0) then
  if not record.has(header.flags, 'N') then header.flags = header.flags .. 'N' end
  if kind == 't' then header.stalls = 0 end
  redis.call('HSET', k.headers, id, record.header_text(header))
end
local known = string.sub(held, #token + 2)
local missing = (record.has(known, 'H') and '' or 'H') .. (record.has(known, 'N') and '' or 'N')
if missing ~= '' then redis.call('HSET', k.held .. epoch, id, held .. missing) end
if kind == 'p' then
  events.push('p', id)
  events.flush(redis.call('HGET', k.meta, 'bits') or '', now)
end
return { 'OK', redis.call('HGET', k.notes .. id, field) }
