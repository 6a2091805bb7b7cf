-- Pause or resume a queue. The pause number rises by one at each change and is odd while paused; workers are told at once.
-- @repeat natural
-- @oom allow
-- @require refuse, wake
-- @key meta q hash
-- @arg on int                     1 pause, 0 resume
-- @reply OK pause:int
refuse.unless_int('on', on, 0, 1)
local pause = tonumber(redis.call('HGET', k.meta, 'pause')) or 0
if pause % 2 ~= on then
  pause = redis.call('HINCRBY', k.meta, 'pause', 1)
  wake.tell_all('p')
end
return { 'OK', pause }
