-- What the passing of time asks for, in bounded steps: lost epochs, due jobs, retention, ghosts. Any worker, any time.
-- @repeat natural
-- @oom allow
-- @require clock, features, sweep, due, retention, lane, ghosts, events
-- @key meta q hash
-- @key names un set
-- @arg budget int                 jobs touched at most, per kind of work
-- @reply OK more:int due:int unclaimed:strings       due = ms until the next delayed job, -1 none
-- @reply UPGRADE bits:string
-- @event s w f
local now = clock.now(now_arg)
local facts = redis.call('HMGET', k.meta, 'bits', 'drop', 'seen')
local bits, drop = facts[1] or '', facts[2] or ''
if not features.are_known(bits) then return { 'UPGRADE', bits } end
local reclaimed = sweep.lost(now, tonumber(facts[3]) or now, budget, bits, drop)
redis.call('HSET', k.meta, 'seen', string.format('%.0f', now))
local moved = due.promote(now, budget, bits)
local pruned = retention.prune(now, budget)
local swept
swept, bits = ghosts.sweep(budget, bits)
lane.prune(now, 10)
if string.find(bits, 'a', 1, true) and retention.drop_waiters(now) == 0 then bits = features.disable(bits, 'a') end
if string.find(bits, 'e', 1, true) and (tonumber(redis.call('HGET', k.meta, 'listening')) or 0) <= now then
  bits = features.disable(bits, 'e')
end
events.flush(bits, now)
local more = (reclaimed >= budget or moved >= budget or pruned >= budget or swept) and 1 or 0
return { 'OK', more, due.wait(now), redis.call('SMEMBERS', k.names) }
