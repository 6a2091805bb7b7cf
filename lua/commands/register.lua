-- Enter a queue in the registry of its prefix: name -> where its keys are. KEYS[1] is the registry itself, no queue's base.
-- @repeat natural
-- @oom first-write
-- @key queues . hash name -> format and place
-- @arg name string                the queue's name
-- @arg place string               format and hash tag the caller would use
-- @reply OK place:string
redis.call('HSETNX', k.queues, name, place)
return { 'OK', redis.call('HGET', k.queues, name) }
