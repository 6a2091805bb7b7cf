-- Close an epoch: whatever the server holds for it goes back to the front, uncharged. Repeat until `left` is 0.
-- @repeat natural
-- @oom allow
-- @require clock, sweep, events
-- @key meta q hash
-- @key held h:<epoch> hash
-- @arg epoch string
-- @reply OK left:int
-- @event w
local now = clock.now(now_arg)
redis.call('HDEL', k.held .. epoch, '\topen')
local meta = redis.call('HMGET', k.meta, 'bits', 'drop')
local given = sweep.empty(epoch, 'g', 1000, now, meta[1] or '', meta[2] or '')
events.flush(meta[1] or '', now)
return { 'OK', given == 1000 and 1 or 0 }
