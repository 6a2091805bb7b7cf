-- The outcome of a job, or the promise that it will be published to `channel` in the moment in which the job ends.
-- @repeat natural
-- @oom first-write
-- @require clock, refuse, features
-- @key meta q hash
-- @key jobs j hash
-- @key outcomes o hash
-- @key waiters aw hash
-- @arg id string
-- @arg channel string             without blanks
-- @arg for_ms int                 how long the wait is remembered; ask again before
-- @reply ENDED outcome:string
-- @reply WAIT
-- @reply NOT_FOUND
local now = clock.now(now_arg)
if not string.find(channel, '^[^%s%c]+$') then refuse.call('The channel is empty or has a blank.') end
refuse.unless_int('for_ms', for_ms, 1, 1000000000)
local outcome = redis.call('HGET', k.outcomes, id)
if outcome then return { 'ENDED', outcome } end
if redis.call('HEXISTS', k.jobs, id) == 0 then return { 'NOT_FOUND' } end
features.enable(redis.call('HGET', k.meta, 'bits') or '', 'a')
local stored = redis.call('HGET', k.waiters, id)
local until_ms, channels = string.match(stored or '0\t', '^(%d+)\t(.*)$')
if not string.find(' ' .. channels .. ' ', ' ' .. channel .. ' ', 1, true) then
  channels = channels == '' and channel or channels .. ' ' .. channel
end
redis.call('HSET', k.waiters, id, string.format('%.0f', math.max(tonumber(until_ms), now + for_ms)) .. '\t' .. channels)
return { 'WAIT' }
