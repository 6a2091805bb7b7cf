-- Close an epoch: whatever the server holds for it goes back to the front, uncharged. Repeat until `left` is 0.
-- @repeat natural
-- @oom allow
-- @require clock, sweep
-- @key meta q hash
-- @key held h:<epoch> hash
-- @arg epoch string
-- @reply OK left:int
local now = clock.now(now_arg)
redis.call('HDEL', k.held .. epoch, '\topen')
local facts = redis.call('HMGET', k.meta, 'bits', 'drop')
local given = sweep.empty(epoch, 'g', 1000, now, facts[1] or '', facts[2] or '')
return { 'OK', given == 1000 and 1 or 0 }
