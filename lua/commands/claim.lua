-- Put jobs that waited for a handler of their name back to the front of the queue: sent by a worker that has one. At most
-- 1,000 a call: repeat while it moves so many.
-- @repeat natural
-- @oom allow
-- @require clock, record, ready, aside, events, wake
-- @key meta q hash
-- @key headers m hash
-- @arg name string                the job's name
-- @reply OK moved:int
local now = clock.now(now_arg)
local bits = redis.call('HGET', k.meta, 'bits') or ''
local ids, rows = aside.take(name, 1000), {}
if #ids == 0 then return { 'OK', 0 } end
local stored = redis.call('HMGET', k.headers, unpack(ids))
for i = 1, #ids do
  rows[i] = record.row(ids[i], stored[i], '')
  events.push('w', ids[i], name)
end
ready.put_front(rows, bits)
events.flush(bits, now)
wake.some(#ids)
return { 'OK', #ids }
