-- Put jobs that waited for a handler of their name back to the front of the queue: sent by a worker that has one.
-- @repeat natural
-- @oom allow
-- @require clock, record, ready, events, wake
-- @key meta q hash
-- @key names un set
-- @key unclaimed u:<name> zset
-- @arg name string                the job's name
-- @reply OK moved:int
local now = clock.now(now_arg)
local bits = redis.call('HGET', k.meta, 'bits') or ''
local popped = redis.call('ZPOPMIN', k.unclaimed .. name, 1000)
local ids = {}
for i = 1, #popped, 2 do ids[#ids + 1] = popped[i] end
if redis.call('EXISTS', k.unclaimed .. name) == 0 then redis.call('SREM', k.names, name) end
ready.put_front(record.load(ids, string.find(bits, 'p', 1, true)), bits)
for i = 1, #ids do events.push('w', ids[i], name) end
events.flush(bits, now)
wake.some(#ids)
return { 'OK', #ids }
