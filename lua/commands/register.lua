-- Enter a queue in the registry of its prefix: name -> where its keys are. KEYS[1] is the registry itself, no queue's base.
-- @repeat natural
-- @oom first-write
-- @key queues . hash name -> format and place
-- @arg name string                the queue's name
-- @arg place string               format and hash tag the caller would use; '' = enter nothing, and only say what is there
-- @reply OK place:string          '' if it is not there
if place ~= '' then redis.call('HSETNX', k.queues, name, place) end
return { 'OK', redis.call('HGET', k.queues, name) or '' }
