-- Pause or resume a queue. The pause number rises by one at each change and is odd while paused; workers are told at once. It rises
-- by more where workers obey a higher one: then the meta was lost, or is that of an earlier time.
-- @repeat natural
-- @oom allow
-- @require refuse, pausing, wake
-- @key meta q hash
-- @arg on int                     1 pause, 0 resume
-- @reply OK pause:int
refuse.unless_int('on', on, 0, 1)
local said = tonumber(redis.call('HGET', k.meta, 'pause')) or 0
local pause = pausing.not_below(said, pausing.obeyed())
if pause % 2 ~= on then pause = pause + 1 end
if pause ~= said then
  redis.call('HSET', k.meta, 'pause', string.format('%.0f', pause))
  wake.tell_all('p')
end
return { 'OK', pause }
