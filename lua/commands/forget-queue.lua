-- Take a queue off the registry of its prefix. KEYS[1] is the registry itself; the keys of the queue stay.
-- @repeat natural
-- @oom allow
-- @key queues . hash name -> format and place
-- @arg name string
-- @reply OK had:int
return { 'OK', redis.call('HDEL', k.queues, name) }
